/** The token mutations, sent apart from the editor: they carry no Authorization of their own. */

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  expiresAt: string;
}

interface TokenPayload extends Partial<Tokens> {
  userErrors: { message: string; ticket?: string }[];
}

/** The password was right; the account asks for a code, too. */
export class CodeNeeded extends Error {
  constructor(readonly ticket: string) {
    super("The account asks for a one-time code.");
  }
}

const SELECTION = `{ accessToken refreshToken expiresAt
  userErrors { message ... on SecondFactorRequired { ticket } } }`;
const TOKEN_CREATE = `mutation SignIn($input: TokenCreateInput!) {
  payload: tokenCreate(input: $input) ${SELECTION}
}`;
const TOKEN_CREATE_COMPLETE = `mutation SignInByCode($input: TokenCreateCompleteInput!) {
  payload: tokenCreateComplete(input: $input) ${SELECTION}
}`;
const TOKEN_REFRESH = `mutation StaySignedIn($input: TokenRefreshInput!) {
  payload: tokenRefresh(input: $input) ${SELECTION}
}`;

export function createTokens(input: { email: string; password: string }): Promise<Tokens> {
  return requestTokens(TOKEN_CREATE, input);
}

/** Six digits are of the device, anything else is a recovery code. */
export function completeTokens(ticket: string, text: string): Promise<Tokens> {
  const digits = text.replaceAll(" ", "");
  const shown = /^\d{6}$/.test(digits) ? { code: digits } : { recoveryCode: text };
  return requestTokens(TOKEN_CREATE_COMPLETE, { ticket, ...shown });
}

export function refreshTokens(tokens: Tokens): Promise<Tokens> {
  return requestTokens(TOKEN_REFRESH, { refreshToken: tokens.refreshToken });
}

async function requestTokens(query: string, input: Record<string, string>): Promise<Tokens> {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const result = (await response.json()) as {
    data?: { payload: TokenPayload | null } | null;
    errors?: { message: string }[];
  };
  const payload = result.data?.payload;
  if (payload?.accessToken && payload.refreshToken && payload.expiresAt) {
    const { accessToken, refreshToken, expiresAt } = payload;
    return { accessToken, refreshToken, expiresAt };
  }
  const ticket = payload?.userErrors[0]?.ticket;
  if (ticket) throw new CodeNeeded(ticket);
  const refusal = payload?.userErrors[0] ?? result.errors?.[0];
  throw new Error(refusal?.message ?? "The server gave no token.");
}
