import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { createLocalJWKSet, errors, jwtVerify } from "jose";
import {
  type AccessTokenRequest,
  InvalidIssuerUrlError,
  InvalidTokenRequestError,
  OperatorScopeError,
  openIssuer,
  ReasonRequiredError,
  UnknownAccountError,
  UnknownScopeError,
} from "./index.ts";

const issuerUrl = "http://localhost:8420/oidc";
const audience = "http://localhost:8420";
const request: AccessTokenRequest = {
  email: "ann@example.com",
  issuerUrl,
  audience,
  scope: "files:read uploads:write",
  expiresInSeconds: 600,
};

async function newIssuer(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "stowage-issuer-"));
  const now = () => new Date("2026-02-03T04:05:06.789Z");
  const issuer = await openIssuer({ directory, now });
  const database = new DatabaseSync(join(directory, "issuer.sqlite"));
  t.after(() => {
    database.close();
    issuer.close();
    rmSync(directory, { recursive: true });
  });
  const mints = () => database.prepare("SELECT * FROM token_mints ORDER BY sequence").all();
  const verify = (token: string, options = {}) =>
    jwtVerify(token, createLocalJWKSet(issuer.jwks()), {
      issuer: issuerUrl,
      audience,
      typ: "at+jwt",
      algorithms: ["RS256"],
      requiredClaims: ["sub", "exp", "iat", "jti", "client_id", "scope"],
      currentDate: now(),
      ...options,
    });
  return { issuer, database, mints, verify };
}

test("a token is an RFC 9068 access token that the published keys verify", async (t) => {
  const { issuer, verify } = await newIssuer(t);
  const ann = await issuer.addAccount({ email: "Ann@example.com" });
  const { payload, protectedHeader } = await verify(await issuer.mintAccessToken(request));
  assert.deepEqual(protectedHeader, { alg: "RS256", typ: "at+jwt", kid: issuer.jwks().keys[0]?.kid });
  const { jti, ...claims } = payload;
  assert.match(String(jti), /^[0-9a-f-]{36}$/);
  const iat = Date.parse("2026-02-03T04:05:06Z") / 1000;
  assert.deepEqual(claims, {
    iss: issuerUrl,
    sub: ann.id,
    aud: audience,
    iat,
    exp: iat + 600,
    client_id: "stowage-cli",
    scope: "files:read uploads:write",
    email: "Ann@example.com",
    email_verified: true,
  });
});

test("name, organisation and operator are claims of whoever has them", async (t) => {
  const { issuer, verify } = await newIssuer(t);
  await issuer.addAccount({ email: "ann@example.com", name: "Zoë", organisation: "Acme", operator: true });
  const { payload } = await verify(await issuer.mintAccessToken({ ...request, scope: "operations:read" }));
  assert.deepEqual([payload.name, payload.org, payload.operator], ["Zoë", "Acme", true]);
});

test("a token is refused where it does not belong: later, elsewhere, as another kind, by other keys", async (t) => {
  const { issuer, verify } = await newIssuer(t);
  await issuer.addAccount({ email: "ann@example.com" });
  const token = await issuer.mintAccessToken(request);
  await assert.rejects(verify(token, { currentDate: new Date("2026-02-03T04:15:06Z") }), errors.JWTExpired);
  await assert.rejects(verify(token, { audience: "https://other.example" }), errors.JWTClaimValidationFailed);
  await assert.rejects(verify(token, { issuer: `${issuerUrl}/` }), errors.JWTClaimValidationFailed);
  await assert.rejects(verify(token, { typ: "JWT" }), errors.JWTClaimValidationFailed);

  const other = await newIssuer(t);
  await assert.rejects(other.verify(token), errors.JWKSNoMatchingKey);
});

test("no token is written that could pass for an ID token", async (t) => {
  const { issuer, verify } = await newIssuer(t);
  await issuer.addAccount({ email: "ann@example.com", operator: true });
  for (const scope of ["files:read", "audit:read operations:read"]) {
    const { payload, protectedHeader } = await verify(await issuer.mintAccessToken({ ...request, scope }));
    assert.equal(protectedHeader.typ, "at+jwt");
    for (const claim of ["nonce", "at_hash", "c_hash", "auth_time", "azp"])
      assert.ok(!Object.hasOwn(payload, claim), claim);
  }
});

test("no two tokens are the same", async (t) => {
  const { issuer } = await newIssuer(t);
  await issuer.addAccount({ email: "ann@example.com" });
  assert.notEqual(await issuer.mintAccessToken(request), await issuer.mintAccessToken(request));
});

