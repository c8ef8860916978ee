import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { type TestContext, test } from "node:test";
import {
  authenticateToken,
  type Json,
  signToken,
  startTestIssuer,
  type TestIssuer,
  type TestKey,
  testClock,
  testKey,
  unsignedToken,
} from "./issuer.testing.ts";
import { type TokenKind, tokenKinds } from "./token-kinds.testing.ts";
import { createTokenVerifier, type VerifiedToken } from "./token-verifier.ts";
import { TokenRefusedError, type TrustedIssuer } from "./trusted-issuer.ts";

const strange = testKey("RS256", "strange");

/** An issuer of a kind, trusted so, and what makes its tokens. */
async function setUp(t: TestContext, kind: TokenKind, more: readonly TrustedIssuer[] = []) {
  const key = testKey(kind.alg);
  const issuer = await startTestIssuer(t, [key]);
  const clock = testClock();
  const reported: string[] = [];
  const verify = createTokenVerifier({
    issuers: [{ ...kind.trusted, issuer: issuer.origin }, ...more],
    nowMs: clock.nowMs,
    report: (_issuer, error) => reported.push(error.message),
  });
  const seconds = () => Math.floor(clock.nowMs() / 1000);
  const header = (more: Json = {}): Json => ({
    alg: kind.alg,
    kid: "key-1",
    ...(kind.access.typ !== undefined && { typ: kind.access.typ }),
    ...more,
  });
  const claims = (more: Json = {}): Json => ({
    iss: issuer.origin,
    sub: "ann",
    iat: seconds(),
    exp: seconds() + 300,
    ...kind.access.claims,
    ...more,
  });
  const signed = (change: { header?: Json; claims?: Json; key?: TestKey } = {}) =>
    signToken(change.key ?? key, header(change.header), claims(change.claims));
  return { key, issuer, clock, verify, seconds, header, claims, signed, reported };
}

type Scene = Awaited<ReturnType<typeof setUp>>;

