import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ApiUnderTest, createApiUnderTest } from "../api.testing.ts";
import { makeReadyFile } from "../ready-file.testing.ts";

let api: ApiUnderTest;
before(async () => {
  api = await createApiUnderTest();
});
after(() => api.close());

type Method = "GET" | "PUT" | "DELETE" | "POST" | "PATCH";

/** Asks as somebody: `[status, body]`. */
async function ask(who: string, method: Method, url: string, payload?: object) {
  const headers = await api.as(who);
  const answer = await api.server.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.body === "" ? undefined : answer.json() };
}

const idOf = async (who: string): Promise<string> => (await ask(who, "GET", "/v1/me")).body.id;

const annsFile = async () => (await makeReadyFile(api, await api.as("ann"))).fileId;

test("whom a file is shared with sees it, as long as it is, and no more than that", async () => {
  const [id, bob] = [await annsFile(), await idOf("bob")];
  const grant = `/v1/files/${id}/grants/${bob}`;
  assert.equal((await ask("bob", "GET", `/v1/files/${id}`)).status, 404);
  assert.equal((await ask("ann", "GET", grant)).status, 404);
  const put = await ask("ann", "PUT", grant);
  assert.equal(put.status, 200);
  assert.deepEqual(Object.keys(put.body), ["userId", "grantedAt"]);
  assert.deepEqual((await ask("ann", "PUT", grant, {})).body, put.body, "again is the same");
  assert.deepEqual((await ask("ann", "GET", grant)).body, put.body);
  assert.deepEqual((await ask("ann", "GET", `/v1/files/${id}/grants`)).body, {
    items: [put.body],
    nextCursor: null,
  });
  const seen = await ask("bob", "GET", `/v1/files/${id}`);
  assert.deepEqual(
    [seen.status, seen.body.access],
    [200, { can: ["read"], because: "Its owner shared this file with you." }],
  );
  for (const [method, url] of [
    ["GET", `/v1/files/${id}/grants`],
    ["GET", grant],
    ["PUT", grant],
    ["DELETE", grant],
    ["GET", `/v1/files/${id}/versions`],
  ] as const)
    assert.equal((await ask("bob", method, url)).status, 403, `${method} ${url}`);
  assert.equal((await ask("ann", "DELETE", grant)).status, 204);
  assert.equal((await ask("ann", "DELETE", grant)).status, 404);
  assert.equal((await ask("bob", "GET", `/v1/files/${id}`)).status, 404);
});

test("a grant with an end shows the file until then", async () => {
  const [id, bob] = [await annsFile(), await idOf("bob")];
  const endsAtMs = api.services.clock.nowMs() + 60_000;
  const endsAt = new Date(endsAtMs).toISOString();
  const put = await ask("ann", "PUT", `/v1/files/${id}/grants/${bob}`, { endsAt });
  assert.equal(put.body.endsAt, endsAt);
  assert.equal((await ask("bob", "GET", `/v1/files/${id}`)).status, 200);
  api.advance(60_000);
  assert.equal((await ask("bob", "GET", `/v1/files/${id}`)).status, 404);
  assert.deepEqual((await ask("ann", "GET", `/v1/files/${id}/grants`)).body.items, []);
  assert.equal((await ask("ann", "GET", `/v1/files/${id}/grants/${bob}`)).status, 404);
  assert.equal((await ask("ann", "PUT", `/v1/files/${id}/grants/${bob}`)).status, 200, "and anew");
  assert.equal((await ask("bob", "GET", `/v1/files/${id}`)).status, 200);
});

test("an id that nobody has is answered as one that somebody has", async () => {
  const [id, carol] = [await annsFile(), await idOf("carol")];
  const nobody = `${carol.slice(0, -1)}${carol.endsWith("0") ? "1" : "0"}`;
  const tell = async (userId: string) => {
    const put = await ask("ann", "PUT", `/v1/files/${id}/grants/${userId}`);
    const text = JSON.stringify(put.body)
      .replaceAll(userId, "")
      .replace(/"grantedAt":"[^"]*"/, "");
    return [put.status, text, (await ask("ann", "DELETE", `/v1/files/${id}/grants/${userId}`)).status];
  };
  assert.deepEqual(await tell(carol), await tell(nobody));
});

for (const [what, payload, pointer] of [
  ["an end in the past", { endsAt: "2020-01-01T00:00:00Z" }, "/endsAt"],
  ["an end that is no time", { endsAt: "tomorrow" }, "/endsAt"],
  ["an end without an offset", { endsAt: "2999-01-01T00:00:00" }, "/endsAt"],
  ["a member that there is not", { until: "2999-01-01T00:00:00Z" }, "/until"],
] as const)
  test(`a grant with ${what} is refused, and the member named`, async () => {
    const { status, body } = await ask("ann", "PUT", `/v1/files/${await annsFile()}/grants/b`, payload);
    assert.deepEqual([status, body.code, body.errors[0].pointer], [400, "validation-failed", pointer]);
  });

for (const [what, userId] of [
  ["oneself", () => idOf("ann")],
  ["whoever has no token", () => Promise.resolve("anonymous")],
] as const)
  test(`a file is not shared with ${what}`, async () => {
    const { status, body } = await ask(
      "ann",
      "PUT",
      `/v1/files/${await annsFile()}/grants/${await userId()}`,
    );
    assert.deepEqual([status, body.code], [400, "validation-failed"]);
  });

test("a stranger is answered as if there were no such file", async () => {
  const id = await annsFile();
  for (const [method, suffix] of [
    ["GET", ""],
    ["GET", "/b"],
    ["PUT", "/b"],
    ["DELETE", "/b"],
  ] as const) {
    const tell = async (fileId: string) => {
      const { status, body } = await ask("eve", method, `/v1/files/${fileId}/grants${suffix}`);
      return [status, { ...body, requestId: "" }];
    };
    const there = await tell(id);
    assert.equal(there[0], 404);
    assert.deepEqual(there, await tell("none"));
  }
});

test("what is in the trash is shared with nobody more, and can be taken back", async () => {
  const [id, bob] = [await annsFile(), await idOf("bob")];
  await ask("ann", "PUT", `/v1/files/${id}/grants/${bob}`);
  await api.server.inject({
    method: "DELETE",
    url: `/v1/files/${id}`,
    headers: { ...(await api.as("ann")), "if-match": "*" },
  });
  assert.equal((await ask("bob", "GET", `/v1/files/${id}`)).status, 404);
  const put = await ask("ann", "PUT", `/v1/files/${id}/grants/c`);
  assert.deepEqual([put.status, put.body.code], [409, "file-not-ready"]);
  assert.equal((await ask("ann", "DELETE", `/v1/files/${id}/grants/${bob}`)).status, 204);
});

test("grants come page by page", async () => {
  const id = await annsFile();
  for (const userId of ["d", "a", "c", "b"]) await ask("ann", "PUT", `/v1/files/${id}/grants/${userId}`);
  const first = await ask("ann", "GET", `/v1/files/${id}/grants?limit=3`);
  const rest = await ask("ann", "GET", `/v1/files/${id}/grants?limit=3&cursor=${first.body.nextCursor}`);
  const users = [...first.body.items, ...rest.body.items].map(({ userId }) => userId);
  assert.deepEqual([users, rest.body.nextCursor], [["a", "b", "c", "d"], null]);
});
