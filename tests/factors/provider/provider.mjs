// An OpenID provider that we did not write, for one client: `node provider.mjs <port>`.
// Whoever signs in as `name@host` has that address; as `unchecked-name@host` it is not checked.

import Provider from "oidc-provider";

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "shop",
      client_secret: "a secret: with /odd characters+",
      redirect_uris: ["http://127.0.0.1:9/callback"],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["given_name", "family_name"],
  },
  pkce: { required: () => true },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: `person-${id}`,
      email: id,
      email_verified: !id.startsWith("unchecked-"),
      given_name: "Alice",
      family_name: "Outside",
    }),
  }),
});

provider.listen(port, "127.0.0.1", () => process.stdout.write("ready\n"));