test("each token is recorded: for whom, when, which scope, why", async (t) => {
  const { issuer, mints, verify } = await newIssuer(t);
  const { id } = await issuer.addAccount({ email: "ann@example.com" });
  const { payload: first } = await verify(await issuer.mintAccessToken(request));
  const second = { ...request, scope: " albums:write  albums:write", reason: " Ticket 7:\u00a0lost phone " };
  const { payload } = await verify(await issuer.mintAccessToken(second));
  const row = {
    account_id: id,
    minted_at: "2026-02-03T04:05:06.000Z",
    expires_at: "2026-02-03T04:15:06.000Z",
    issuer: issuerUrl,
    audience,
  };
  assert.deepEqual(
    mints().map((mint) => ({ ...mint })),
    [
      { sequence: 1, token_id: first.jti, ...row, scope: "files:read uploads:write", reason: null },
      {
        sequence: 2,
        token_id: payload.jti,
        ...row,
        scope: "albums:write",
        reason: "Ticket 7:\u00a0lost phone",
      },
    ],
  );
});

test("what is recorded can be neither changed nor deleted", async (t) => {
  const { issuer, database, mints } = await newIssuer(t);
  await issuer.addAccount({ email: "ann@example.com" });
  await issuer.mintAccessToken({ ...request, reason: "why" });
  const before = mints();
  assert.throws(() => database.exec("UPDATE token_mints SET reason = 'other'"), /append-only/);
  assert.throws(() => database.exec("DELETE FROM token_mints"), /append-only/);
  assert.deepEqual(mints(), before);
});

test("once a person has signed in, a token in their name needs a reason", async (t) => {
  const { issuer, mints, verify } = await newIssuer(t);
  await issuer.addAccount({ email: "ann@example.com" });
  await issuer.recordSignIn("ann@example.com");
  await assert.rejects(
    issuer.mintAccessToken(request),
    (error) => error instanceof ReasonRequiredError && error.code === "reason-required",
  );
  for (const reason of ["", " \n", "x".repeat(501), "a\nb"])
    await assert.rejects(issuer.mintAccessToken({ ...request, reason }), InvalidTokenRequestError);
  assert.equal(mints().length, 0);
  await verify(await issuer.mintAccessToken({ ...request, reason: "Ticket 7" }));
  assert.equal(mints()[0]?.reason, "Ticket 7");
});

test("a sign-in that another process records counts for the next token", async (t) => {
  const { issuer, database } = await newIssuer(t);
  await issuer.addAccount({ email: "ann@example.com" });
  await issuer.mintAccessToken(request);
  database.exec("UPDATE accounts SET signed_in_at = '2026-02-03T00:00:00.000Z'");
  await assert.rejects(issuer.mintAccessToken(request), ReasonRequiredError);
});

test("what is refused is refused by name, and neither signed nor recorded", async (t) => {
  const { issuer, mints } = await newIssuer(t);
  await issuer.addAccount({ email: "ann@example.com" });
  const refused = (change: Partial<AccessTokenRequest>, expected: object) =>
    assert.rejects(issuer.mintAccessToken({ ...request, ...change }), expected);

  await refused({ email: "eve@example.com" }, UnknownAccountError);
  await refused({ email: "no address" }, UnknownAccountError);
  await refused({ scope: "files:read files:own" }, { code: "unknown-scope", scope: "files:own" });
  await refused({ scope: "" }, UnknownScopeError);
  await refused({ scope: "files:read operations:read" }, OperatorScopeError);
  await refused({ scope: "operations:read" }, { code: "operator-scope", scope: "operations:read" });
  for (const expiresInSeconds of [0, -1, 1.5, 86_401, Number.NaN, Number.POSITIVE_INFINITY])
    await refused({ expiresInSeconds }, InvalidTokenRequestError);
  await refused({ audience: "" }, InvalidTokenRequestError);
  await refused({ issuerUrl: "localhost:8420" }, InvalidIssuerUrlError);
  assert.equal(mints().length, 0);
});

test("a token may live for one second or a day", async (t) => {
  const { issuer, verify } = await newIssuer(t);
  await issuer.addAccount({ email: "ann@example.com" });
  for (const expiresInSeconds of [1, 86_400]) {
    const { payload } = await verify(await issuer.mintAccessToken({ ...request, expiresInSeconds }));
    assert.equal(Number(payload.exp) - Number(payload.iat), expiresInSeconds);
  }
});
