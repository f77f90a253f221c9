/** Who the explorer acts as. Kept in sessionStorage: a reload keeps it, closing the tab ends it. */

import { CodeNeeded, completeTokens, createTokens, refreshTokens, type Tokens } from "./tokens";

export type AccountKind = "shopper" | "merchant" | "platform";

export interface DemoAccount {
  label: string;
  email: string;
  password: string;
  kind: AccountKind;
}

export type Caller =
  | { kind: "anonymous" }
  | { kind: "guest"; token: string }
  | { kind: "account"; email: string; label: string; role: AccountKind | null; tokens: Tokens };

export interface SessionState {
  caller: Caller;
  /** The last guest token seen, so that one can come back to the guest's cart. */
  guestToken: string | null;
  /** Null until the server said whether it has demo accounts. */
  accounts: DemoAccount[] | null;
  /** Whose password was right, and who has to show a one-time code. */
  halfway: { email: string; ticket: string } | null;
  busy: boolean;
  problem: string | null;
}

const STORAGE_KEY = "marketfront.session";
const REFRESH_BEFORE_MS = 30_000;
const ANONYMOUS: Caller = { kind: "anonymous" };
const ENDED = "The server does not accept the token any more; acting anonymously.";

export class Session {
  #state: SessionState;
  #listeners = new Set<() => void>();
  #refreshing: Promise<void> | null = null;

  constructor() {
    this.#state = { ...stored(), accounts: null, halfway: null, busy: false, problem: null };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): SessionState => this.#state;

  async loadAccounts(): Promise<void> {
    const response = await fetch("/demo/accounts.json").catch(() => null);
    const accounts = response?.ok ? ((await response.json()) as DemoAccount[]) : [];
    this.#set({ accounts });
  }

  async signIn({ email, password }: { email: string; password: string }): Promise<boolean> {
    return this.#enter(email, () => createTokens({ email, password }));
  }

  async signInByCode(code: string): Promise<boolean> {
    const { halfway } = this.#state;
    return halfway ? this.#enter(halfway.email, () => completeTokens(halfway.ticket, code)) : false;
  }

  async #enter(email: string, request: () => Promise<Tokens>): Promise<boolean> {
    this.#set({ busy: true, problem: null });
    try {
      const tokens = await request();
      const demo = this.#state.accounts?.find((account) => account.email === email);
      const { label, kind } = demo ?? { label: email, kind: null };
      this.#set({ caller: { kind: "account", email, label, role: kind, tokens }, halfway: null });
      return true;
    } catch (error) {
      if (error instanceof CodeNeeded) {
        this.#set({ halfway: { email, ticket: error.ticket } });
        return false;
      }
      this.#set({ problem: `Could not sign in. ${(error as Error).message}` });
      return false;
    } finally {
      this.#set({ busy: false });
    }
  }

  actAnonymously(): void {
    this.#set({ caller: ANONYMOUS, halfway: null, problem: null });
  }

  actAsGuest(): void {
    const { guestToken } = this.#state;
    if (guestToken) this.#set({ caller: { kind: "guest", token: guestToken }, problem: null });
  }

  /** A result named a guest token: it is ours from now on, unless an account is in use. */
  adoptGuest(guestToken: string): void {
    this.#set({ guestToken });
    if (this.#state.caller.kind !== "account") this.actAsGuest();
  }

  async authorization(): Promise<Record<string, string>> {
    await this.#stayFresh();
    const value = bearer(this.#state.caller);
    return value ? { Authorization: value } : {};
  }

  /** The server no longer knows a token (a database made anew, a sign-in revoked). */
  tokenRefused(authorization: string | null): void {
    const { caller, guestToken } = this.#state;
    if (authorization === null || authorization !== bearer(caller)) return;
    this.#set({
      caller: ANONYMOUS,
      guestToken: caller.kind === "guest" ? null : guestToken,
      problem: ENDED,
    });
  }

  /** One refresh at a time: a refresh token used twice ends the session on the server. */
  async #stayFresh(): Promise<void> {
    const { caller } = this.#state;
    if (caller.kind !== "account") return;
    if (Date.parse(caller.tokens.expiresAt) - Date.now() > REFRESH_BEFORE_MS) return;
    this.#refreshing ??= refreshTokens(caller.tokens)
      .then((tokens) => this.#set({ caller: { ...caller, tokens } }))
      .catch(() => this.#set({ caller: ANONYMOUS, problem: ENDED }))
      .finally(() => {
        this.#refreshing = null;
      });
    await this.#refreshing;
  }

  #set(change: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...change };
    const { caller, guestToken } = this.#state;
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ caller, guestToken }));
    for (const listener of this.#listeners) listener();
  }
}

function bearer(caller: Caller): string | null {
  if (caller.kind === "anonymous") return null;
  return `Bearer ${caller.kind === "guest" ? caller.token : caller.tokens.accessToken}`;
}

function stored(): Pick<SessionState, "caller" | "guestToken"> {
  const text = sessionStorage.getItem(STORAGE_KEY);
  return text ? JSON.parse(text) : { caller: ANONYMOUS, guestToken: null };
}