async function assertRefused(verify: Scene["verify"], token: string, what: string): Promise<void> {
  await assert.rejects(verify(token), (error) => {
    assert.ok(error instanceof TokenRefusedError, `${what}: ${error}`);
    assert.ok(!error.message.includes(token.slice(0, 20)), "the token is not quoted");
    assert.doesNotMatch(error.message, /["\\]/, "the sentence fits into a challenge");
    return true;
  });
}

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Forged in one thing each. */
const forgeries: readonly (readonly [string, (scene: Scene) => string])[] = [
  ...["none", "None", "NONE", "nOnE", ""].map(
    (alg) =>
      [
        `alg ${JSON.stringify(alg)}`,
        ({ header, claims }: Scene) => unsignedToken(header({ alg }), claims()),
      ] as const,
  ),
  ["alg none over a genuine signature", ({ signed }) => signed({ header: { alg: "none" } })],
  ...(["pem", "der", "jwk", "empty"] as const).map(
    (form) =>
      [
        `HS256 with the public key (${form}) as its secret`,
        ({ key, header, claims }: Scene) => {
          const secrets = {
            pem: () => key.publicKey.export({ type: "spki", format: "pem" }),
            der: () => key.publicKey.export({ type: "spki", format: "der" }),
            jwk: () => JSON.stringify(key.jwk),
            empty: () => "",
          };
          return authenticateToken(secrets[form](), header({ alg: "HS256" }), claims());
        },
      ] as const,
  ),
  [
    "another key under the issuer's key id",
    ({ signed }) => signed({ key: strange, header: { alg: "RS256" } }),
  ],
  [
    "another key under its own key id",
    ({ signed }) => signed({ key: strange, header: { alg: "RS256", kid: "strange" } }),
  ],
  [
    "another key without a key id",
    ({ signed }) => signed({ key: strange, header: { alg: "RS256", kid: undefined } }),
  ],
  [
    "a key in its header",
    ({ signed }) => signed({ key: strange, header: { alg: "RS256", kid: "strange", jwk: strange.jwk } }),
  ],
  [
    "a link to keys in its header",
    ({ signed, issuer }) =>
      signed({
        key: strange,
        header: {
          alg: "RS256",
          kid: "strange",
          jku: `${issuer.origin}/forged-keys`,
          x5u: `${issuer.origin}/forged-certificate`,
        },
      }),
  ],
  [
    "a certificate in its header",
    ({ signed }) => signed({ key: strange, header: { alg: "RS256", x5c: ["AA=="] } }),
  ],
  ...["../../dev/null", "' OR 1=1 --", "__proto__", "\u0000", "key-1 "].map(
    (kid) =>
      [
        `the key id ${JSON.stringify(kid)}`,
        ({ signed }: Scene) => signed({ key: strange, header: { alg: "RS256", kid } }),
      ] as const,
  ),
  [
    "a key id that is an object",
    ({ signed }) => signed({ key: strange, header: { alg: "RS256", kid: { a: 1 } } }),
  ],
  ["another algorithm in its header", ({ signed }) => signed({ header: { alg: "PS256" } })],
  ["a critical header that nobody knows", ({ signed }) => signed({ header: { crit: ["exp2"], exp2: 1 } })],
  ["an unencoded payload", ({ signed }) => signed({ header: { crit: ["b64"], b64: false } })],
  ["another type", ({ signed }) => signed({ header: { typ: "dpop+jwt" } })],
  ["a type that is no text", ({ signed }) => signed({ header: { typ: ["at+jwt"] } })],
  [
    "changed claims under a genuine signature",
    ({ signed, claims }) => {
      const [header, , signature] = signed().split(".");
      return `${header}.${encoded(claims({ sub: "bob" }))}.${signature}`;
    },
  ],
  [
    "a changed header",
    ({ signed, header }) => `${encoded(header({ a: 1 }))}.${signed().split(".").slice(1).join(".")}`,
  ],
  ["a signature cut short", ({ signed }) => signed().slice(0, -8)],
  ["no signature", ({ signed }) => signed().split(".").slice(0, 2).concat("").join(".")],
  ["five parts", ({ signed }) => `${signed()}.a.b`],
  ["another issuer", ({ signed }) => signed({ claims: { iss: "https://issuer.example" } })],
  ["its issuer with a slash more", ({ signed, issuer }) => signed({ claims: { iss: `${issuer.origin}/` } })],
  ["no issuer", ({ signed }) => signed({ claims: { iss: undefined } })],
  ["issuers in a list", ({ signed, issuer }) => signed({ claims: { iss: [issuer.origin] } })],
  ["an end in the past", ({ signed, seconds }) => signed({ claims: { exp: seconds() - 60 } })],
  ["no end", ({ signed }) => signed({ claims: { exp: undefined } })],
  ["an end that is a text", ({ signed, seconds }) => signed({ claims: { exp: `${seconds() + 60}` } })],
  ["a beginning in the future", ({ signed, seconds }) => signed({ claims: { nbf: seconds() + 600 } })],
  ["no subject", ({ signed }) => signed({ claims: { sub: undefined } })],
  ["an empty subject", ({ signed }) => signed({ claims: { sub: "" } })],
  ["a subject that is an object", ({ signed }) => signed({ claims: { sub: { a: 1 } } })],
  ["a subject of 256 characters", ({ signed }) => signed({ claims: { sub: "a".repeat(256) } })],
  ["a bond to a key", ({ signed }) => signed({ claims: { cnf: { jkt: "thumbprint" } } })],
  ["an ID token's hash", ({ signed }) => signed({ claims: { at_hash: "h" } })],
  ["an ID token's use", ({ signed }) => signed({ claims: { token_use: "id" } })],
  ["an ID token's type as a claim", ({ signed }) => signed({ claims: { typ: "ID" } })],
  ["a refresh token's type as a claim", ({ signed }) => signed({ claims: { typ: "Refresh" } })],
  ["events", ({ signed }) => signed({ claims: { events: { a: {} } } })],
  ["claims that are a list", ({ key, header }) => signToken(key, header(), [])],
  ["claims that are a text", ({ key, header }) => signToken(key, header(), "ann")],
];

for (const kind of tokenKinds) {
  test(`an access token as of ${kind.provider} is believed`, async (t) => {
    const { verify, signed, issuer } = await setUp(t, kind);
    const { identity, scopes, expiresAtMs } = await verify(signed());
    assert.equal(identity.issuer, issuer.origin);
    assert.equal(identity.subject, "ann");
    assert.equal(identity.isPartial, undefined);
    assert.deepEqual([...scopes], ["files:read", "files:write"]);
    assert.ok(expiresAtMs > Date.now());
  });

  test(`other tokens as of ${kind.provider} are refused`, async (t) => {
    const { verify, key, issuer, seconds } = await setUp(t, kind);
    for (const { what, typ, claims } of kind.others) {
      const token = signToken(
        key,
        { alg: kind.alg, kid: "key-1", ...(typ !== undefined && { typ }) },
        { iss: issuer.origin, sub: "ann", iat: seconds(), exp: seconds() + 300, ...claims },
      );
      await assertRefused(verify, token, what);
    }
  });

  test(`forged tokens as of ${kind.provider} are refused, and nothing that they point at is fetched`, async (t) => {
    const scene = await setUp(t, kind);
    await scene.verify(scene.signed());
    for (const [what, forge] of forgeries) await assertRefused(scene.verify, forge(scene), what);
    assert.deepEqual(scene.issuer.elsewhere, []);
    assert.deepEqual(scene.reported, []);
  });

  test(`a token as of ${kind.provider} that is meant for others is refused`, async (t) => {
    const { verify, signed } = await setUp(t, kind);
    const claim = kind.trusted.audienceClaim ?? "aud";
    const audience = [kind.trusted.audience].flat()[0] ?? "";
    for (const other of [
      undefined,
      "",
      "other",
      ["other"],
      [],
      {},
      5,
      true,
      `${audience} `,
      { [audience]: 1 },
      [[audience]],
    ])
      await assertRefused(verify, signed({ claims: { [claim]: other } }), JSON.stringify(other) ?? "none");
    await verify(signed({ claims: { [claim]: ["other", audience] } }));
  });
}

const [rfc9068, cognito] = tokenKinds as readonly [TokenKind, TokenKind];

test("what is meant for us is read from the claim that is configured, and from no other", async (t) => {
  const { verify, signed } = await setUp(t, cognito);
  await assertRefused(verify, signed({ claims: { client_id: undefined, aud: "web-client" } }), "aud");
  await verify(signed({ claims: { client_id: "cli-client" } }));
});

test("clocks may differ by five seconds and no more", async (t) => {
  const { verify, signed, seconds, clock } = await setUp(t, rfc9068);
  await verify(signed({ claims: { exp: seconds() - 4 } }));
  await assertRefused(verify, signed({ claims: { exp: seconds() - 5 } }), "past");
  await verify(signed({ claims: { nbf: seconds() + 5 } }));
  await assertRefused(verify, signed({ claims: { nbf: seconds() + 6 } }), "future");
  const token = signed();
  clock.advance(306_000);
  await assertRefused(verify, token, "its time is over");
});

test("a token of the future is refused, but for what clocks may differ by", async (t) => {
  const { verify, signed, seconds } = await setUp(t, rfc9068);
  const { issuedAtMs, saidAtMs } = await verify(signed({ claims: { iat: seconds() + 5 } }));
  assert.deepEqual([issuedAtMs, saidAtMs], [(seconds() + 5) * 1000, (seconds() + 5) * 1000]);
  for (const iat of [seconds() + 6, seconds() + 600, 1e300])
    await assertRefused(verify, signed({ claims: { iat } }), `${iat}`);
  assert.equal((await verify(signed({ claims: { iat: seconds() - 0.123456 } }))).issuedAtMs % 1, 0);
  const dateless = await verify(signed({ claims: { iat: undefined } }));
  assert.deepEqual([dateless.issuedAtMs, dateless.saidAtMs], [0, undefined]);
});

test("an issuer's key signs for no other issuer, and a subject is another person at each", async (t) => {
  const other = await startTestIssuer(t, [testKey("RS256", "other-key")]);
  const scene = await setUp(t, rfc9068, [{ issuer: other.origin, audience: "https://files.example" }]);
  const { verify, signed, issuer, key } = scene;
  const [otherKey] = other.keys;
  assert.ok(otherKey);
  const kid = (name: string) => ({ kid: name });
  const mine = await verify(signed());
  const theirs = await verify(
    signed({ key: otherKey, claims: { iss: other.origin }, header: kid("other-key") }),
  );
  assert.equal(mine.identity.subject, theirs.identity.subject);
  assert.deepEqual([mine.identity.issuer, theirs.identity.issuer], [issuer.origin, other.origin]);
  for (const name of ["key-1", "other-key"]) {
    await assertRefused(verify, signed({ key: otherKey, header: kid(name) }), "the other's key");
    await assertRefused(verify, signed({ claims: { iss: other.origin }, header: kid(name) }), "our key");
  }
  // The same key id at both makes them no more alike.
  other.keys = [{ ...otherKey, jwk: { ...otherKey.jwk, kid: "key-1" } }];
  scene.clock.advance(31_000);
  await verify(signed({ key: otherKey, claims: { iss: other.origin } }));
  await assertRefused(verify, signed({ claims: { iss: other.origin } }), "our key under their key id");
  await assertRefused(verify, signed({ key: otherKey }), "their key under our key id");
  assert.ok(key !== otherKey);
});

const scopesOf = ({ scopes }: VerifiedToken) => [...scopes];

test("scopes are those with the prefix, without it; others count for nothing", async (t) => {
  const { verify, signed } = await setUp(t, cognito);
  const of = async (scope: unknown) => scopesOf(await verify(signed({ claims: { scope } })));
  assert.deepEqual(await of("stowage/files:read"), ["files:read"]);
  for (const none of [
    "files:read",
    "stowage/stowage/files:read",
    "STOWAGE/files:read",
    "stowage/",
    "",
    5,
    {},
  ])
    assert.deepEqual(await of(none), [], JSON.stringify(none));
  assert.deepEqual(await of(["stowage/files:read stowage/files:write", 5]), ["files:read", "files:write"]);
});

test("scopes of a token are ours alone, and however many it has none is cut off", async (t) => {
  const { verify, signed } = await setUp(t, rfc9068);
  const many = Array.from({ length: 200 }, (_, index) => `of-another-service-${index}`);
  const scope = [...many, "files:read", "openid", "constructor", "files:readx"].join(" ");
  assert.deepEqual(scopesOf(await verify(signed({ claims: { scope } }))), ["files:read"]);
});

test("granted scopes are each token's, beside those that it says", async (t) => {
  const kind = { ...rfc9068, trusted: { ...rfc9068.trusted, grantedScopes: ["uploads:write"] as const } };
  const { verify, signed } = await setUp(t, kind);
  assert.deepEqual(scopesOf(await verify(signed({ claims: { scope: "files:read" } }))), [
    "files:read",
    "uploads:write",
  ]);
  assert.deepEqual(scopesOf(await verify(signed({ claims: { scope: undefined } }))), ["uploads:write"]);
});

test("e-mail, name and organisation come from the claims that are named, if they are texts", async (t) => {
  const claims = { email: "https://a.example/mail", name: "displayname", organisation: "tenant" };
  const { verify, signed } = await setUp(t, { ...rfc9068, trusted: { ...rfc9068.trusted, claims } });
  const of = async (said: Json) => {
    const { identity } = await verify(signed({ claims: said }));
    return [identity.email, identity.name, identity.organisation];
  };
  const said = { "https://a.example/mail": "ann@example.com", displayname: "Ann", tenant: "Acme" };
  assert.deepEqual(await of(said), ["ann@example.com", "Ann", "Acme"]);
  const none = [undefined, undefined, undefined];
  assert.deepEqual(await of({ email: "ann@example.com", name: "Ann", org: "Acme" }), none);
  assert.deepEqual(await of({ "https://a.example/mail": ["a"], displayname: 5, tenant: "" }), none);
  const [email] = await of({ "https://a.example/mail": `${"é".repeat(318)}x😀😀` });
  assert.equal(email?.length, 320);
  assert.ok(email?.isWellFormed());
});

test("a claim's name that is one of Object's is no claim", async (t) => {
  const trusted = { ...rfc9068.trusted, requiredClaims: { constructor: ["*"], toString: ["*"] } };
  const { verify, signed } = await setUp(t, { ...rfc9068, trusted });
  await assertRefused(verify, signed(), "no such claim");
});

test("a required claim has one of its values, alone or in a list", async (t) => {
  const trusted = { ...rfc9068.trusted, requiredClaims: { groups: ["staff", "family"], acr: ["*"] } };
  const { verify, signed } = await setUp(t, { ...rfc9068, trusted });
  for (const groups of ["staff", ["guests", "family"]])
    await verify(signed({ claims: { groups, acr: "1" } }));
  for (const claims of [
    { groups: "staff" },
    { groups: "staff", acr: "" },
    { groups: "staff", acr: 1 },
    { groups: "*", acr: "1" },
    { groups: "staff family", acr: "1" },
    { acr: "1" },
  ])
    await assertRefused(verify, signed({ claims }), JSON.stringify(claims));
});

test("a published key that is too short signs nothing", async (t) => {
  const { verify, signed, issuer, reported } = await setUp(t, rfc9068);
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "short", alg: "RS256" };
  const short = { privateKey, publicKey, alg: "RS256", jwk };
  issuer.keys = [short];
  await assert.rejects(verify(signed({ key: short, header: { kid: "short" } })), /keys can't be used/);
  assert.deepEqual(reported, []);
});

test("symmetric keys that an issuer publishes by mistake make no token good", async (t) => {
  const { verify, header, claims, issuer } = await setUp(t, rfc9068);
  const secret = Buffer.alloc(32, 7);
  const [key] = issuer.keys;
  assert.ok(key);
  issuer.keys.push({
    ...key,
    jwk: { kty: "oct", k: secret.toString("base64url"), kid: "oct", alg: "HS256" },
  });
  for (const alg of ["HS256", "RS256"])
    await assertRefused(verify, authenticateToken(secret, header({ alg, kid: "oct" }), claims()), alg);
});

const asks = (issuer: TestIssuer) => ({ ...issuer.asked });

test("an issuer is asked for where its keys are, and for them, once for many tokens at once", async (t) => {
  const { verify, signed, issuer } = await setUp(t, rfc9068);
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => verify(signed({ claims: { jti: `${index}` } }))),
  );
  assert.deepEqual(asks(issuer), { discovery: 1, jwks: 1, userinfo: 0 });
});
