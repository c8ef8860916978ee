import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { guestIssuer } from "@stowage/core";
import type { Scope } from "@stowage/protocol";
import { generateKeyPair, SignJWT } from "jose";
import { type ApiUnderTest, audience, capabilityKey, createApiUnderTest, issuerUrl } from "../api.testing.ts";
import { capabilityRefused, createCapabilityTokens, isCapabilityToken } from "./capability-tokens.ts";

let api: ApiUnderTest;
before(async () => {
  api = await createApiUnderTest();
});
after(() => api.close());

const nowMs = () => api.services.clock.nowMs();
const tokens = (key = capabilityKey, forWhom = audience) =>
  createCapabilityTokens({ key, audience: forWhom }, nowMs);

/** A guest's right, as accepting an invite makes it. */
async function newGuest(o: { readonly lifeMs?: number; readonly scopes?: readonly Scope[] } = {}) {
  const { lifeMs = 3_600_000, scopes = ["files:read", "uploads:write"] } = o;
  const { metadata, ids } = api.services;
  const subject = ids.newId();
  const principalId = (
    await metadata.ensurePrincipal({ issuer: guestIssuer, subject, name: "Gus", newId: subject })
  ).id;
  const endsAtMs = nowMs() + lifeMs;
  const id = ids.newId();
  await metadata.mintCapability({ kind: "guest", id, principalId, albumId: "album", scopes, endsAtMs });
  return { id, principalId, endsAtMs, token: await tokens().sign({ id, endsAtMs }) };
}

/** A right that a person gave to a program. */
async function newDelegation(o: { readonly lifeMs?: number } = {}) {
  const { lifeMs = 3_600_000 } = o;
  const { metadata, ids } = api.services;
  const person = await metadata.ensurePrincipal({
    issuer: issuerUrl,
    subject: ids.newId(),
    newId: ids.newId(),
  });
  const minted = await metadata.mintDelegation({
    ...{ id: ids.newId(), personId: person.id, byTokenOfMs: nowMs(), scopes: ["uploads:write"], bounds: {} },
    ...{ lifetimeMs: lifeMs, maxPerPerson: 9 },
  });
  assert.equal(minted.outcome, "minted");
  const { id, endsAtMs } = minted.delegation;
  return { id, endsAtMs, token: await tokens().sign({ id, endsAtMs }) };
}

type NewRight = (o?: { readonly lifeMs?: number }) => Promise<{
  readonly id: string;
  readonly endsAtMs: number;
  readonly token: string;
}>;

const ask = (token: string, url = "/v1/me") =>
  api.server.inject({ url, headers: { authorization: `Bearer ${token}` } });

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const decode = (part: string | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from(part ?? "", "base64url").toString("utf8"));

