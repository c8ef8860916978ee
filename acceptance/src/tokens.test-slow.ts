import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { addPerson, makeToken, type Person } from "./harness/add-person.ts";
import { assertProblem, createApi } from "./harness/api-client.ts";
import {
  authenticateToken,
  type Claims,
  type DecodedToken,
  decodeToken,
  readSigningKey,
  signToken,
  unsignedToken,
} from "./harness/forge-token.ts";
import { makePng } from "./harness/images.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { emptyPromise, uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { Me } from "./harness/wire.ts";

let server: Server;
let person: Person;
let genuine: DecodedToken;
let signingKey: KeyObject;
const strangeKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
  genuine = decodeToken(person.token);
  signingKey = readSigningKey(server.dataDir);
});
after(() => server.stop());

const asks = (token: string) => createApi(server.api, token).get<Me>("/v1/me");

async function assertRefused(token: string): Promise<void> {
  const answer = await asks(token);
  assertProblem(answer, 401, "unauthenticated");
  assert.ok(token.length < 20 || !answer.text.includes(token), "the token is not repeated");
  const create = await createApi(server.api, token).post("/v1/uploads", { files: [emptyPromise(1)] });
  assertProblem(create, 401, "unauthenticated");
}

const bend = (change: { readonly header?: Claims; readonly claims?: Claims }): DecodedToken => ({
  header: { ...genuine.header, ...change.header },
  claims: { ...genuine.claims, ...change.claims },
});

/** Signed with the issuer's own key. */
const bent = (change: { readonly header?: Claims; readonly claims?: Claims }): string =>
  signToken(bend(change), signingKey);

const nowSeconds = () => Math.floor(Date.now() / 1000);

test("a token that is signed as the issuer signs is accepted, so that the refusals below mean something", async () => {
  const answer = await asks(bent({ claims: { jti: randomUUID() } }));
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.email, person.email);
  assert.equal(answer.body.issuer, server.issuer);
});

test("without a token every route answers 401 and says how to come back", async () => {
  for (const [method, path] of [
    ["GET", "/v1/me"],
    ["GET", "/v1/files"],
    ["GET", "/v1/uploads"],
    ["POST", "/v1/uploads"],
    ["POST", "/v1/uploads/complete"],
    ["POST", "/v1/downloads"],
    ["GET", "/v1/uploads/some-id"],
    ["DELETE", "/v1/uploads/some-id"],
    ["POST", "/v1/uploads/some-id/urls"],
    ["POST", "/v1/uploads/some-id/complete"],
    ["GET", "/v1/files/some-id"],
    ["DELETE", "/v1/files/some-id"],
    ["POST", "/v1/files/some-id/restore"],
    ["GET", "/v1/files/some-id/content"],
    ["GET", "/v1/files/some-id/versions"],
    ["POST", "/v1/files/some-id/versions/1/restore"],
    ["DELETE", "/v1/files/some-id/versions/1"],
  ] as const) {
    const answer = await createApi(server.api).send(method, path, method === "POST" ? { json: {} } : {});
    assertProblem(answer, 401, "unauthenticated");
  }
});

for (const [what, header] of [
  ["another scheme", "Basic YTpi"],
  ["no scheme", "abc"],
  ["an empty token", "Bearer "],
  ["a token of spaces", "Bearer a b c"],
  ["two tokens", "Bearer a, Bearer b"],
  ["a token of 100 kB", `Bearer ${"a".repeat(12_000)}`],
] as const)
  test(`an Authorization header with ${what} is 401`, async () => {
    assertProblem(
      await createApi(server.api).get("/v1/me", { authorization: header }),
      401,
      "unauthenticated",
    );
  });

test("a token in the query or the body is no token", async () => {
  const anonymous = createApi(server.api);
  const answer = await anonymous.get(`/v1/me?access_token=${person.token}`);
  assert.ok(answer.status === 401 || answer.status === 400, `${answer.status}`);
});

