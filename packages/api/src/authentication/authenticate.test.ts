import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, type TestContext, test } from "node:test";
import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from "jose";
import { type ApiUnderTest, audience, createApiUnderTest, issuerUrl, publicJwk } from "../api.testing.ts";
import { signToken, startTestIssuer, type TestKey } from "./issuer.testing.ts";

let api: ApiUnderTest;
before(async () => {
  api = await createApiUnderTest();
});
after(() => api.close());

const me = (authorization?: string) =>
  api.server.inject({
    method: "GET",
    url: "/v1/me",
    headers: authorization === undefined ? {} : { authorization },
  });

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

const claims = () => ({
  iss: issuerUrl,
  aud: audience,
  sub: "ann",
  scope: "files:read",
  exp: Math.floor(Date.now() / 1000) + 300,
});

const forged: [string, () => Promise<string | undefined> | string | undefined][] = [
  ["no token", () => undefined],
  ["another scheme", () => "Basic YTpi"],
  ["an empty token", () => "Bearer "],
  ["garbage", () => "Bearer garbage"],
  ["two tokens", async () => `Bearer ${await api.sign({})}, Bearer ${await api.sign({})}`],
  ["alg none", () => `Bearer ${part({ alg: "none", typ: "at+jwt" })}.${part(claims())}.`],
  [
    "HS256 with the public key as its secret",
    async () => {
      const key = await importJWK(publicJwk, "RS256");
      if (key instanceof Uint8Array) throw new Error("an RSA key was expected");
      const signed = `${part({ alg: "HS256", kid: "key-1", typ: "at+jwt" })}.${part(claims())}`;
      const mac = createHmac("sha256", await exportSPKI(key))
        .update(signed)
        .digest("base64url");
      return `Bearer ${signed}.${mac}`;
    },
  ],
  [
    "another key under the issuer's key id",
    async () => {
      const { privateKey } = await generateKeyPair("RS256");
      const token = new SignJWT(claims()).setProtectedHeader({ alg: "RS256", kid: "key-1", typ: "at+jwt" });
      return `Bearer ${await token.sign(privateKey)}`;
    },
  ],
  [
    "a key that the token brings along",
    async () => {
      const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
      const token = new SignJWT(claims()).setProtectedHeader({
        alg: "RS256",
        typ: "at+jwt",
        kid: "mine",
        jku: "https://evil.example/jwks",
        jwk: await exportJWK(publicKey),
      });
      return `Bearer ${await token.sign(privateKey)}`;
    },
  ],
  ["another issuer", async () => `Bearer ${await api.sign({ iss: "https://evil.example" })}`],
  ["another audience", async () => `Bearer ${await api.sign({ aud: "https://other.example" })}`],
  [
    "a token that has ended",
    async () => `Bearer ${await api.sign({ exp: Math.floor(Date.now() / 1000) - 60 })}`,
  ],
  [
    "a token of the future",
    async () => `Bearer ${await api.sign({}, {}, Math.floor(Date.now() / 1000) + 600)}`,
  ],
  [
    "a token that has not begun",
    async () => `Bearer ${await api.sign({ nbf: Math.floor(Date.now() / 1000) + 600 })}`,
  ],
  ["an ID token", async () => `Bearer ${await api.sign({}, { typ: "JWT" })}`],
  ["a token without subject", async () => `Bearer ${await api.sign({ sub: "" })}`],
  [
    "a token whose claims were changed",
    async () => {
      const [header, , signature] = (await api.sign({})).split(".");
      return `Bearer ${header}.${part({ ...claims(), sub: "bob" })}.${signature}`;
    },
  ],
];

for (const [what, make] of forged)
  test(`${what} is answered 401 with a challenge and no more`, async () => {
    const response = await me(await make());
    assert.equal(response.statusCode, 401);
    assert.match(String(response.headers["www-authenticate"]), /^Bearer realm="stowage"/);
    assert.equal(response.json().code, "unauthenticated");
    assert.match(String(response.headers["content-type"]), /^application\/problem\+json/);
  });

test("a good token makes the person's row once, and keeps it", async () => {
  const first = await me(`Bearer ${await api.sign({ sub: "carol", email: "carol@example.com" })}`);
  const second = await me(`Bearer ${await api.sign({ sub: "carol", email: "new@example.com" })}`);
  assert.equal(first.statusCode, 200);
  assert.equal(first.json().id, second.json().id);
  assert.equal(second.json().email, "new@example.com");
});

test("a scope that is missing is named", async () => {
  const list = await api.server.inject({ url: "/v1/files", headers: await api.as("ann", "uploads:write") });
  assert.equal(list.statusCode, 403);
  assert.equal(list.json().code, "insufficient-scope");
  assert.match(String(list.headers["www-authenticate"]), /scope="files:read"/);
});

test("a thousand unknown key ids cost at most one fetch of keys", async () => {
  const token = await api.sign({});
  await me(`Bearer ${token}`);
  const before = api.keyFetches.count;
  const [, payload, signature] = token.split(".");
  for (let round = 0; round < 1000; round += 1) {
    const header = part({ alg: "RS256", typ: "at+jwt", kid: `random-${round}` });
    assert.equal((await me(`Bearer ${header}.${payload}.${signature}`)).statusCode, 401);
  }
  assert.ok(api.keyFetches.count - before <= 1);
});

