import assert from "node:assert/strict";
import { test } from "node:test";
import { type ApiUnderTest, createApiUnderTest, issuerUrl } from "../api.testing.ts";

const statusOf = async (api: ApiUnderTest, headers: { authorization: string }, url = "/v1/me") =>
  (await api.server.inject({ method: "GET", url, headers })).statusCode;

const signOut = (api: ApiUnderTest, headers: { authorization: string }) =>
  api.server.inject({ method: "POST", url: "/v1/me/sign-out-everywhere", headers });

test("refuses every token of who signed out everywhere that was issued before, remembered or not, and nobody else's", async (t) => {
  const api = await createApiUnderTest();
  t.after(() => api.close());
  const here = await api.as("ann");
  const other = await api.as("ann", "files:read");
  const unseen = await api.as("ann", "uploads:write");
  const bob = await api.as("bob");
  for (const headers of [here, other, bob]) assert.equal(await statusOf(api, headers), 200);
  assert.equal((await signOut(api, here)).statusCode, 204);
  // Within a second: remembered for less than that without another look.
  api.advance(999);
  for (const headers of [here, other, unseen]) {
    const answer = await api.server.inject({ method: "GET", url: "/v1/me", headers });
    assert.equal(answer.statusCode, 401);
    assert.match(answer.json().detail, /signed out everywhere/);
    assert.match(String(answer.headers["www-authenticate"]), /error="invalid_token"/);
  }
  assert.equal(await statusOf(api, bob), 200);
});

test("takes what is issued to them once it is answered, in the same second or not, and nothing that was issued before, or says no time", async (t) => {
  const api = await createApiUnderTest();
  t.after(() => api.close());
  const issuedAt = async (iat: number | undefined) => ({
    authorization: `Bearer ${await api.sign({ sub: "ann", exp: Math.floor(Date.now() / 1000) + 300 }, {}, iat)}`,
  });
  const ended: { authorization: string }[] = [];
  for (let time = 0; time < 3; time += 1) {
    const before = await api.as("ann");
    assert.equal((await signOut(api, before)).statusCode, 204);
    ended.push(before);
    assert.equal(await statusOf(api, await api.as("ann")), 200);
  }
  // Within a second: remembered for less than that without another look.
  api.advance(999);
  for (const before of ended) assert.equal(await statusOf(api, before), 401);
  assert.equal(await statusOf(api, await issuedAt(undefined)), 401);
});

test("refuses a token that was verified by a clock which was ahead, once that is set right and its person has signed out", async (t) => {
  const api = await createApiUnderTest();
  t.after(() => api.close());
  const here = await api.as("ann");
  const aheadMs = 200_000;
  api.advance(aheadMs);
  assert.equal(await statusOf(api, here), 200);
  api.advance(-aheadMs);
  assert.equal((await signOut(api, here)).statusCode, 204);
  // Longer than sign-outs are watched, and shorter than the clock was ahead.
  api.advance(140_000);
  assert.equal(await statusOf(api, here), 401);
});

for (const [what, method, url, payload] of [
  ["sign-out", "POST", "/v1/me/sign-out-everywhere", undefined],
  ["deletion", "DELETE", "/v1/me", { confirm: "delete everything" }],
] as const)
  test(`ends with a ${what} also what an issuer issued whose clock is ahead, and nothing that it issues once that is answered`, async (t) => {
    const api = await createApiUnderTest();
    t.after(() => api.close());
    api.advance(-2000);
    const [asking, seen, unseen] = [await api.as("ann"), await api.as("ann"), await api.as("ann")];
    const bob = await api.as("bob");
    for (const headers of [bob, seen, asking]) assert.equal(await statusOf(api, headers), 200);
    const body = payload ? { payload } : {};
    assert.equal((await api.server.inject({ method, url, headers: asking, ...body })).statusCode, 204);
    assert.equal(await statusOf(api, await api.as("ann")), 200);
    // Within a second: remembered for less than that without another look.
    api.advance(999);
    for (const headers of [asking, seen, unseen]) assert.equal(await statusOf(api, headers), 401);
    assert.equal(await statusOf(api, bob), 200);
  });

