import assert from "node:assert/strict";
import { test } from "node:test";
import { type ApiUnderTest, createApiUnderTest } from "../api.testing.ts";

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

test("takes what is issued to them from the next second on, and what says no time not", async (t) => {
  const api = await createApiUnderTest();
  t.after(() => api.close());
  await signOut(api, await api.as("ann"));
  const nextSecond = Math.floor(Date.now() / 1000) + 1;
  const issuedAt = async (iat: number | undefined) => ({
    authorization: `Bearer ${await api.sign({ sub: "ann", exp: nextSecond + 300 }, {}, iat)}`,
  });
  api.advance(2000);
  assert.equal(await statusOf(api, await issuedAt(nextSecond - 1)), 401);
  assert.equal(await statusOf(api, await issuedAt(undefined)), 401);
  assert.equal(await statusOf(api, await issuedAt(nextSecond + 1)), 200);
});

test("needs somebody to be signed in, ends sign-ins at the issuer that runs here first, and nothing where that fails", async (t) => {
  const ended: string[] = [];
  let isBroken = true;
  const api = await createApiUnderTest({
    issuerAccounts: {
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