const forgeries: readonly (readonly [string, () => string | Promise<string>])[] = [
  ["garbage", () => "garbage"],
  ["three dots", () => "..."],
  ["parts that are no JSON", () => "YQ.YQ.YQ"],
  ["arrays for parts", () => `${Buffer.from("[]").toString("base64url")}.W10.W10`],
  ["a signature cut short", () => person.token.slice(0, -10)],
  ["no signature", () => person.token.slice(0, person.token.lastIndexOf(".") + 1)],
  [
    "other claims under a genuine signature",
    () => {
      const [header = "", , signature = ""] = person.token.split(".");
      const claims = Buffer.from(JSON.stringify({ ...genuine.claims, sub: "admin" })).toString("base64url");
      return `${header}.${claims}.${signature}`;
    },
  ],
  ...["none", "None", "NONE", ""].map(
    (alg) => [`alg ${JSON.stringify(alg)}`, () => unsignedToken(bend({ header: { alg } }))] as const,
  ),
  ["alg none over a genuine signature", () => bent({ header: { alg: "none" } })],
  ...(["pkcs1", "spki"] as const).flatMap((type) =>
    (["pem", "der"] as const).map(
      (format) =>
        [
          `HS256 with the public key (${type}, ${format}) as its secret`,
          () => {
            const publicKey = createPublicKey(signingKey);
            const secret =
              format === "pem" ? publicKey.export({ type, format }) : publicKey.export({ type, format });
            return authenticateToken(bend({ header: { alg: "HS256" } }), secret);
          },
        ] as const,
    ),
  ),
  [
    "HS256 with the key's JWK as its secret",
    () => {
      const jwk = JSON.stringify(createPublicKey(signingKey).export({ format: "jwk" }));
      return authenticateToken(bend({ header: { alg: "HS256" } }), jwk);
    },
  ],
  ["HS256 with an empty secret", () => authenticateToken(bend({ header: { alg: "HS256" } }), "")],
  ["another key under the same kid", () => signToken(genuine, strangeKey)],
  ["another key under another kid", () => signToken(bend({ header: { kid: "mine" } }), strangeKey)],
  ["another key without a kid", () => signToken(bend({ header: { kid: undefined } }), strangeKey)],
  ["RS512 in the header only", () => bent({ header: { alg: "RS512" } })],
  ["PS256 in the header only", () => bent({ header: { alg: "PS256" } })],
  [
    "its own key in the header",
    () => {
      const jwk = createPublicKey(strangeKey).export({ format: "jwk" });
      return signToken(bend({ header: { jwk, kid: undefined } }), strangeKey);
    },
  ],
  ...[
    "../../../../dev/null",
    "' OR 1=1 --",
    "http://127.0.0.1:1/jwks",
    "__proto__",
    "constructor",
    "\u0000",
  ].map(
    (kid) =>
      [`the kid ${JSON.stringify(kid)}`, () => signToken(bend({ header: { kid } }), strangeKey)] as const,
  ),
  ["a kid that is an object", () => signToken(bend({ header: { kid: { a: 1 } } }), strangeKey)],
  ["a critical header that nobody knows", () => bent({ header: { crit: ["exp2"], exp2: 1 } })],
  ["an ID token's type", () => bent({ header: { typ: "JWT" } })],
  ["no type", () => bent({ header: { typ: undefined } })],
  ["another issuer", () => bent({ claims: { iss: "https://issuer.example.test" } })],
  ["its issuer with a slash more", () => bent({ claims: { iss: `${server.issuer}/` } })],
  ["no issuer", () => bent({ claims: { iss: undefined } })],
  ["issuers in a list", () => bent({ claims: { iss: [server.issuer] } })],
  ["another audience", () => bent({ claims: { aud: "https://other.example.test" } })],
  ["no audience", () => bent({ claims: { aud: undefined } })],
  ["an end in the past", () => bent({ claims: { exp: nowSeconds() - 120, iat: nowSeconds() - 600 } })],
  ["no end", () => bent({ claims: { exp: undefined } })],
  ["an end that is a string", () => bent({ claims: { exp: String(nowSeconds() + 600) } })],
  ["an end of 1e400", () => bent({ claims: { exp: Number.POSITIVE_INFINITY } })],
  ["a beginning in the future", () => bent({ claims: { nbf: nowSeconds() + 600 } })],
  ["no subject", () => bent({ claims: { sub: undefined } })],
  ["an empty subject", () => bent({ claims: { sub: "" } })],
  ["a subject that is an object", () => bent({ claims: { sub: { a: 1 } } })],
];

