import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  failures,
  type Json,
  signToken,
  startTestIssuer,
  type TestKey,
  testClock,
} from "./issuer.testing.ts";
import { createTokenVerifier } from "./token-verifier.ts";
import { TokenRefusedError, type TrustedIssuer } from "./trusted-issuer.ts";

const audience = "https://files.example";
const ann = { sub: "ann", email: "ann@example.com", name: "Ann" };

async function setUp(t: TestContext, more: Partial<TrustedIssuer> = {}) {
  const issuer = await startTestIssuer(t);
  issuer.userinfo = () => ann;
  const clock = testClock();
  const reported: string[] = [];
  const verify = createTokenVerifier({
    issuers: [{ issuer: issuer.origin, audience, userinfo: true, ...more }],
    nowMs: clock.nowMs,
    report: (_issuer, error) => reported.push(error.message),
  });
  let made = 0;
  const token = (claims: Json = {}) => {
    const [key] = issuer.keys as [TestKey];
    made += 1;
    const exp = Math.floor(clock.nowMs() / 1000) + 3600;
    return signToken(
      key,
      { alg: key.alg, kid: "key-1", typ: "at+jwt" },
      { iss: issuer.origin, aud: audience, sub: "ann", jti: `${made}`, exp, ...claims },
    );
  };
  const come = async (claims?: Json) => (await verify(token(claims))).identity;
  return { issuer, clock, verify, token, come, reported };
}

test("what the token lacks is asked for with it, once in four minutes", async (t) => {
  const { issuer, clock, verify, token } = await setUp(t);
  const sent: string[] = [];
  issuer.userinfo = (with_) => {
    sent.push(with_);
    return ann;
  };
  const one = token();
  const all = await Promise.all(Array.from({ length: 20 }, () => verify(one)));
  for (let minute = 1; minute < 4; minute += 1) {
    clock.advance(60_000);
    all.push(await verify(one));
  }
  for (const { identity } of all)
    assert.deepEqual(identity, { issuer: issuer.origin, subject: "ann", email: ann.email, name: "Ann" });
  assert.deepEqual(sent, [one]);
  await verify(token());
  assert.equal(issuer.asked.userinfo, 2);
  clock.advance(60_000);
  await verify(one);
  assert.equal(sent.length, 3);
});

test("what is asked was said when it was asked, and what a token says of organisation or e-mail when it was issued", async (t) => {
  const { clock, verify, token } = await setUp(t);
  const iat = Math.floor(clock.nowMs() / 1000) - 60;
  const saidBy = async (one: string) => (await verify(one)).saidAtMs;
  const [mute, named] = [token({ iat }), token({ iat, name: "Ann" })];
  const askedAtMs = clock.nowMs();
  for (const one of [mute, named]) assert.equal(await saidBy(one), askedAtMs);
  clock.advance(60_000);
  for (const one of [mute, named]) assert.equal(await saidBy(one), askedAtMs, "the answer is remembered");
  for (const said of [{ org: "acme" }, { email: "ann@example.com" }, { email_verified: false }])
    assert.equal(await saidBy(token({ iat, ...said })), iat * 1000);
});

test("a token that was taken once loses organisation and verified e-mail four minutes after it was asked of it", async (t) => {
  const { issuer, clock, verify, token } = await setUp(t, { claims: { organisation: "org" } });
  issuer.userinfo = () => ({ ...ann, email_verified: true, org: "acme" });
  const one = token();
  const { organisation, emailVerified } = (await verify(one)).identity;
  assert.deepEqual([organisation, emailVerified], ["acme", true]);
  issuer.answers = { userinfo: (_request, response) => response.writeHead(401).end() };
  clock.advance(4 * 60_000);
  assert.deepEqual((await verify(one)).identity, { issuer: issuer.origin, subject: "ann" });
});

test("a token that was taken once says nothing for sure while its issuer is down after four minutes", async (t) => {
  const { issuer, clock, verify, token } = await setUp(t);
  const one = token();
  await verify(one);
  issuer.answers = { userinfo: (_request, response) => response.writeHead(500).end() };
  clock.advance(4 * 60_000);
  assert.equal((await verify(one)).identity.isPartial, true);
});

test("a token that has e-mail and name, and says whether the e-mail is verified, needs no asking, and what it says comes first", async (t) => {
  const { issuer, come } = await setUp(t);
  for (const email_verified of [true, false]) {
    const said = await come({ email: "token@example.com", email_verified, name: "Token" });
    assert.equal(said.email, "token@example.com");
  }
  assert.equal(issuer.asked.userinfo, 0);
  const { email, name } = await come({ email: "token@example.com" });
  assert.deepEqual([email, name], ["token@example.com", "Ann"]);
});

test("an e-mail is verified where that is said of this one: by the token, else by the endpoint", async (t) => {
  const { issuer, come } = await setUp(t);
  const name = "Ann";
  for (const [token, asked, expected] of [
    [{ email: "a@example.com", email_verified: true }, {}, true],
    [{ email: "a@example.com", email_verified: "true" }, {}, true],
    [{ email: "a@example.com", email_verified: "yes" }, {}, undefined],
    [{ email: "a@example.com", email_verified: 1 }, {}, undefined],
    [
      { email: "a@example.com", email_verified: false },
      { email: "a@example.com", email_verified: true },
      undefined,
    ],
    [{ email: "a@example.com" }, { email: "a@example.com", email_verified: "true" }, true],
    [{ email: "a@example.com" }, { email: "b@example.com", email_verified: true }, undefined],
    [{ email_verified: true }, { email: "b@example.com" }, undefined],
    [{}, { email: "b@example.com", email_verified: true }, true],
    [{}, { email_verified: true }, undefined],
  ] as const) {
    issuer.userinfo = () => ({ sub: "ann", ...asked });
    const identity = await come({ name, ...token });
    assert.equal(identity.emailVerified, expected, JSON.stringify([token, asked]));
    assert.equal("emailVerified" in identity, expected ?? false);
  }
});

