import { type FormEvent, useState } from "react";

import { session, useSession } from "./workbench";

interface Props {
  onSignedIn: () => void;
}

export function SignInForm({ onSignedIn }: Props) {
  const { busy, halfway } = useSession();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const asked = halfway ? session.signInByCode(code) : session.signIn({ email, password });
    if (await asked) onSignedIn();
    setCode("");
  }

  return (
    <form className="sign-in" onSubmit={(event) => void submit(event)}>
      {halfway ? (
        <input
          type="text"
          name="code"
          aria-label={`One-time code of ${halfway.email}, or a recovery code`}
          placeholder="One-time code"
          autoComplete="one-time-code"
          autoFocus
          required
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      ) : (
        <>
          <input
            type="email"
            name="email"
            aria-label="E-mail"
            placeholder="E-mail"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <input
            type="password"
            name="password"
            aria-label="Password"
            placeholder="Password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </>
      )}
      <button type="submit" disabled={busy}>
        Sign in
      </button>
    </form>
  );
}
