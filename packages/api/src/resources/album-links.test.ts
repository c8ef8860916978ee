import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type ApiUnderTest, createApiUnderTest, intentOf } from "../api.testing.ts";

type Json = Record<string, unknown>;
type Headers = { authorization: string };

const scope = "files:read files:write uploads:write albums:write";

let api: ApiUnderTest;
let ann: Headers;
let ben: Headers;
let eve: Headers;

beforeEach(async () => {
  api = await createApiUnderTest({ limits: { requestsPerMinute: 0, requestsPerMinutePerAddress: 0 } });
  [ann, ben, eve] = [await api.as("ann", scope), await api.as("ben", scope), await api.as("eve", scope)];
});

afterEach(() => api.close());

const send = (
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE",
  url: string,
  headers: Record<string, string> = {},
  payload?: Json,
) => api.server.inject({ method, url, headers, ...(payload ? { payload } : {}) });

async function newAlbum(more: Json = {}): Promise<{ id: string; path: string }> {
  const made = await send("POST", "/v1/albums", ann, { name: "Trip", ...more });
  assert.equal(made.statusCode, 201, made.body);
  const { id } = made.json();
  const { id: benId } = (await send("GET", "/v1/me", ben)).json();
  await send("PUT", `/v1/albums/${id}/members/${benId}`, ann, { role: "contributor" });
  return { id, path: `/v1/albums/${id}` };
}

/** A ready photo of somebody's with places in it, whose copy for others has 5 bytes. */
async function newFile(headers: Headers, name: string, more: Json = {}): Promise<string> {
  const files = [{ ...intentOf(Buffer.from(name), `${name}.jpg`), metadata: { secret: "1" }, ...more }];
  const created = await send("POST", "/v1/uploads", headers, { files });
  const { id, fileId } = created.json().items[0].upload;
  const { metadata: store } = api.services;
  await store.completeUpload({ uploadId: id, actor: "system" });
  const claimed = await store.claimUpload({ leaseMs: 1000 });
  const rendition = { kind: "stripped", sizeBytes: 5, sha256: "cd".repeat(32), version: 1000 } as const;
  const facts = { key: `files/${id}`, sizeBytes: 9, sha256: "ab".repeat(32), contentType: "image/jpeg" };
  await store.finishUpload({
    uploadId: id,
    attempt: claimed?.attempt ?? 0,
    result: { kind: "ready", detail: "", facts: { ...facts, rendition, derivatives: [] } },
    dooms: [],
  });
  return fileId;
}

async function newLink(path: string, wish: Json = {}): Promise<{ id: string; token: string; url: string }> {
  const made = await send("POST", `${path}/links`, ann, wish);
  assert.equal(made.statusCode, 201, made.body);
  return made.json();
}

async function opened(token: string, passphrase?: string): Promise<Headers & { readonly body: Json }> {
  const answer = await send("POST", "/v1/links/open", {}, { token, ...(passphrase ? { passphrase } : {}) });
  assert.equal(answer.statusCode, 200, answer.body);
  const { token: capability, ...body } = answer.json();
  return { authorization: `Bearer ${capability}`, body };
}

const withoutRequestId = ({ requestId: _, ...problem }: Json) => problem;

test("a link to an album opens what is in it, as others see it, and nothing else of anybody's", async () => {
  const { id, path } = await newAlbum({ shotsPerMember: 9 });
  const fileIds = [await newFile(ann, "one", { albumId: id }), await newFile(ben, "two", { albumId: id })];
  const others = await newAlbum();
  const elsewhere = await newFile(ann, "three", { albumId: others.id });
  const isPublic = await newFile(ann, "four");
  await send("PATCH", `/v1/files/${isPublic}`, { ...ann, "if-match": "*" }, { visibility: "public" });
  const { token, url } = await newLink(path);
  assert.equal(url, `https://web.example/l#${token}`);
  const { body, authorization } = await opened(token);
  const came = { authorization };
  const album = (await send("GET", path, came)).json();
  assert.deepEqual([album.name, album.count, album.role, album.shotsLeft], ["Trip", 2, undefined, undefined]);
  assert.deepEqual(body.target, { kind: "album", id });
  assert.deepEqual(body.album, album);
  assert.equal("file" in body, false);
  for (const list of [`${path}/files`, `/v1/files?albumId=${id}`]) {
    const { items } = (await send("GET", list, came)).json();
    assert.deepEqual(items.map((file: Json) => file.id).sort(), [...fileIds].sort());
    for (const file of items) {
      assert.deepEqual([file.sizeBytes, file.metadata, file.access.can], [5, {}, ["read"]]);
      assert.equal(file.access.because, "You came by a link to it.");
    }
  }
  const ids = [...fileIds, elsewhere, isPublic, api.services.ids.newId()];
  const files = ids.map((each) => ({ id: each }));
  const { items } = (await send("POST", "/v1/downloads", came, { files })).json();
  assert.deepEqual(
    items.map(({ problem }: { problem: Json }) => problem.code),
    ["derivative-pending", "derivative-pending", "not-found", "not-found", "not-found"],
  );
  for (const one of [`/v1/files/${elsewhere}`, `/v1/files/${isPublic}`, others.path, `${path}/members`])
    assert.equal((await send("GET", one, came)).statusCode, 404, one);
  for (const [method, one, payload] of [
    ["POST", `${path}/links`, {}],
    ["PATCH", path, { name: "x" }],
    ["DELETE", `${path}/files/${fileIds[0]}`, undefined],
    ["POST", "/v1/archives", { albumId: id }],
  ] as const)
    assert.equal((await send(method, one, came, payload)).statusCode, 403, `${method} ${one}`);
  assert.deepEqual((await send("GET", "/v1/albums", came)).json(), { items: [], nextCursor: null });
});

