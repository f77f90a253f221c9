// A relying party on openid-client: reads one JSON command a line, answers with one line.
import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";
import * as client from "openid-client";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const parties = new Map();
let key;

const authentication = {
  none: () => client.None(),
  basic: ({ secret }) => client.ClientSecretBasic(secret),
  post: ({ secret }) => client.ClientSecretPost(secret),
  key: () => client.PrivateKeyJwt(key.privateKey),
};

const commands = {
  async newKey() {
    key = await webcrypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
    return { ...(await webcrypto.subtle.exportKey("jwk", key.publicKey)), alg: "ES256" };
  },

  async discover({ name, issuer, clientId, how, secret }) {
    const made = authentication[how]({ secret });
    const options = { execute: [client.allowInsecureRequests] };
    const config = await client.discovery(new URL(issuer), clientId, undefined, made, options);
    parties.set(name, { config });
    return config.serverMetadata();
  },

  async begin({ name, redirectUri, scope, more }) {
    const party = parties.get(name);
    party.verifier = client.randomPKCECodeVerifier();
    party.state = client.randomState();
    party.nonce = scope.split(" ").includes("openid") ? client.randomNonce() : undefined;
    const parameters = {
      redirect_uri: redirectUri,
      scope,
      state: party.state,
      code_challenge: await client.calculatePKCECodeChallenge(party.verifier),
      code_challenge_method: "S256",
      ...(party.nonce ? { nonce: party.nonce } : {}),
      ...more,
    };
    return client.buildAuthorizationUrl(party.config, parameters).href;
  },

  async finish({ name, callback }) {
    const party = parties.get(name);
    const checks = {
      pkceCodeVerifier: party.verifier,
      expectedState: party.state,
      expectedNonce: party.nonce,
      idTokenExpected: Boolean(party.nonce),
    };
    return tokens(await client.authorizationCodeGrant(party.config, new URL(callback), checks));
  },

  async refresh({ name, refreshToken, more }) {
    return tokens(await client.refreshTokenGrant(parties.get(name).config, refreshToken, more));
  },

  async credentials({ name, scope }) {
    const parameters = scope ? { scope } : {};
    return tokens(await client.clientCredentialsGrant(parties.get(name).config, parameters));
  },

  async device({ name, scope }) {
    const party = parties.get(name);
    party.device = await client.initiateDeviceAuthorization(party.config, { scope });
    return party.device;
  },

  async poll({ name }) {
    const { config, device } = parties.get(name);
    return tokens(await client.pollDeviceAuthorizationGrant(config, { ...device, interval: 1 }));
  },

  async revoke({ name, token }) {
    await client.tokenRevocation(parties.get(name).config, token);
    return null;
  },

  introspect: ({ name, token }) => client.tokenIntrospection(parties.get(name).config, token),

  userinfo: ({ name, token, subject }) =>
    client.fetchUserInfo(parties.get(name).config, token, subject),

  async logoutUrl({ name, ...parameters }) {
    return client.buildEndSessionUrl(parties.get(name).config, parameters).href;
  },
};

function tokens(answer) {
  return { ...answer, claims: answer.claims() };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...parameters } = JSON.parse(line);
  let answer;
  try {
    answer = { value: await commands[command](parameters) };
  } catch (error) {
    answer = { error: error.error ?? error.code ?? error.message, message: String(error.cause ?? error) };
  }
  console.log(JSON.stringify(answer));
}