/** One of ours with other header and claims, signed with our own key: what is left of the checks but the signature's. */
const resignedOf = async (
  newRight: NewRight,
  header: object,
  claims: object,
  secret: Uint8Array = capabilityKey,
) => {
  const [oldHeader, oldClaims] = (await newRight()).token.split(".");
  const input = `${encode({ ...decode(oldHeader), ...header })}.${encode({ ...decode(oldClaims), ...claims })}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
};

test("a guest comes in with the token of their right, as who they are and with what it allows", async () => {
  const { token, principalId } = await newGuest();
  const answer = await ask(token);
  assert.equal(answer.statusCode, 200);
  const { id, issuer, name, scopes } = answer.json();
  assert.deepEqual(
    { id, issuer, name, scopes },
    { id: principalId, issuer: guestIssuer, name: "Gus", scopes: ["files:read", "uploads:write"] },
  );
  assert.equal((await ask(token, "/v1/files")).json().items.length, 0);
});

test("signed again with nothing changed it is good: what the refusals below change is what is refused", async () => {
  assert.equal((await ask(await resignedOf(newGuest, {}, {}))).statusCode, 200);
  const url = "/v1/uploads?ids=a";
  assert.equal((await ask(await resignedOf(newDelegation, {}, {}), url)).statusCode, 200);
});

test("a right without a scope is told which one it lacks", async () => {
  const { token } = await newGuest({ scopes: ["uploads:write"] });
  const answer = await ask(token, "/v1/files");
  assert.deepEqual([answer.statusCode, answer.json().code], [403, "insufficient-scope"]);
});

test("what is taken back, or ends, is good for nothing in the very next request", async () => {
  const { token, principalId } = await newGuest();
  assert.equal((await ask(token)).statusCode, 200);
  await api.services.metadata.revokeCapabilities({ principalId, actor: "system" });
  assert.equal((await ask(token)).statusCode, 401);

  const short = await newGuest({ lifeMs: 90_000 });
  api.advance(89_000);
  assert.equal((await ask(short.token)).statusCode, 200);
  api.advance(1_000);
  assert.equal((await ask(short.token)).statusCode, 401);
});

/** By which right they are forged, which is good itself. */
const forgedOf = (newRight: NewRight): readonly [string, () => Promise<string>][] => {
  const resigned = (header: object, claims: object, secret?: Uint8Array) =>
    resignedOf(newRight, header, claims, secret);
  return [
    [
      "alg none",
      async () => {
        const [, claims] = (await newRight()).token.split(".");
        return `${encode({ alg: "none", typ: "stowage-capability+jwt" })}.${claims}.`;
      },
    ],
    ["another key", () => resigned({}, {}, new Uint8Array(32).fill(8))],
    ["an empty key", () => resigned({}, {}, new Uint8Array())],
    ["HS512 in its header", () => resigned({ alg: "HS512" }, {})],
    ...(["RS256", "ES256"] as const).map((alg): [string, () => Promise<string>] => [
      `${alg} with a key of the forger's`,
      async () => {
        const { privateKey } = await generateKeyPair(alg);
        const [, claims] = (await newRight()).token.split(".");
        return new SignJWT(decode(claims))
          .setProtectedHeader({ alg, kid: "key-1", typ: "stowage-capability+jwt" })
          .sign(privateKey);
      },
    ]),
    [
      "the issuer's signature under our type",
      async () => {
        const { id } = await newRight();
        return api.sign({ jti: id }, { typ: "stowage-capability+jwt" });
      },
    ],
    [
      "the issuer's signature under our type and our claims",
      async () => {
        const { token } = await newRight();
        return api.sign(decode(token.split(".")[1]), { typ: "application/Stowage-Capability+JWT" });
      },
    ],
    ["our signature under an access token's type", () => resigned({ typ: "at+jwt" }, {})],
    [
      "our signature under an access token's type and an issuer's claims",
      () => resigned({ typ: "at+jwt", kid: "key-1" }, { iss: issuerUrl, sub: "ann", scope: "files:read" }),
    ],
    ["no type", () => resigned({ typ: undefined }, {})],
    ["another issuer", () => resigned({}, { iss: issuerUrl })],
    ["another audience", () => resigned({}, { aud: "https://other.example" })],
    ["no audience", () => resigned({}, { aud: undefined })],
    ["no end", () => resigned({}, { exp: undefined })],
    ["an end that is past", () => resigned({}, { exp: Math.floor(nowMs() / 1000) - 1 })],
    ["no time of its making", () => resigned({}, { iat: undefined })],
    ["a beginning to come", () => resigned({}, { nbf: Math.floor(nowMs() / 1000) + 60 })],
    ["no id", () => resigned({}, { jti: undefined })],
    ["an id of nothing", () => resigned({}, { jti: api.services.ids.newId() })],
    ["a number for an id", () => resigned({}, { jti: 1 })],
    ["a critical header that nobody knows", () => resigned({ crit: ["b64"], b64: false }, {})],
    ...(["jti", "exp", "aud"] as const).map((claim): [string, () => Promise<string>] => [
      `another ${claim} than was signed`,
      async () => {
        const [header, claims, signature] = (await newRight()).token.split(".");
        const others = decode((await newRight({ lifeMs: 7_200_000 })).token.split(".")[1]);
        const said = { ...decode(claims), [claim]: claim === "aud" ? [audience, "x"] : others[claim] };
        return `${header}.${encode(said)}.${signature}`;
      },
    ]),
    ["a cut signature", async () => (await newRight()).token.slice(0, -1)],
    ["no signature", async () => `${(await newRight()).token.split(".").slice(0, 2).join(".")}.`],
    ["two parts", async () => (await newRight()).token.split(".").slice(0, 2).join(".")],
    ["the token encoded twice", async () => Buffer.from((await newRight()).token).toString("base64url")],
    [
      "each part encoded twice",
      async () =>
        (await newRight()).token
          .split(".")
          .map((part) => Buffer.from(part).toString("base64url"))
          .join("."),
    ],
    [
      "a token of another server's",
      async () => {
        const { id, endsAtMs } = await newRight();
        return tokens(capabilityKey, "https://elsewhere.example").sign({ id, endsAtMs });
      },
    ],
  ];
};

const forged = [
  ...forgedOf(newGuest).map(([what, make]) => [`${what}, by a guest's`, make] as const),
  ...forgedOf(newDelegation).map(([what, make]) => [`${what}, by a person's`, make] as const),
];

for (const [what, make] of forged)
  test(`${what}, is answered 401, and no more is said than of any other`, async () => {
    const token = await make();
    const answer = await ask(token);
    assert.equal(answer.statusCode, 401);
    assert.equal(answer.json().code, "unauthenticated");
    if (isCapabilityToken(token)) assert.equal(answer.json().detail, capabilityRefused);
    assert.equal((await ask(token)).statusCode, 401, "a second time too");
  });

test("each character of a token that is changed makes it good for nothing", async () => {
  const { token } = await newGuest();
  for (let index = 0; index < token.length - 1; index += 1) {
    const other = token[index] === "A" ? "B" : "A";
    const answer = await ask(`${token.slice(0, index)}${other}${token.slice(index + 1)}`);
    assert.equal(answer.statusCode, 401, `character ${index}`);
  }
});

test("a key that is too short to sign with is refused at the start", () => {
  assert.throws(() => createCapabilityTokens({ key: new Uint8Array(31), audience }, nowMs), /32 bytes/);
});