test("what is taken out of the album, or trashed, is gone from its link in the next request", async () => {
  const { id, path } = await newAlbum();
  const [taken, trashed] = [
    await newFile(ben, "one", { albumId: id }),
    await newFile(ben, "two", { albumId: id }),
  ];
  const { authorization } = await opened((await newLink(path)).token);
  const statuses = async () =>
    Promise.all(
      [taken, trashed].map(
        async (each) => (await send("GET", `/v1/files/${each}`, { authorization })).statusCode,
      ),
    );
  assert.deepEqual(await statuses(), [200, 200]);
  assert.equal((await send("DELETE", `${path}/files/${taken}`, ann)).statusCode, 204);
  await send("DELETE", `/v1/files/${trashed}`, { ...ben, "if-match": "*" });
  assert.deepEqual(await statuses(), [404, 404]);
  assert.deepEqual((await send("GET", `${path}/files`, { authorization })).json().items, []);
});

test("a sealed album has no link until it is revealed", async () => {
  const revealAt = new Date(api.services.clock.nowMs() + 3_600_000).toISOString();
  const { path } = await newAlbum({ revealAt });
  const refused = await send("POST", `${path}/links`, ann, {});
  assert.deepEqual([refused.statusCode, refused.json().code], [409, "sealed"]);
  assert.deepEqual((await send("GET", `${path}/links`, ann)).json(), { items: [], nextCursor: null });
  assert.equal((await send("POST", `${path}/reveal`, ann, {})).statusCode, 200);
  await opened((await newLink(path)).token);
});

test("links to an album are its owners' to make, see and take back; a deleted album takes them along", async () => {
  const { path } = await newAlbum();
  const link = await newLink(path, { passphrase: "correct horse", maxOpens: 2 });
  const came = await opened(link.token, "correct horse");
  const { token: _, url: __, ...shown } = link as unknown as Json;
  const list = (await send("GET", `${path}/links`, ann)).json();
  assert.deepEqual(list, { items: [{ ...shown, opens: 1 }], nextCursor: null });
  for (const [method, url] of [
    ["POST", `${path}/links`],
    ["GET", `${path}/links`],
    ["DELETE", `${path}/links/${link.id}`],
  ] as const) {
    assert.equal((await send(method, url, ben)).statusCode, 403, url);
    const stranger = await send(method, url, eve);
    const ofNothing = await send(method, url.replace(path, "/v1/albums/none"), eve);
    assert.equal(stranger.statusCode, 404);
    assert.deepEqual(withoutRequestId(stranger.json()), withoutRequestId(ofNothing.json()));
  }
  const other = await opened((await newLink(path)).token);
  assert.equal((await send("DELETE", `${path}/links/${link.id}`, ann)).statusCode, 204);
  assert.equal((await send("GET", path, { authorization: came.authorization })).statusCode, 401);
  assert.equal((await send("GET", path, { authorization: other.authorization })).statusCode, 200);
  assert.equal((await send("DELETE", path, { ...ann, "if-match": "*" })).statusCode, 204);
  assert.equal((await send("GET", path, { authorization: other.authorization })).statusCode, 401);
});

test("an album and an invite that are asked for again under one Idempotency-Key are made once, and no secret is shown again", async () => {
  const keyed = (key: string) => ({ ...ann, "idempotency-key": key });
  const first = await send("POST", "/v1/albums", keyed("a"), { name: "Trip" });
  const again = await send("POST", "/v1/albums", keyed("a"), { name: "Trip" });
  assert.deepEqual([first.statusCode, again.statusCode], [201, 200]);
  assert.deepEqual(again.json(), first.json());
  const other = await send("POST", "/v1/albums", keyed("a"), { name: "Other" });
  assert.deepEqual([other.statusCode, other.json().code], [422, "idempotency-key-reused"]);
  assert.equal((await send("GET", "/v1/albums", ann)).json().items.length, 1);

  const path = `/v1/albums/${first.json().id}/invites`;
  const invite = await send("POST", path, keyed("b"), { role: "viewer" });
  const repeated = await send("POST", path, keyed("b"), { role: "viewer" });
  assert.deepEqual([invite.statusCode, repeated.statusCode], [201, 200]);
  const { token, url, qr, ...shown } = invite.json();
  assert.ok(token && url && qr);
  assert.deepEqual(repeated.json(), shown);
  assert.equal((await send("POST", path, keyed("b"), { role: "contributor" })).statusCode, 422);
  assert.equal((await send("POST", path, keyed("a"), { role: "viewer" })).statusCode, 422);
  assert.equal((await send("GET", path, ann)).json().items.length, 1);
  await send("DELETE", `${path}/${shown.id}`, ann);
  assert.equal((await send("POST", path, keyed("b"), { role: "viewer" })).statusCode, 404);
});
