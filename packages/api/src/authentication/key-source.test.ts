import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  failures,
  signToken,
  startTestIssuer,
  type TestIssuer,
  type TestKey,
  testClock,
  testKey,
} from "./issuer.testing.ts";
import { createTokenVerifier } from "./token-verifier.ts";
import { IssuerUnavailableError, TokenRefusedError } from "./trusted-issuer.ts";

const audience = "https://files.example";

/** Issuers, and who verifies their tokens by keys that are read over HTTP. */
async function setUp(t: TestContext, count = 1) {
  const issuers = await Promise.all(Array.from({ length: count }, () => startTestIssuer(t)));
  const clock = testClock();
  const reported: string[] = [];
  const verify = createTokenVerifier({
    issuers: issuers.map(({ origin }) => ({ issuer: origin, audience })),
    nowMs: clock.nowMs,
    report: (_issuer, error) => reported.push(error.message),
    // A machine that has a lot else to do is no issuer that falls silent.
    newTimeout: () => new AbortController().signal,
  });
  let made = 0;
  const token = (issuer: TestIssuer, o: { kid?: string; key?: TestKey } = {}) => {
    const key = o.key ?? issuer.keys[0];
    assert.ok(key);
    made += 1;
    return signToken(
      key,
      { alg: key.alg, kid: o.kid ?? key.jwk.kid, typ: "at+jwt" },
      {
        iss: issuer.origin,
        aud: audience,
        sub: "ann",
        jti: `${made}`,
        exp: Math.floor(clock.nowMs() / 1000) + 86_400,
      },
    );
  };
  const [issuer] = issuers;
  assert.ok(issuer);
  return { issuer, issuers, clock, verify, token, reported };
}

const stranger = testKey("RS256", "strange");

const refused = (promise: Promise<unknown>) => assert.rejects(promise, TokenRefusedError);
const unavailable = (promise: Promise<unknown>) => assert.rejects(promise, IssuerUnavailableError);

test("a thousand unknown key ids at once cost one fetch, and so do those that come until the cooldown is over", async (t) => {
  const { issuer, clock, verify, token } = await setUp(t);
  await verify(token(issuer));
  clock.advance(30_000);
  const forged = (index: number) => refused(verify(token(issuer, { key: stranger, kid: `random-${index}` })));
  await Promise.all(Array.from({ length: 1000 }, (_, index) => forged(index)));
  assert.equal(issuer.asked.jwks, 2);
  for (let second = 1; second < 30; second += 1) {
    clock.advance(1000);
    await forged(second);
  }
  assert.equal(issuer.asked.jwks, 2);
  clock.advance(1000);
  await forged(0);
  assert.equal(issuer.asked.jwks, 3);
  await verify(token(issuer));
});

test("unknown key ids of one issuer cost no other issuer anything", async (t) => {
  const { issuers, clock, verify, token } = await setUp(t, 3);
  const [one, two, three] = issuers as [TestIssuer, TestIssuer, TestIssuer];
  for (const issuer of issuers) await verify(token(issuer));
  clock.advance(30_000);
  await Promise.all(
    Array.from({ length: 300 }, (_, index) => {
      const issuer = index % 2 === 0 ? one : two;
      return refused(verify(token(issuer, { key: stranger, kid: `random-${index}` })));
    }),
  );
  assert.deepEqual([one.asked.jwks, two.asked.jwks, three.asked.jwks], [2, 2, 1]);
  for (const issuer of issuers) await verify(token(issuer));
});

test("a key that is new is found, and one that was withdrawn is not believed for long", async (t) => {
  const { issuer, clock, verify, token } = await setUp(t);
  const [old] = issuer.keys as [TestKey];
  await verify(token(issuer));
  const next = testKey("RS256", "key-2");
  issuer.keys = [old, next];
  await refused(verify(token(issuer, { key: next })));
  clock.advance(30_000);
  await verify(token(issuer, { key: next }));
  await verify(token(issuer, { key: old }));
  issuer.keys = [next];
  clock.advance(10 * 60_000 + 1);
  await verify(token(issuer, { key: next }));
  await refused(verify(token(issuer, { key: old })));
});

test("keys that moved to another address are found there", async (t) => {
  const { issuer, clock, verify, token } = await setUp(t);
  const other = await startTestIssuer(t);
  await verify(token(issuer));
  issuer.answers = {
    discovery: (_request, response) =>
      response.end(JSON.stringify({ issuer: issuer.origin, jwks_uri: `${other.origin}/keys` })),
    jwks: (_request, response) => response.writeHead(410).end(),
  };
  clock.advance(10 * 60_000 + 1);
  const [key] = other.keys as [TestKey];
  await verify(token(issuer, { key }));
  assert.equal(other.asked.jwks, 1);
});

