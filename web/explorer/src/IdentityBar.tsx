import { type ChangeEvent, useState } from "react";

import { SignInForm } from "./SignInForm";
import type { Caller, DemoAccount } from "./session";
import { session, useSession } from "./workbench";

const ANONYMOUS = "anonymous";
const GUEST = "guest";
const OTHER = "other";

export function IdentityBar() {
  const { caller, accounts, guestToken, halfway, busy, problem } = useSession();
  const [asksForAccount, setAsksForAccount] = useState(false);
  const hasDemo = accounts !== null && accounts.length > 0;
  const noDemo = accounts !== null && accounts.length === 0;
  const showsForm =
    asksForAccount || halfway !== null || (noDemo && caller.kind !== "account");

  async function choose(event: ChangeEvent<HTMLSelectElement>): Promise<void> {
    const { value } = event.target;
    setAsksForAccount(value === OTHER);
    if (value === ANONYMOUS) session.actAnonymously();
    else if (value === GUEST) session.actAsGuest();
    else if (value !== OTHER) await session.signIn(accounts!.find(({ email }) => email === value)!);
  }

  return (
    <header className="bar">
      <div className="brand">
        <img src={`${import.meta.env.BASE_URL}marketfront.svg`} alt="" width="26" height="26" />
        <h1>Marketfront</h1>
        <span className="brand-note">GraphQL explorer</span>
      </div>
      <div className="identity">
        {hasDemo && (
          <label>
            <span>Act as</span>
            <select
              value={asksForAccount ? OTHER : choiceOf(caller)}
              disabled={busy}
              onChange={(event) => void choose(event)}
            >
              <option value={ANONYMOUS}>Anonymous</option>
              {guestToken && <option value={GUEST}>Guest</option>}
              <optgroup label="Demo accounts">
                {accounts.map(({ email, label }) => (
                  <option key={email} value={email}>
                    {label}
                  </option>
                ))}
              </optgroup>
              <UnlistedAccount caller={caller} accounts={accounts} />
              <option value={OTHER}>Another account…</option>
            </select>
          </label>
        )}
        {showsForm && <SignInForm onSignedIn={() => setAsksForAccount(false)} />}
        <p className={`who who-${caller.kind}`} role="status">
          {busy ? "Signing in…" : describe(caller)}
        </p>
        {noDemo && caller.kind === "account" && (
          <button type="button" className="quiet" onClick={() => session.actAnonymously()}>
            Sign out
          </button>
        )}
      </div>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </header>
  );
}

function UnlistedAccount({ caller, accounts }: { caller: Caller; accounts: DemoAccount[] }) {
  if (caller.kind !== "account") return null;
  if (accounts.some(({ email }) => email === caller.email)) return null;
  return <option value={caller.email}>{caller.email}</option>;
}

function choiceOf(caller: Caller): string {
  return caller.kind === "account" ? caller.email : caller.kind;
}

function describe(caller: Caller): string {
  if (caller.kind === "anonymous") return "No token is sent";
  if (caller.kind === "guest") return "A guest token is sent";
  return `Signed in as ${caller.email}`;
}
