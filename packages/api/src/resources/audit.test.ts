import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { linkAuditEvents } from "@stowage/core";
import { type ApiUnderTest, createApiUnderTest, intentOf, sha256Of } from "../api.testing.ts";

interface Event {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly targetId: string;
  readonly detail?: object;
}

let api: ApiUnderTest;
let ann: { authorization: string };
let operator: { authorization: string };
let fileId: string;
let uploadId: string;
let annId: string;

before(async () => {
  api = await createApiUnderTest();
  ann = await api.as("ann");
  operator = await api.as("olga", "audit:read");
  const payload = { files: [intentOf(Buffer.from("a"))] };
  const created = await api.server.inject({ method: "POST", url: "/v1/uploads", headers: ann, payload });
  ({ id: uploadId, fileId } = created.json().items[0].upload);
  const { metadata } = api.services;
  await metadata.completeUpload({ uploadId, actor: "system" });
  await metadata.claimUpload({ leaseMs: 1000 });
  await metadata.finishUpload({
    uploadId,
    attempt: 1,
    result: {
      kind: "ready",
      detail: "",
      facts: {
        key: `files/${uploadId}`,
        sizeBytes: 1,
        sha256: "ab".repeat(32),
        contentType: "image/jpeg",
        derivatives: [],
      },
    },
    dooms: [],
  });
  for (const name of ["b.jpg", "c.jpg", "d.jpg"])
    await api.server.inject({
      method: "PATCH",
      url: `/v1/files/${fileId}`,
      headers: { ...ann, "if-match": "*" },
      payload: { name },
    });
  await metadata.addAuditEvents([
    { actor: "anonymous", action: "access.denied", targetId: "GET /v1/me", detail: '{"count":2}' },
  ]);
  annId = (await api.server.inject({ url: "/v1/me", headers: ann })).json().id;
  await link();
});
after(() => api.close());

const link = () =>
  linkAuditEvents(
    { metadata: api.services.metadata },
    { sha256: (text) => sha256Of(Buffer.from(text)), sequencerId: "test" },
  );

const get = (query: string, headers: { authorization?: string } = operator) =>
  api.server.inject({ url: `/v1/audit?${query}`, headers });