for (const address of ["discovery", "jwks"] as const)
  for (const [what, failure] of failures)
    test(`an issuer whose ${address} ${what} is unavailable, asked once in ten seconds, then believed`, async (t) => {
      const { issuer, clock, verify, token, reported } = await setUp(t);
      issuer.answers = { [address]: failure };
      const attempts = () =>
        Array.from({ length: 100 }, (_, index) => verify(token(issuer, { kid: `${index}` })));
      await Promise.all(attempts().map(unavailable));
      clock.advance(9_999);
      await Promise.all(attempts().map(unavailable));
      assert.equal(issuer.asked[address], 1);
      assert.equal(reported.length, 1);
      assert.deepEqual(issuer.elsewhere, [], "no redirect is followed");
      clock.advance(1);
      await unavailable(verify(token(issuer)));
      assert.equal(issuer.asked[address], 2);
      issuer.answers = {};
      clock.advance(10_000);
      await verify(token(issuer));
    });

test("while an issuer is silent its known keys are believed for an hour, and nobody waits for it", async (t) => {
  const { issuer, clock, verify, token, reported } = await setUp(t);
  await verify(token(issuer));
  // It takes what it is asked, and says nothing.
  const held: (() => void)[] = [];
  issuer.answers = { jwks: (_request, response) => held.push(() => response.destroy()) };
  clock.advance(10 * 60_000 + 1);
  const first = verify(token(issuer));
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
  held.shift()?.();
  await first;
  assert.equal(reported.length, 1);
  for (let minute = 11; minute < 60; minute += 1) {
    clock.advance(60_000);
    // Asked again meanwhile, without waiting for the answer.
    await verify(token(issuer));
  }
  for (const release of held) release();
  clock.advance(2 * 60_000);
  issuer.answers = { jwks: (_request, response) => response.writeHead(503).end() };
  await unavailable(verify(token(issuer)));
  issuer.answers = {};
  clock.advance(10_000);
  await verify(token(issuer));
});

test("a thousand unknown key ids of a silent issuer cost one fetch, and known keys are believed meanwhile", async (t) => {
  const { issuer, clock, verify, token } = await setUp(t);
  await verify(token(issuer));
  issuer.answers = { jwks: (_request, response) => response.writeHead(500).end() };
  clock.advance(30_000);
  const forged = Array.from({ length: 1000 }, (_, index) =>
    unavailable(verify(token(issuer, { key: stranger, kid: `random-${index}` }))),
  );
  await Promise.all([...forged, verify(token(issuer))]);
  assert.equal(issuer.asked.jwks, 2);
});

test("an issuer that answers without keys by mistake keeps those it had", async (t) => {
  const { issuer, clock, verify, token } = await setUp(t);
  await verify(token(issuer));
  for (const keys of [[], "none", [5], undefined]) {
    issuer.answers = { jwks: (_request, response) => response.end(JSON.stringify({ keys })) };
    clock.advance(10 * 60_000 + 1);
    await verify(token(issuer));
  }
});

test("an issuer is not taken at another's word", async (t) => {
  const { issuer, clock, verify, token } = await setUp(t);
  const documents = [
    { issuer: "https://evil.example", jwks_uri: `${issuer.origin}/keys` },
    { issuer: `${issuer.origin}/`, jwks_uri: `${issuer.origin}/keys` },
    { jwks_uri: `${issuer.origin}/keys` },
    { issuer: issuer.origin },
    { issuer: issuer.origin, jwks_uri: "file:///etc/passwd" },
    { issuer: issuer.origin, jwks_uri: ["https://a.example"] },
  ];
  for (const document of documents) {
    issuer.answers = { discovery: (_request, response) => response.end(JSON.stringify(document)) };
    await unavailable(verify(token(issuer)));
    clock.advance(10_000);
  }
  assert.equal(issuer.asked.jwks, 0);
});

test("a clock that was set back holds nothing up", async (t) => {
  const { issuer, clock, verify, token } = await setUp(t);
  issuer.answers = { jwks: (_request, response) => response.writeHead(500).end() };
  await unavailable(verify(token(issuer)));
  issuer.answers = {};
  clock.advance(-3_600_000);
  await verify(token(issuer));
});