test("a token that denies that an e-mail is verified is heeded, whichever one is known and whether or not the endpoint answers", async (t) => {
  const { issuer, come } = await setUp(t);
  issuer.userinfo = () => ({ ...ann, email_verified: true });
  assert.equal((await come()).emailVerified, true);
  assert.equal((await come({ email_verified: false })).emailVerified, undefined);
  issuer.answers = { userinfo: (_request, response) => response.writeHead(500).end() };
  for (const said of [{ email_verified: false }, { email_verified: "false", email: ann.email }]) {
    const { isPartial, emailVerified } = await come(said);
    assert.deepEqual([isPartial, emailVerified], [true, false]);
  }
  assert.equal("emailVerified" in (await come({ email: ann.email })), false);
});

test("claims are read by their configured names; an organisation is asked for where it has one", async (t) => {
  const claims = { email: "mail", name: "cn", organisation: "tenant" };
  const { issuer, come } = await setUp(t, { claims });
  issuer.userinfo = () => ({
    sub: "ann",
    mail: "m@example.com",
    cn: "C",
    tenant: "T",
    email: "no@example.com",
  });
  const { email, name, organisation } = await come({ mail: "m@example.com", cn: "C" });
  assert.deepEqual([email, name, organisation], ["m@example.com", "C", "T"]);
  assert.equal(issuer.asked.userinfo, 1);
});

test("who has no e-mail has none: that is no failure", async (t) => {
  const { issuer, come, reported } = await setUp(t);
  issuer.userinfo = () => ({ sub: "ann" });
  assert.deepEqual(await come(), { issuer: issuer.origin, subject: "ann" });
  assert.deepEqual(reported, []);
});

for (const [what, answer] of [
  ["somebody else", { ...ann, sub: "bob" }],
  ["nobody", { email: ann.email, name: "Ann" }],
  ["a list of subjects", { ...ann, sub: ["ann"] }],
] as const)
  test(`an answer that speaks of ${what} is not believed, nor is its token`, async (t) => {
    const { issuer, verify, token } = await setUp(t);
    issuer.userinfo = () => answer;
    const one = token();
    for (let time = 0; time < 3; time += 1)
      await assert.rejects(verify(one), (error) => {
        assert.ok(error instanceof TokenRefusedError);
        assert.match(error.message, /speaks of somebody else/);
        return true;
      });
    assert.equal(issuer.asked.userinfo, 1);
  });

for (const [what, failure] of failures)
  test(`where userinfo ${what}, people come in all the same, and it is asked again after ten seconds`, async (t) => {
    const { issuer, clock, verify, token, reported } = await setUp(t);
    issuer.answers = { userinfo: failure };
    const tokens = Array.from({ length: 40 }, (_, index) => token({ sub: `person-${index}` }));
    for (const { identity } of await Promise.all(tokens.map(verify))) {
      assert.equal(identity.isPartial, true);
      assert.equal(identity.email, undefined);
    }
    const askedAtFirst = issuer.asked.userinfo;
    assert.ok(askedAtFirst <= 16, `${askedAtFirst} requests at once`);
    clock.advance(9_999);
    await Promise.all(tokens.map(verify));
    assert.equal(issuer.asked.userinfo, askedAtFirst);
    assert.equal(reported.length, askedAtFirst);
    assert.deepEqual(issuer.elsewhere, [], "no redirect is followed, and the token goes nowhere else");
    issuer.answers = {};
    clock.advance(1);
    const { identity } = await verify(token());
    assert.deepEqual([identity.email, identity.isPartial], [ann.email, undefined]);
  });

for (const status of [401, 403])
  test(`a token that userinfo refuses with ${status} is good here, and sent there once`, async (t) => {
    const { issuer, verify, token, come, reported } = await setUp(t);
    issuer.answers = { userinfo: (_request, response) => response.writeHead(status).end() };
    const one = token();
    // Of its person nothing is said any more: what was known of them is gone.
    for (let time = 0; time < 2; time += 1)
      assert.deepEqual((await verify(one)).identity, { issuer: issuer.origin, subject: "ann" });
    assert.equal(issuer.asked.userinfo, 1);
    assert.deepEqual(reported, []);
    issuer.answers = {};
    assert.equal((await come()).email, ann.email);
  });

test("an issuer without a userinfo endpoint is one that does not answer", async (t) => {
  const { issuer, come, reported } = await setUp(t);
  for (const userinfo_endpoint of [undefined, "/me", "ftp://a.example/me"]) {
    issuer.answers.discovery = (_request, response) =>
      response.end(
        JSON.stringify({ issuer: issuer.origin, jwks_uri: `${issuer.origin}/keys`, userinfo_endpoint }),
      );
    assert.equal((await come()).isPartial, true);
  }
  assert.match(reported[0] ?? "", /userinfo endpoint gives no answer/);
  assert.equal(issuer.asked.userinfo, 0);
});

test("a forged token is never sent to the endpoint", async (t) => {
  const { issuer, verify, token } = await setUp(t);
  await verify(token());
  const [header, payload] = token().split(".");
  await assert.rejects(verify(`${header}.${payload}.${"A".repeat(342)}`), TokenRefusedError);
  await assert.rejects(verify(token({ aud: "other" })), TokenRefusedError);
  await assert.rejects(verify(token({ exp: 1 })), TokenRefusedError);
  assert.equal(issuer.asked.userinfo, 1);
});
