import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ApiUnderTest, createApiUnderTest, intentOf } from "../api.testing.ts";

let api: ApiUnderTest;
let ann: { authorization: string };

interface Made {
  readonly name: string;
  readonly contentType?: string;
  readonly takenAtMs?: number;
  readonly metadata?: Record<string, string>;
}

/** Files of Ann's as a worker would leave them. */
async function make({ name, contentType = "image/jpeg", takenAtMs, metadata = {} }: Made): Promise<void> {
  const payload = { files: [{ ...intentOf(Buffer.from(name), name), metadata }] };
  const created = await api.server.inject({ method: "POST", url: "/v1/uploads", headers: ann, payload });
  const { id } = created.json().items[0].upload;
  const { metadata: store } = api.services;
  await store.completeUpload({ uploadId: id, actor: "system" });
  await store.claimUpload({ leaseMs: 1000 });
  const facts = { key: `files/${id}`, sizeBytes: 1, sha256: "ab".repeat(32), contentType, derivatives: [] };
  await store.finishUpload({
    uploadId: id,
    attempt: 1,
    result: { kind: "ready", detail: "", facts: { ...facts, ...(takenAtMs !== undefined && { takenAtMs }) } },
    dooms: [],
  });
  api.advance(1);
}

before(async () => {
  api = await createApiUnderTest();
  ann = await api.as("ann");
  await make({ name: "IMG_10.jpg", takenAtMs: Date.parse("2020-01-01"), metadata: { step: "1" } });
  await make({ name: "img_9.jpg", takenAtMs: Date.parse("2021-01-01"), metadata: { step: "1", "a.b": "é" } });
  await make({ name: "Film.mp4", contentType: "video/mp4" });
  await make({ name: "Übung IMG.pdf", contentType: "application/pdf", metadata: { step: "2" } });
});
after(() => api.close());

const get = (query: string) => api.server.inject({ url: `/v1/files?${query}`, headers: ann });

async function namesOf(query: string): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: { name: string }[]; nextCursor: string | null } = (
      await get(`${query}&limit=1${cursor ? `&cursor=${cursor}` : ""}`)
    ).json();
    names.push(...page.items.map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor);
  return names;
}

for (const [query, names] of [
  ["", ["Übung IMG.pdf", "Film.mp4", "img_9.jpg", "IMG_10.jpg"]],
  ["sort=created", ["Übung IMG.pdf", "Film.mp4", "img_9.jpg", "IMG_10.jpg"]],
  ["scope=own&sort=taken", ["Übung IMG.pdf", "Film.mp4", "img_9.jpg", "IMG_10.jpg"]],
  ["sort=name", ["Film.mp4", "img_9.jpg", "IMG_10.jpg", "Übung IMG.pdf"]],
  ["type=image", ["img_9.jpg", "IMG_10.jpg"]],
  ["type=document&sort=taken", ["Übung IMG.pdf"]],
  ["metadata.step=1", ["img_9.jpg", "IMG_10.jpg"]],
  ["metadata.a.b=%C3%A9&sort=created", ["img_9.jpg"]],
  ["metadata.constructor=x", []],
  ["q=fil", ["Film.mp4"]],
  ["q=UBUNG-im", ["Übung IMG.pdf"]],
  ["q=nothing", []],
  ["scope=trash", []],
] as const)
  test(`GET /v1/files?${query} goes through its list page by page`, async () => {
    assert.deepEqual(await namesOf(query), names);
  });

test("what is found twice in a name is listed once", async () => {
  assert.deepEqual((await namesOf("q=img")).sort(), ["IMG_10.jpg", "img_9.jpg", "Übung IMG.pdf"]);
});

for (const query of [
  "type=image&sort=name",
  "type=image&q=a",
  "q=a&sort=created",
  "q=a&sort=name",
  "q=a&metadata.step=1",
  "metadata.step=1&metadata.other=1",
  "metadata.step=1&sort=taken",
  "metadata.step=1&type=image",
  "scope=trash&sort=created",
  "scope=trash&type=image",
  "scope=trash&q=a",
  "scope=trash&metadata.step=1",
])
  test(`GET /v1/files?${query} is answered 400 unsupported-combination, and what goes together`, async () => {
    const response = await get(query);
    assert.equal(response.statusCode, 400);
    assert.equal(response.json().code, "unsupported-combination");
    assert.match(response.json().detail, /type with sort=created or sort=taken/);
  });

for (const [query, pointer] of [
  ["sort=size", "/query/sort"],
  ["type=audio", "/query/type"],
  ["q=", "/query/q"],
  ["q=a&q=b", "/query/q"],
  ["q=%00", "/query/q"],
  [`q=${"a".repeat(4097)}`, "/query/q"],
  ["metadata=1", "/query/metadata"],
  ["metadata.=1", "/query/metadata."],
  ["metadata.__proto__=1", "/query/metadata.__proto__"],
  ["metadata.step=1&metadata.step=2", "/query/metadata.step"],
  ["metadata.step=%00", "/query/metadata.step"],
  ["metadata.step=1&limit=0", "/query/limit"],
  ["metadata[step]=1", "/query/metadata[step]"],
  ["__proto__=1", "/query/__proto__"],
] as const)
  test(`GET /v1/files?${query.slice(0, 40)} is answered 400 and the parameter named`, async () => {
    const response = await get(query);
    assert.equal(response.statusCode, 400);
    assert.equal(response.json().code, "validation-failed");
    assert.deepEqual(
      response.json().errors.map((error: { pointer: string }) => error.pointer),
      [pointer],
    );
  });

