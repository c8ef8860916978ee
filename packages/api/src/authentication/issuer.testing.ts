import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export type Json = Readonly<Record<string, unknown>>;

/** A key as an issuer publishes it, and its other half. */
export interface TestKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: Json;
  readonly alg: string;
}

export function testKey(alg: "RS256" | "ES256" | "EdDSA" = "RS256", kid = "key-1"): TestKey {
  const { privateKey, publicKey } =
    alg === "RS256"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : alg === "ES256"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("ed25519");
  return {
    privateKey,
    publicKey,
    alg,
    jwk: { ...publicKey.export({ format: "jwk" }), kid, alg, use: "sig" },
  };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A JWT signed with a key, whatever its header says of it. */
export function signToken(key: TestKey, header: Json, claims: unknown): string {
  const input = `${encode(header)}.${encode(claims)}`;
  const bytes = Buffer.from(input);
  const signature =
    key.alg === "ES256"
      ? sign("sha256", bytes, { key: key.privateKey, dsaEncoding: "ieee-p1363" })
      : sign(key.alg === "EdDSA" ? null : "sha256", bytes, key.privateKey);
  return `${input}.${signature.toString("base64url")}`;
}

/** A JWT authenticated with HMAC under any bytes. */
export function authenticateToken(secret: string | Buffer, header: Json, claims: Json): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

export const unsignedToken = (header: Json, claims: Json): string => `${encode(header)}.${encode(claims)}.`;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An issuer on a real socket, whose every answer can be another, and which counts what it is asked. */
export interface TestIssuer {
  readonly origin: string;
  /** The keys that it publishes. */
  keys: TestKey[];
  /** What its userinfo says of each token. */
  userinfo: (token: string) => Json;
  readonly asked: Record<"discovery" | "jwks" | "userinfo", number>;
  /** Paths that were asked beside those three. */
  readonly elsewhere: string[];
  /** Answers in its stead at one of its addresses; `undefined`: itself again. */
  answers: { discovery?: Answer; jwks?: Answer; userinfo?: Answer };
}

export async function startTestIssuer(t: TestContext, keys = [testKey()]): Promise<TestIssuer> {
  const json = (response: ServerResponse, value: unknown) =>
    response.setHeader("content-type", "application/json").end(JSON.stringify(value));
  const own: { readonly [Name in keyof TestIssuer["asked"]]: Answer } = {
    discovery: (_request, response) =>
      json(response, {
        issuer: issuer.origin,
        jwks_uri: `${issuer.origin}/keys`,
        userinfo_endpoint: `${issuer.origin}/me`,
      }),
    jwks: (_request, response) => json(response, { keys: issuer.keys.map(({ jwk }) => jwk) }),
    userinfo: (request, response) =>
      json(response, issuer.userinfo((request.headers.authorization ?? "").slice("Bearer ".length))),
  };
  const names = new Map<string, keyof TestIssuer["asked"]>([
    ["/.well-known/openid-configuration", "discovery"],
    ["/keys", "jwks"],
    ["/me", "userinfo"],
  ]);
  const server = createServer((request, response) => {
    const name = names.get(request.url ?? "");
    if (!name) {
      issuer.elsewhere.push(request.url ?? "");
      response.writeHead(404).end();
      return;
    }
    issuer.asked[name] += 1;
    (issuer.answers[name] ?? own[name])(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const issuer: TestIssuer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys,
    userinfo: () => ({}),
    asked: { discovery: 0, jwks: 0, userinfo: 0 },
    elsewhere: [],
    answers: {},
  };
  return issuer;
}

/** Ways in which a server fails to give JSON; each within a bound that the caller sets itself. */
export const failures: readonly (readonly [string, Answer])[] = [
  ["breaks the connection", (_request, response) => response.destroy()],
  ["answers 500", (_request, response) => response.writeHead(500).end("{}")],
  ["answers 404", (_request, response) => response.writeHead(404).end()],
  ["answers 204", (_request, response) => response.writeHead(204).end()],
  [
    "answers a page",
    (_request, response) => response.setHeader("content-type", "text/html").end("<!doctype html><p>Hello"),
  ],
  ["answers nothing", (_request, response) => response.end()],
  ["answers a list", (_request, response) => response.end('[{"keys":[]}]')],
  ["answers JSON that is cut off", (_request, response) => response.end('{"keys":[{"kty":"RSA"')],
  [
    "answers without end",
    (_request, response) => {
      const more = () => {
        if (response.destroyed) return;
        response.write(`{"keys":["${"a".repeat(60_000)}`);
        setImmediate(more);
      };
      more();
    },
  ],
  [
    "sends elsewhere",
    (request, response) =>
      response.writeHead(302, { location: `http://${request.headers.host}/elsewhere` }).end(),
  ],
];

/** A clock that moves only when told to, from now on. */
export function testClock(): { readonly nowMs: () => number; advance(ms: number): void } {
  let aheadMs = 0;
  const startMs = Date.now();
  return {
    nowMs: () => startMs + aheadMs,
    advance: (ms) => {
      aheadMs += ms;
    },
  };
}
