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

const scopesOfPeople = "files:read files:write uploads:write";
const scopesOfOperators = `${scopesOfPeople} operations:read`;

/** As the API's clock has it, which tests move on. */
const tokenOf = (claims: { sub: string; org?: string; scope?: string }): Promise<string> =>
  api.sign({ ...claims, exp: Math.floor(api.services.clock.nowMs() / 1000) + 300 });

const headersOf = async (claims: { sub: string; org?: string }) => ({
  authorization: `Bearer ${await tokenOf(claims)}`,
});

async function ask(
  { sub, org, isOperator = false }: { sub: string; org?: string; isOperator?: boolean },
  method: Method,
  url: string,
  payload?: object,
) {
  const scope = isOperator ? scopesOfOperators : scopesOfPeople;
  const token = await tokenOf({ sub, scope, ...(org === undefined ? {} : { org }) });
  const headers = { authorization: `Bearer ${token}`, "if-match": "*" };
  const answer = await api.server.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  return {
    status: answer.statusCode,
    body: answer.body === "" ? {} : answer.json(),
    headers: answer.headers,
  };
}

const ann = { sub: "ann", org: "acme" };
const bob = { sub: "bob", org: "acme" };
const dave = { sub: "dave" };
const op = { sub: "op", isOperator: true };

const idOf = async (who: { sub: string; org?: string }): Promise<string> =>
  (await ask(who, "GET", "/v1/me")).body.id;

const annsFile = async () => (await makeReadyFile(api, await headersOf(ann))).fileId;

const reason = "A complaint about it, number 4711.";

test("an owner is told of anybody whether they may see a file, and why", async () => {
  const id = await annsFile();
  const explain = async (userId: string) => {
    const { status, body } = await ask(ann, "GET", `/v1/files/${id}/access?userId=${userId}`);
    assert.deepEqual([status, body.userId], [200, userId]);
    return [body.can, body.because];
  };
  const [annId, bobId, daveId] = [await idOf(ann), await idOf(bob), await idOf(dave)];
  const everything = ["read", "history", "change", "share", "delete"];
  const notShared =
    "It is not shared with them, in no album of theirs, and neither public nor shown to an organisation of theirs.";
  assert.deepEqual(await explain(annId), [everything, "They own this file."]);
  assert.deepEqual(await explain(bobId), [[], notShared]);
  await ask(ann, "PUT", `/v1/files/${id}/grants/${daveId}`);
  assert.deepEqual(await explain(daveId), [["read"], "It was shared with them."]);
  await ask(ann, "PATCH", `/v1/files/${id}`, { visibility: "organisation" });
  assert.deepEqual(await explain(bobId), [
    ["read"],
    "It is shown to your organisation, which is theirs too.",
  ]);
  await ask(ann, "PATCH", `/v1/files/${id}`, { visibility: "public" });
  assert.deepEqual(await explain(bobId), [["read"], "It is public: everyone may see it."]);
  assert.deepEqual(await explain("anonymous"), [["read"], "It is public: everyone may see it."]);
  await ask(ann, "DELETE", `/v1/files/${id}`);
  assert.deepEqual(await explain(daveId), [
    [],
    "It is in the trash or quarantined, where only its owner sees it.",
  ]);
});

test("an id that nobody has is explained as a stranger's", async () => {
  const [id, daveId] = [await annsFile(), await idOf(dave)];
  const nobody = `${daveId.slice(0, -1)}${daveId.endsWith("0") ? "1" : "0"}`;
  const [known, unknown] = await Promise.all(
    [daveId, nobody].map((userId) => ask(ann, "GET", `/v1/files/${id}/access?userId=${userId}`)),
  );
  assert.deepEqual({ ...known?.body, userId: "" }, { ...unknown?.body, userId: "" });
});

test("nobody but its owner asks who may see a file", async () => {
  const [id, daveId] = [await annsFile(), await idOf(dave)];
  const asked = (fileId: string) => ask(dave, "GET", `/v1/files/${fileId}/access?userId=${daveId}`);
  assert.equal((await asked(id)).status, 404);
  await ask(ann, "PUT", `/v1/files/${id}/grants/${daveId}`);
  assert.equal((await asked(id)).status, 403);
  assert.equal((await ask(ann, "GET", `/v1/files/${id}/access`)).status, 400);
});

test("an operator sees nothing before they break the glass, then for an hour what others would, and the owner is told", async () => {
  const [id, opId] = [await annsFile(), await idOf(op)];
  const at = `/v1/files/${id}`;
  for (const url of [at, `${at}/content`, `${at}/versions`, `${at}/grants`])
    assert.equal((await ask(op, "GET", url)).status, 404, url);
  const etag = (await ask(ann, "GET", at)).headers.etag;
  const broken = await ask(op, "POST", `${at}/break-glass`, { reason });
  assert.equal(broken.status, 201);
  const endsAtMs = Date.parse(broken.body.at) + 3_600_000;
  assert.deepEqual(broken.body, {
    at: broken.body.at,
    by: opId,
    reason,
    endsAt: new Date(endsAtMs).toISOString(),
  });
  const seen = await ask(op, "GET", at);
  assert.deepEqual(
    [seen.body.access, seen.body.metadata, seen.body.brokenGlass],
    [{ can: ["read"], because: "You broke the glass: its owner was told." }, {}, undefined],
  );
  for (const [method, url] of [
    ["GET", `${at}/versions`],
    ["PATCH", at],
    ["DELETE", at],
  ] as const)
    assert.equal((await ask(op, method, url, method === "PATCH" ? { name: "b" } : undefined)).status, 403);
  assert.equal((await ask(op, "GET", "/v1/files?scope=shared")).body.items.length, 0);
  const own = await ask(ann, "GET", at);
  assert.deepEqual(own.body.brokenGlass, [broken.body]);
  assert.notEqual(own.headers.etag, etag, "who remembers the file asks for it anew");
  const listed = (await ask(ann, "GET", "/v1/files")).body.items;
  assert.deepEqual(listed.find((file: { id: string }) => file.id === id).brokenGlass, [broken.body]);
  assert.deepEqual((await ask(ann, "PATCH", at, { name: "b.jpg" })).body.brokenGlass, [broken.body]);
  api.advance(3_600_000);
  assert.equal((await ask(op, "GET", at)).status, 404);
  assert.deepEqual((await ask(ann, "GET", at)).body.brokenGlass, [broken.body], "and is told afterwards");
});

test("who is no operator breaks no glass, and operators need a reason", async () => {
  const id = await annsFile();
  const url = `/v1/files/${id}/break-glass`;
  const refused = await ask(dave, "POST", url, { reason });
  assert.deepEqual([refused.status, refused.body.code], [403, "insufficient-scope"]);
  for (const [payload, pointer] of [
    [{}, "/reason"],
    [{ reason: "too short" }, "/reason"],
    [{ reason: "x".repeat(1001) }, "/reason"],
    [{ reason, for: "ever" }, "/for"],
  ] as const) {
    const { status, body } = await ask(op, "POST", url, payload);
    assert.deepEqual([status, body.errors[0].pointer], [400, pointer]);
  }
  assert.equal((await ask(op, "POST", "/v1/files/none/break-glass", { reason })).status, 404);
  await ask(ann, "DELETE", `/v1/files/${id}`);
  assert.equal((await ask(op, "POST", url, { reason })).status, 404, "nobody sees what is in the trash");
  const mine = await makeReadyFile(api, await headersOf({ sub: "op" }));
  assert.equal((await ask(op, "POST", `/v1/files/${mine.fileId}/break-glass`, { reason })).status, 403);
});