test("a cursor is good for the list that gave it alone, and shows nobody another's files", async () => {
  const queries = ["", "sort=taken", "sort=name", "type=image", "metadata.step=1", "q=img", "q=im"];
  const eve = await api.as("eve");
  for (const query of queries) {
    const { nextCursor } = (await get(`${query}&limit=1`)).json();
    for (const other of [...queries, "type=video", "metadata.step=2", "scope=trash"]) {
      const response = await get(`${other}&cursor=${nextCursor}`);
      assert.equal(response.statusCode, other === query ? 200 : 400, `${query} ${other}`);
      if (other !== query) assert.equal(response.json().errors[0].pointer, "/query/cursor");
    }
    const hers = await api.server.inject({ url: `/v1/files?${query}&cursor=${nextCursor}`, headers: eve });
    assert.deepEqual(hers.json(), { items: [], nextCursor: null });
  }
});

test("a cursor that was bent is refused, or begins somewhere in one's own list", async () => {
  const { nextCursor } = (await get("sort=name&limit=1")).json();
  for (const [at] of [...nextCursor].entries()) {
    const bent = `${nextCursor.slice(0, at)}${nextCursor[at] === "A" ? "B" : "A"}${nextCursor.slice(at + 1)}`;
    const response = await get(`sort=name&cursor=${bent}`);
    assert.ok(response.statusCode === 200 || response.statusCode === 400, response.body);
  }
  for (const key of ["=1e999", "=-", "=9999999999999999", "", "a"]) {
    const forged = Buffer.from(`files/created/\0${key}\0x`).toString("base64url");
    assert.equal((await get(`cursor=${forged}`)).statusCode, 400, key);
  }
});

test("the API's description names what goes together, and the pairs as they are given", async () => {
  const document = (await api.server.inject({ url: "/openapi.json" })).json();
  const { description, parameters } = document.paths["/v1/files"].get;
  assert.match(description, /q by itself/);
  const names = parameters.map(({ name }: { name: string }) => name).sort();
  assert.deepEqual(names, [
    "albumId",
    "cursor",
    "ids",
    "if-none-match",
    "limit",
    "metadata.KEY",
    "q",
    "scope",
    "sort",
    "type",
  ]);
});

test("GET /v1/files?ids= answers those that one may see, in that order, and nothing of others", async () => {
  const { items } = (await get("sort=name")).json() as { items: { id: string; name: string }[] };
  const [first, , third] = items;
  assert.ok(first && third);
  const query = `ids=${third.id},no-such-file,${first.id},${third.id}`;
  const answer = await get(query);
  assert.equal(answer.statusCode, 200);
  assert.deepEqual(
    (answer.json() as { items: { name: string }[] }).items.map(({ name }) => name),
    [third.name, first.name],
  );
  const bob = await api.as("bob");
  const others = await api.server.inject({ url: `/v1/files?${query}`, headers: bob });
  assert.deepEqual(others.json(), { items: [], nextCursor: null });
});

test("a list by ids is answered 304 for as long as nothing of it has changed", async () => {
  const { items } = (await get("sort=name")).json() as { items: { id: string }[] };
  const url = `/v1/files?ids=${items.map(({ id }) => id).join(",")}`;
  const { etag } = (await api.server.inject({ url, headers: ann })).headers;
  assert.equal(typeof etag, "string");
  const ask = () => api.server.inject({ url, headers: { ...ann, "if-none-match": String(etag) } });
  assert.deepEqual([(await ask()).statusCode, (await ask()).body], [304, ""]);
  const changed = items[0]?.id ?? "";
  await api.server.inject({
    method: "PATCH",
    url: `/v1/files/${changed}`,
    headers: { ...ann, "if-match": "*" },
    payload: { metadata: { step: "3" } },
  });
  const answer = await ask();
  assert.equal(answer.statusCode, 200);
  assert.notEqual(answer.headers.etag, etag);
  const bob = await api.as("bob");
  const others = await api.server.inject({ url, headers: { ...bob, "if-none-match": String(etag) } });
  assert.deepEqual([others.statusCode, others.json().items], [200, []]);
});

test("refuses more than 200 ids, and any other parameter beside them", async () => {
  const many = await get(`ids=${Array.from({ length: 201 }, (_, index) => `f${index}`).join(",")}`);
  assert.deepEqual([many.statusCode, many.json().errors[0].pointer], [400, "/query/ids"]);
  for (const more of ["limit=1", "scope=shared", "q=a", "metadata.step=1", "sort=created"]) {
    const response = await get(`ids=a&${more}`);
    assert.deepEqual([response.statusCode, response.json().code], [400, "unsupported-combination"], more);
  }
});