for (const [what, forge] of forgeries)
  test(`a token with ${what} is 401`, async () => {
    await assertRefused(await forge());
  });

test("keys that a token points at are never fetched", async () => {
  const asked: string[] = [];
  const jwk = {
    ...createPublicKey(strangeKey).export({ format: "jwk" }),
    kid: "mine",
    alg: "RS256",
    use: "sig",
  };
  const own = createServer((request, response) => {
    asked.push(request.url ?? "");
    const origin = `http://127.0.0.1:${(own.address() as AddressInfo).port}`;
    response.setHeader("content-type", "application/json");
    const isDiscovery = request.url?.includes("openid-configuration");
    response.end(
      JSON.stringify(isDiscovery ? { issuer: origin, jwks_uri: `${origin}/jwks` } : { keys: [jwk] }),
    );
  });
  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  try {
    const origin = `http://127.0.0.1:${(own.address() as AddressInfo).port}`;
    for (const forged of [
      bend({ header: { kid: "mine", jku: `${origin}/jwks` } }),
      bend({ header: { kid: "mine", x5u: `${origin}/cert` } }),
      bend({ header: { kid: `${origin}/jwks` } }),
      bend({ header: { kid: "mine" }, claims: { iss: origin } }),
    ])
      await assertRefused(signToken(forged, strangeKey));
    assert.deepEqual(asked, []);
  } finally {
    own.close();
  }
});

test("a token of another Stowage is 401 here", async () => {
  const other = await startServer();
  try {
    await assertRefused((await addPerson(other)).token);
  } finally {
    await other.stop();
  }
});

test("a token stops working when its time is over, also one that was just used", async () => {
  const token = await makeToken(server, person.email, { ttlSeconds: 2 });
  const ends = Number(decodeToken(token).claims.exp) * 1000;
  assert.ok(ends - Date.now() <= 2000);
  await waitFor("the token to be refused", async () => (await asks(token)).status === 401, {
    timeoutMs: 15_000,
  });
  assert.ok(Date.now() - ends < 11_000, "it outlived its end by more than clocks may differ");
  await assertRefused(token);
});

test("a thousand random kids are all 401, and genuine tokens are answered all the while", async () => {
  const from = performance.now();
  let slowestMs = 0;
  const genuineTokens = Array.from({ length: 20 }, () => bent({ claims: { jti: randomUUID() } }));
  for (let batch = 0; batch < 20; batch += 1) {
    const forged = Array.from({ length: 50 }, () =>
      asks(signToken(bend({ header: { kid: randomUUID() } }), strangeKey)),
    );
    const asked = performance.now();
    const answer = await asks(genuineTokens[batch] ?? "");
    slowestMs = Math.max(slowestMs, performance.now() - asked);
    assert.equal(answer.status, 200, answer.text);
    for (const { status } of await Promise.all(forged)) assert.equal(status, 401);
  }
  const tookMs = performance.now() - from;
  assert.ok(slowestMs < 5000, `a genuine token waited ${Math.round(slowestMs)} ms`);
  assert.ok(tookMs < 40_000, `took ${Math.round(tookMs)} ms`);
});