async function readAll(query: string, headers: { authorization: string }): Promise<Event[]> {
  const events: Event[] = [];
  let cursor: string | null = null;
  do {
    const answer = await get(`${query}&limit=2${cursor ? `&cursor=${cursor}` : ""}`, headers);
    assert.equal(answer.statusCode, 200, answer.body);
    const page: { items: Event[]; nextCursor: string | null } = answer.json();
    assert.ok(page.items.length <= 2);
    events.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return events;
}

const actionsOf = (events: readonly Event[]) => events.map(({ action }) => action);

test("an owner reads what was done to their file, page by page, newest first, by ids alone", async () => {
  const events = await readAll(`fileId=${fileId}`, ann);
  assert.deepEqual(actionsOf(events), ["file.changed", "file.changed", "file.changed"]);
  const [newest] = events;
  assert.equal(new Set(events.map(({ id }) => id)).size, 3);
  assert.deepEqual(newest, {
    id: newest?.id,
    at: newest?.at,
    actor: annId,
    action: "file.changed",
    targetId: fileId,
  });
  assert.doesNotMatch(JSON.stringify(events), /\.jpg/);
});

test("whoever does not own a file gets the same as for one that is not there, also with audit:read", async () => {
  const bob = await api.as("bob", "files:read audit:read");
  const answers = [await get(`fileId=${fileId}`, bob), await get("fileId=none", bob)];
  const [other, none] = answers.map(({ statusCode, body }) => {
    const { requestId: _, ...problem } = JSON.parse(body);
    return { statusCode, problem };
  });
  assert.equal(other?.statusCode, 404);
  assert.deepEqual(other, none);
});

test("whoever may read a file of another's, but not own it, reads nothing of what was done to it", async () => {
  const { metadata } = api.services;
  const { findFile } = metadata;
  const bob = await api.as("bob");
  Object.assign(metadata, {
    findFile: async (id: string) => ({ ...(await findFile(id)), audience: { kind: "public" } }),
  });
  try {
    assert.equal((await api.server.inject({ url: `/v1/files/${fileId}`, headers: bob })).statusCode, 200);
    const answer = await get(`fileId=${fileId}`, bob);
    assert.deepEqual([answer.statusCode, answer.json().code], [404, "not-found"]);
  } finally {
    Object.assign(metadata, { findFile });
  }
});

test("an operator reads what everybody did, or one of them", async () => {
  const all = await readAll("", operator);
  assert.equal(all.length, 8);
  assert.deepEqual(all[0]?.detail, { count: 2 });
  assert.equal(all.at(-1)?.targetId, uploadId);
  const byAnn = await readAll(`actorId=${annId}`, operator);
  assert.deepEqual(actionsOf(byAnn), ["file.changed", "file.changed", "file.changed", "upload.created"]);
  assert.deepEqual(await readAll("actorId=nobody", operator), []);
});

test("without the scope for it nobody reads anything", async () => {
  for (const [query, headers] of [
    ["", ann],
    [`actorId=${annId}`, ann],
    [`fileId=${fileId}`, await api.as("ann", "audit:read")],
  ] as const) {
    const answer = await get(query, headers);
    assert.equal(answer.statusCode, 403);
    assert.equal(answer.json().code, "insufficient-scope");
  }
  assert.equal((await get("", {})).statusCode, 401);
});

test("what can't be asked together is refused, and so are unknown parameters and another list's cursor", async () => {
  const both = await api.as("ann", "files:read audit:read");
  const combined = await get(`fileId=${fileId}&actorId=${annId}`, both);
  assert.deepEqual([combined.statusCode, combined.json().code], [400, "unsupported-combination"]);
  const unknown = await get("action=file.changed");
  assert.deepEqual([unknown.statusCode, unknown.json().errors[0].pointer], [400, "/query/action"]);
  const { nextCursor } = (await get("limit=1")).json();
  const elsewhere = await get(`actorId=${annId}&cursor=${nextCursor}`);
  assert.deepEqual([elsewhere.statusCode, elsewhere.json().errors[0].pointer], [400, "/query/cursor"]);
});

/** Sent to an album by its owner, verified. */
async function sendTo(albumId: string): Promise<{ readonly fileId: string; readonly uploadId: string }> {
  const { metadata } = api.services;
  const payload = { files: [{ ...intentOf(Buffer.from("b")), albumId }] };
  const created = await api.server.inject({ method: "POST", url: "/v1/uploads", headers: ann, payload });
  const { id: uploadId, fileId } = created.json().items[0].upload;
  await metadata.completeUpload({ uploadId, actor: "system" });
  await metadata.claimUpload({ leaseMs: 1000 });
  const key = `files/${uploadId}`;
  const facts = { key, sizeBytes: 1, sha256: "ab".repeat(32), contentType: "image/jpeg", derivatives: [] };
  await metadata.finishUpload({
    uploadId,
    attempt: 1,
    result: { kind: "ready", detail: "", facts },
    dooms: [],
  });
  return { fileId, uploadId };
}

test("what an album seals is in nobody's list before its reveal, nor to be told from pages or what is in them", async () => {
  const { metadata } = api.services;
  const before = await readAll("", operator);
  const albumId = "sealed-album";
  await metadata.createAlbum({ id: albumId, ownerId: annId, name: "W", revealAtMs: Date.now() + 1e6 });
  const kept = await sendTo(albumId);
  const purged = await sendTo(albumId);
  const actor = { principalId: annId };
  assert.equal((await metadata.purgeFile({ fileId: purged.fileId, revision: 1, actor })).outcome, "done");
  await metadata.addAuditEvents([{ actor: "system", action: "derivative.made", targetId: kept.fileId }]);
  await link();
  const sealed = await readAll("", operator);
  assert.deepEqual(actionsOf(sealed.slice(0, 1)), ["album.created"]);
  assert.deepEqual(sealed.slice(1), before, "no more, and named as before");
  assert.equal((await get(`fileId=${kept.fileId}`, ann)).statusCode, 404);
  const { items, nextCursor } = (await get("limit=3")).json();
  assert.equal(items.length, 3, "pages are full");
  assert.ok(!Buffer.from(nextCursor, "base64url").toString("latin1").includes("audit"));
  for (const event of sealed) assert.ok(!("sequence" in event));

  await metadata.revealAlbum({ albumId, actor });
  await metadata.unsealFiles({ albumId, limit: 10 });
  await link();
  const revealed = await readAll("", operator);
  assert.ok(revealed.some(({ action, targetId }) => action === "file.purged" && targetId === purged.fileId));
  assert.deepEqual(actionsOf(revealed).filter((action) => action === "upload.ready").length, 3);
  assert.equal((await get(`fileId=${kept.fileId}`, ann)).statusCode, 200);
});
