import { createPublicKey, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An OpenID provider of this process's own, as far as a resource server sees one. */
export interface TokenIssuer {
  /** What makes the product trust it. */
  readonly setting: string;
  /** An access token (RFC 9068) of that person for an hour, as the built-in issuer would sign it: RS256. */
  tokenOf(subject: string, more?: TokenClaims): string;
  stop(): void;
}

export interface TokenClaims {
  /** Whose people find each other's files where their owners let them. Default none. */
  readonly organisation?: string;
}

const keyId = "bench";
const audience = "stowage-bench";
const claims = { organisation: "organisation" };
const lifetimeSeconds = 3600;

/**
 * For loads by more people than can be signed in one by one: the product trusts any issuer that its settings name, and
 * makes a person's row at the first token.
 */
export async function startTokenIssuer(): Promise<TokenIssuer> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = {
    ...createPublicKey(privateKey).export({ format: "jwk" }),
    kid: keyId,
    alg: "RS256",
    use: "sig",
  };
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const issuer = `http://127.0.0.1:${port}`;
    const answer = request.url === "/jwks" ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/jwks` };
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    setting: `issuers=${JSON.stringify([{ issuer, audience, claims }])}`,
    tokenOf: (subject, more = {}) => signJwt(privateKey, { issuer, subject, ...more }),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function signJwt(
  key: KeyObject,
  {
    issuer,
    subject,
    ...more
  }: TokenClaims & {
    readonly issuer: string;
    readonly subject: string;
  },
): string {
  const issuedAt = Math.floor(Date.now() / 1000);
  const header = { alg: "RS256", typ: "at+jwt", kid: keyId };
  const payload = {
    iss: issuer,
    aud: audience,
    sub: subject,
    email: `${subject}@example.test`,
    ...more,
    scope: "files:read files:write uploads:write albums:write",
    iat: issuedAt,
    exp: issuedAt + lifetimeSeconds,
    client_id: "bench",
    jti: subject,
  };
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${createSign("sha256").update(signed).sign(key, "base64url")}`;
}
