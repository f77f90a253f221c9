import { type FormEvent, useState } from "react";

import { session } from "./workbench";

interface Props {
  busy: boolean;
  onSignedIn: () => void;
}

export function SignInForm({ busy, onSignedIn }: Props) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (await session.signIn({ email, password })) onSignedIn();
  }

  return (
    <form className="sign-in" onSubmit={(event) => void submit(event)}>
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
      <button type="submit" disabled={busy}>
        Sign in
      </button>
    </form>
  );
}
