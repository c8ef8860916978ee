import type { TrustedIssuer } from "./trusted-issuer.ts";

type Json = Readonly<Record<string, unknown>>;

/** Tokens of a provider as its documentation shows them, and how it is trusted. */
export interface TokenKind {
  readonly provider: string;
  readonly alg: "RS256" | "ES256" | "EdDSA";
  readonly trusted: Omit<TrustedIssuer, "issuer">;
  /** Claims and type of an access token; times, issuer and subject are added. */
  readonly access: { readonly typ?: string; readonly claims: Json };
  /** Of other tokens that the same keys sign for the same client. */
  readonly others: readonly {
    readonly what: string;
    readonly typ?: string;
    readonly claims: Json;
  }[];
}

const api = "https://files.example";

export const tokenKinds: readonly TokenKind[] = [
  {
    provider: "RFC 9068",
    alg: "RS256",
    trusted: { audience: api },
    access: { typ: "at+jwt", claims: { aud: api, client_id: "web", scope: "openid files:read files:write" } },
    others: [
      { what: "an ID token", typ: "JWT", claims: { aud: api, nonce: "n", scope: "files:read" } },
      { what: "an ID token without a type", claims: { aud: api, nonce: "n" } },
      { what: "a logout token", typ: "logout+jwt", claims: { aud: api, events: {} } },
      { what: "an introspection answer", typ: "token-introspection+jwt", claims: { aud: api } },
    ],
  },
  {
    provider: "Amazon Cognito",
    alg: "RS256",
    trusted: {
      audience: ["web-client", "cli-client"],
      audienceClaim: "client_id",
      tokenType: "none",
      requiredClaims: { token_use: ["access"] },
      scopePrefix: "stowage/",
    },
    access: {
      claims: {
        client_id: "web-client",
        token_use: "access",
        scope: "openid stowage/files:read stowage/files:write",
        username: "ann",
        version: 2,
      },
    },
    others: [
      {
        what: "an ID token",
        claims: { aud: "web-client", token_use: "id", "cognito:username": "ann", at_hash: "h" },
      },
      {
        what: "an ID token with every name",
        claims: { aud: "web-client", client_id: "web-client", token_use: "id" },
      },
      { what: "a token that says no use", claims: { client_id: "web-client", scope: "stowage/files:read" } },
      { what: "a token of another app", claims: { client_id: "other-client", token_use: "access" } },
    ],
  },
  {
    provider: "Keycloak",
    alg: "RS256",
    trusted: { audience: "stowage", tokenType: "JWT", requiredClaims: { typ: ["Bearer"] } },
    access: {
      typ: "JWT",
      claims: {
        aud: ["stowage", "account"],
        azp: "web",
        typ: "Bearer",
        scope: "openid files:read files:write",
      },
    },
    others: [
      { what: "an ID token", typ: "JWT", claims: { aud: "stowage", azp: "stowage", typ: "ID", nonce: "n" } },
      {
        what: "a refresh token",
        typ: "JWT",
        claims: { aud: "stowage", typ: "Refresh", scope: "files:read" },
      },
      { what: "an offline token", typ: "JWT", claims: { aud: "stowage", typ: "Offline" } },
      { what: "a logout token", typ: "JWT", claims: { aud: "stowage", typ: "Logout", events: {} } },
      { what: "a token that says no type", typ: "JWT", claims: { aud: "stowage", scope: "files:read" } },
      { what: "a token for the account console", typ: "JWT", claims: { aud: "account", typ: "Bearer" } },
    ],
  },
  {
    provider: "Microsoft Entra",
    alg: "RS256",
    trusted: {
      audience: "6e74172b-be56-4843-9ff4-e66a39bb12e3",
      tokenType: "JWT",
      requiredClaims: { scp: ["*"], ver: ["2.0"] },
      claims: { scope: "scp", organisation: "tid", email: "email" },
    },
    access: {
      typ: "JWT",
      claims: {
        aud: "6e74172b-be56-4843-9ff4-e66a39bb12e3",
        azp: "6e74172b-be56-4843-9ff4-e66a39bb12e3",
        scp: "files:read files:write",
        ver: "2.0",
        tid: "fa15d692-e9c7-4460-a743-29f2956fd429",
      },
    },
    others: [
      {
        what: "an ID token of the same registration",
        typ: "JWT",
        claims: { aud: "6e74172b-be56-4843-9ff4-e66a39bb12e3", ver: "2.0", nonce: "n", tid: "t" },
      },
      {
        what: "an application's own token",
        typ: "JWT",
        claims: {
          aud: "6e74172b-be56-4843-9ff4-e66a39bb12e3",
          ver: "2.0",
          roles: ["files:read"],
          idtyp: "app",
        },
      },
    ],
  },
  {
    provider: "Auth0",
    alg: "RS256",
    trusted: {
      audience: api,
      tokenType: "JWT",
      requiredClaims: { scope: ["*"] },
      claims: { email: "https://files.example/email" },
    },
    access: {
      typ: "JWT",
      claims: {
        aud: [api, "https://tenant.example/userinfo"],
        azp: "web",
        scope: "openid profile files:read files:write",
        "https://files.example/email": "ann@example.com",
      },
    },
    others: [
      { what: "an ID token", typ: "JWT", claims: { aud: "web", nonce: "n", email: "ann@example.com" } },
      { what: "an ID token for our audience", typ: "JWT", claims: { aud: api, nonce: "n" } },
    ],
  },
  {
    provider: "Okta, whose scopes are a list",
    alg: "ES256",
    trusted: {
      audience: api,
      tokenType: "none",
      requiredClaims: { cid: ["web"] },
      claims: { scope: "scp" },
      algorithms: ["ES256"],
    },
    access: { claims: { aud: api, cid: "web", scp: ["openid", "files:read", "files:write"] } },
    others: [{ what: "an ID token", claims: { aud: "web", nonce: "n" } }],
  },
  {
    provider: "one that signs with EdDSA and grants by itself",
    alg: "EdDSA",
    trusted: { audience: api, grantedScopes: ["files:read", "files:write"] },
    access: { typ: "application/at+jwt", claims: { aud: [api] } },
    others: [{ what: "an ID token", typ: "JWT", claims: { aud: api } }],
  },
];