test("a token does only what its scopes say", async () => {
  const { fileId } = await uploadToEnd(person.api, await makePng());
  const reader = createApi(server.api, await makeToken(server, person.email, { scope: "files:read" }));
  const adder = createApi(server.api, await makeToken(server, person.email, { scope: "uploads:write" }));
  const lacks = async (api: typeof reader, method: string, path: string, json?: unknown) => {
    const answer = await api.send(method, path, json === undefined ? {} : { json });
    assertProblem(answer, 403, "insufficient-scope");
    assert.match(answer.headers.get("www-authenticate") ?? "", /insufficient_scope/);
  };

  assert.equal((await reader.get("/v1/files")).status, 200);
  assert.equal((await reader.get(`/v1/files/${fileId}/content`)).status, 302);
  await lacks(reader, "POST", "/v1/uploads", { files: [emptyPromise(10)] });
  await lacks(reader, "PATCH", `/v1/files/${fileId}`, { name: "b" });
  await lacks(reader, "DELETE", `/v1/files/${fileId}`);
  await lacks(reader, "POST", `/v1/files/${fileId}/restore`);
  assert.equal((await reader.get(`/v1/files/${fileId}/versions`)).status, 200);
  await lacks(reader, "POST", `/v1/files/${fileId}/versions/1/restore`);
  await lacks(reader, "DELETE", `/v1/files/${fileId}/versions/1`);

  assert.equal((await adder.post("/v1/uploads", { files: [emptyPromise(10)] })).status, 201);
  await lacks(adder, "GET", "/v1/files");
  await lacks(adder, "GET", `/v1/files/${fileId}`);
  await lacks(adder, "GET", `/v1/files/${fileId}/content`);
  await lacks(adder, "POST", "/v1/downloads", { files: [{ id: fileId }] });
  await lacks(adder, "DELETE", `/v1/files/${fileId}`);
  await lacks(adder, "GET", `/v1/files/${fileId}/versions`);
  for (const id of [fileId, "no-such-file"])
    await lacks(adder, "POST", "/v1/uploads", {
      files: [emptyPromise(10), emptyPromise(10, { replaces: { fileId: id, version: 1 } })],
    });
});

test("a lacking scope says the same of what exists and of what doesn't", async () => {
  const { fileId } = await uploadToEnd(person.api, await makePng());
  const adder = createApi(server.api, await makeToken(server, person.email, { scope: "uploads:write" }));
  const statuses = [fileId, "no-such-file"].map(async (id) => (await adder.get(`/v1/files/${id}`)).status);
  const [there, notThere] = await Promise.all(statuses);
  assert.equal(there, notThere);
});

test("scopes that are no string, or many that nobody knows, give no right", async () => {
  for (const scope of [{ a: 1 }, [["files:read"]], [5], 5, "admin root *", "FILES:READ", "files:readx"]) {
    const token = bent({ claims: { scope } });
    const answer = await createApi(server.api, token).get("/v1/files");
    assert.ok(answer.status === 403 || answer.status === 401, `${JSON.stringify(scope)}: ${answer.status}`);
  }
});

test("the issuer publishes its keys and never a private one", async () => {
  const discovery = await fetch(`${server.issuer}/.well-known/openid-configuration`);
  assert.equal(discovery.status, 200);
  const { issuer, jwks_uri } = (await discovery.json()) as { issuer: string; jwks_uri: string };
  assert.equal(issuer, server.issuer);
  const { keys } = (await (await fetch(jwks_uri)).json()) as { keys: Record<string, string>[] };
  assert.ok(keys.some(({ kid }) => kid === genuine.header.kid));
  for (const key of keys)
    for (const member of ["d", "p", "q", "dp", "dq", "qi", "k"])
      assert.ok(!Object.hasOwn(key, member), member);
});

test("two people of one server are two principals, and one person's tokens are one", async () => {
  const other = await addPerson(server, "other");
  const again = await asks(await makeToken(server, person.email));
  const [mine, theirs] = [await person.api.get<Me>("/v1/me"), await other.api.get<Me>("/v1/me")];
  assert.equal(again.body.id, mine.body.id);
  assert.notEqual(theirs.body.id, mine.body.id);
});