test("is done by who signed in as that person, and by no token that is good for a part of it", async (t) => {
  const api = await createApiUnderTest();
  t.after(() => api.close());
  const confirm = { confirm: "delete everything" };
  for (const scope of ["files:read", "files:write", "files:read files:write", "uploads:write files:read"])
    for (const [method, url, payload] of [
      ["POST", "/v1/me/sign-out-everywhere", undefined],
      ["DELETE", "/v1/me", confirm],
    ] as const) {
      const answer = await api.server.inject({
        method,
        url,
        headers: await api.as("ann", scope),
        ...(payload ? { payload } : {}),
      });
      assert.deepEqual(
        [answer.statusCode, answer.json().code],
        [403, "insufficient-scope"],
        `${scope} ${url}`,
      );
      assert.match(
        String(answer.headers["www-authenticate"]),
        /scope="files:read files:write uploads:write"/,
      );
    }
  assert.equal(await statusOf(api, await api.as("ann")), 200);
});

test("lets whoever deleted their account come again as somebody new as soon as it is answered", async (t) => {
  const api = await createApiUnderTest();
  t.after(() => api.close());
  const before = await api.as("ann");
  const headers = { ...before };
  const payload = { confirm: "delete everything" };
  assert.equal(
    (await api.server.inject({ method: "DELETE", url: "/v1/me", headers, payload })).statusCode,
    204,
  );
  assert.equal(await statusOf(api, await api.as("ann")), 200);
  api.advance(999);
  assert.equal(await statusOf(api, before), 401);
});

test("makes no account anew by a token that was looked at just before its account was deleted", async (t) => {
  const api = await createApiUnderTest();
  t.after(() => api.close());
  const { metadata } = api.services;
  const before = await api.as("ann");
  const { id } = (await api.server.inject({ method: "GET", url: "/v1/me", headers: before })).json();
  const find = metadata.findTokensValidFrom.bind(metadata);
  const late = t.mock.method(
    metadata,
    "findTokensValidFrom",
    async (identity: Parameters<typeof find>[0]) => {
      const found = await find(identity);
      await metadata.deleteAccount({ principalId: id });
      return found;
    },
  );
  const unseen = await api.as("ann", "files:read");
  const answer = await api.server.inject({ method: "GET", url: "/v1/me", headers: unseen });
  assert.deepEqual([answer.statusCode, answer.json().code], [401, "account-deleted"]);
  late.mock.restore();
  assert.equal(await statusOf(api, unseen), 401);
  const left = await metadata.listDeletedAccounts({ limit: 10 });
  assert.equal(left.length, 2, "what was made is to be erased, too");
  for (const { principalId } of left)
    assert.equal((await metadata.findPrincipal(principalId))?.email, undefined);
  api.advance(2000);
  const seconds = Math.floor(Date.now() / 1000);
  const later = await api.sign({ sub: "ann", exp: seconds + 300 }, {}, seconds + 2);
  assert.equal(await statusOf(api, { authorization: `Bearer ${later}` }), 200);
});

test("needs somebody to be signed in, ends sign-ins at the issuer that runs here first, and nothing where that fails", async (t) => {
  const ended: string[] = [];
  let isBroken = true;
  const api = await createApiUnderTest({
    issuerAccounts: {
      issuer: issuerUrl,
      endSignIns: async ({ issuer, subject }) => {
        if (isBroken) throw new Error("The issuer's database is away.");
        ended.push(`${issuer} ${subject}`);
      },
      remove: async () => undefined,
    },
  });
  t.after(() => api.close());
  assert.equal(
    (await api.server.inject({ method: "POST", url: "/v1/me/sign-out-everywhere" })).statusCode,
    401,
  );
  const ann = await api.as("ann");
  assert.equal((await signOut(api, ann)).statusCode, 500);
  api.advance(1000);
  isBroken = false;
  assert.equal((await signOut(api, ann)).statusCode, 204);
  assert.deepEqual(ended, ["https://issuer.example/oidc ann"]);
});
