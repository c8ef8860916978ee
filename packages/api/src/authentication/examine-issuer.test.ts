import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { examineIssuer } from "./examine-issuer.ts";
import { failures, type Json, startTestIssuer, testKey } from "./issuer.testing.ts";

const audience = "https://files.example";

test("an issuer that answers with keys for an allowed algorithm is sound", async (t) => {
  const keys = [testKey("RS256", "a"), testKey("ES256", "b"), testKey("EdDSA", "c")];
  const issuer = await startTestIssuer(t, keys);
  const examine = (more: object = {}) => examineIssuer({ issuer: issuer.origin, audience, ...more });
  assert.deepEqual(await examine(), { outcome: "sound", usableKeys: 3 });
  assert.deepEqual(await examine({ algorithms: ["ES256"] }), { outcome: "sound", usableKeys: 1 });
  assert.deepEqual(await examine({ algorithms: ["ES384", "PS256"] }), {
    outcome: "no-usable-key",
    algorithms: ["ES384", "PS256"],
  });
  // Microsoft Entra's keys name no algorithm.
  issuer.keys = keys.map((key) => ({ ...key, jwk: { ...key.jwk, alg: undefined, use: undefined } }));
  assert.deepEqual(await examine(), { outcome: "sound", usableKeys: 3 });
  assert.deepEqual(await examine({ algorithms: ["PS256"] }), { outcome: "sound", usableKeys: 1 });
});

test("keys that sign nothing are none", async (t) => {
  const issuer = await startTestIssuer(t);
  const [key] = issuer.keys;
  assert.ok(key);
  const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
  const jwks: Json[] = [
    { ...key.jwk, use: "enc" },
    { kty: "oct", k: "AAAA", alg: "HS256" },
    { ...short, alg: "RS256" },
    { kty: "EC", crv: "P-256", x: "AA", y: "AA", alg: "ES256" },
    { kty: "RSA" },
    {},
  ];
  for (const jwk of jwks) {
    issuer.keys = [{ ...key, jwk }];
    const { outcome } = await examineIssuer({ issuer: issuer.origin, audience });
    assert.equal(outcome, "no-usable-key", JSON.stringify(jwk));
  }
});

for (const [what, failure] of failures)
  test(`one that ${what} is told apart by what it was asked`, async (t) => {
    const issuer = await startTestIssuer(t);
    issuer.answers = { jwks: failure };
    const noKeys = await examineIssuer({ issuer: issuer.origin, audience });
    assert.equal(noKeys.outcome, "no-keys");
    issuer.answers = { discovery: failure };
    const none = await examineIssuer({ issuer: issuer.origin, audience });
    assert.ok(none.outcome === "no-discovery" && none.detail.includes(issuer.origin));
    assert.match(none.detail, /\.$/);
  });

test("one that is to be asked for e-mails needs an address for it", async (t) => {
  const issuer = await startTestIssuer(t);
  const examine = () => examineIssuer({ issuer: issuer.origin, audience, userinfo: true });
  assert.equal((await examine()).outcome, "sound");
  issuer.answers.discovery = (_request, response) =>
    response.end(JSON.stringify({ issuer: issuer.origin, jwks_uri: `${issuer.origin}/keys` }));
  assert.equal((await examine()).outcome, "no-userinfo");
});