/** A second issuer, whose tokens say no more than who it is, and the API that trusts it. */
async function withOther(t: TestContext) {
  const issuer = await startTestIssuer(t);
  const both = await createApiUnderTest({
    issuers: [{ issuer: issuer.origin, audience: "other", userinfo: true }],
  });
  t.after(() => both.close());
  let made = 0;
  const token = (sub: string) => {
    const [key] = issuer.keys as [TestKey];
    made += 1;
    const exp = Math.floor(both.services.clock.nowMs() / 1000) + 3600;
    return signToken(
      key,
      { alg: "RS256", kid: "key-1", typ: "at+jwt" },
      { iss: issuer.origin, aud: "other", sub, jti: `${made}`, exp, scope: "files:read" },
    );
  };
  const asks = (bearer: string) =>
    both.server.inject({ url: "/v1/me", headers: { authorization: `Bearer ${bearer}` } });
  return { issuer, api: both, token, asks };
}

test("an e-mail that is known stays while userinfo is down, and nobody gets an error for it", async (t) => {
  const { issuer, api: both, token, asks } = await withOther(t);
  issuer.userinfo = () => ({ sub: "ann", email: "ann@example.com", name: "Ann" });
  const first = (await asks(token("ann"))).json();
  assert.equal(first.email, "ann@example.com");
  issuer.answers.userinfo = (_request, response) => response.writeHead(500).end();
  for (let minute = 0; minute < 5; minute += 1) {
    both.advance(61_000);
    const [known, unknown] = await Promise.all([asks(token("ann")), asks(token("zoe"))]);
    assert.equal(known.statusCode, 200);
    assert.deepEqual([known.json().id, known.json().email], [first.id, "ann@example.com"]);
    assert.deepEqual([unknown.statusCode, unknown.json().email], [200, undefined]);
  }
  issuer.answers = {};
  issuer.userinfo = () => ({ sub: "ann", email: "new@example.com" });
  both.advance(61_000);
  const back = (await asks(token("ann"))).json();
  assert.deepEqual([back.email, back.name], ["new@example.com", undefined]);
});

test("where userinfo refuses a token, organisation and verified e-mail fall away, and with an endpoint that is down after a day", async (t) => {
  const issuer = await startTestIssuer(t);
  const both = await createApiUnderTest({
    issuers: [
      { issuer: issuer.origin, audience: "other", userinfo: true, claims: { organisation: "tenant" } },
    ],
  });
  t.after(() => both.close());
  issuer.userinfo = () => ({ sub: "ann", email: "ann@example.com", email_verified: true, tenant: "Acme" });
  let made = 0;
  const comes = async () => {
    const [key] = issuer.keys as [TestKey];
    made += 1;
    const exp = Math.floor(both.services.clock.nowMs() / 1000) + 3600;
    const token = signToken(
      key,
      { alg: "RS256", kid: "key-1", typ: "at+jwt" },
      { iss: issuer.origin, aud: "other", sub: "ann", jti: `${made}`, exp, scope: "files:read" },
    );
    const { id } = (
      await both.server.inject({ url: "/v1/me", headers: { authorization: `Bearer ${token}` } })
    ).json();
    const { email, emailVerified, organisation } = (await both.services.metadata.findPrincipal(id)) ?? {};
    return [email, emailVerified, organisation];
  };
  const all = ["ann@example.com", true, "Acme"];
  const nothing = [undefined, undefined, undefined];
  for (const status of [401, 403]) {
    assert.deepEqual(await comes(), all);
    issuer.answers = { userinfo: (_request, response) => response.writeHead(status).end() };
    assert.deepEqual(await comes(), nothing, `${status}`);
    issuer.answers = {};
  }
  assert.deepEqual(await comes(), all);
  issuer.answers = { userinfo: (_request, response) => response.writeHead(503).end() };
  both.advance(22 * 3600 * 1000);
  assert.deepEqual(await comes(), all);
  both.advance(2 * 3600 * 1000);
  assert.deepEqual(await comes(), nothing);
});

test("the same subject at two issuers is two people, who see nothing of one another", async (t) => {
  const { issuer, api: both, token, asks } = await withOther(t);
  issuer.userinfo = () => ({ sub: "ann" });
  const ours = await both.server.inject({ url: "/v1/me", headers: await both.as("ann") });
  const theirs = await asks(token("ann"));
  assert.equal(ours.json().subject, theirs.json().subject);
  assert.notEqual(ours.json().id, theirs.json().id);
});

test("where the issuer does not answer, a client hears when to come back", async (t) => {
  const { issuer, token, asks } = await withOther(t);
  issuer.answers.jwks = (_request, response) => response.writeHead(500).end();
  const answer = await asks(token("ann"));
  assert.equal(answer.statusCode, 503);
  assert.equal(answer.json().code, "unavailable");
  assert.equal(answer.headers["retry-after"], "10");
});

test("an older token is its person's as a newer one tells of them, and takes nothing of that back", async (t) => {
  const own = await createApiUnderTest();
  t.after(() => own.close());
  const seconds = Math.floor(Date.now() / 1000);
  const by = async (secondsAgo: number, org: string, verified: boolean) => ({
    authorization: `Bearer ${await own.sign({ sub: "hal", org, email: "hal@example.com", email_verified: verified }, {}, seconds - secondsAgo)}`,
  });
  const find = async (headers: { authorization: string }) =>
    (await own.server.inject({ method: "GET", url: "/v1/me", headers })).json();
  const [old, unseen] = [await by(60, "acme", true), await by(50, "acme", true)];
  const recent = await by(10, "other", false);
  const { id } = await find(old);
  const row = async () => {
    const { organisation, emailVerified } = (await own.services.metadata.findPrincipal(id)) ?? {};
    return [organisation, emailVerified];
  };
  assert.deepEqual(await row(), ["acme", true]);
  assert.equal((await find(recent)).organisation, "other");
  // Longer than a verified token is remembered for.
  own.advance(61_000);
  for (const headers of [old, unseen, recent, old]) {
    assert.equal((await find(headers)).organisation, "other");
    assert.deepEqual(await row(), ["other", undefined]);
  }
});
