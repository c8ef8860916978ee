import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { Album, CreateUploadsResponse, File, Problem } from "@stowage/protocol";
import { type ApiUnderTest, createApiUnderTest, intentOf } from "../api.testing.ts";

const scope = "files:read files:write uploads:write albums:write";

let api: ApiUnderTest;
let asAnn: { authorization: string };
let asBen: { authorization: string };

beforeEach(async () => {
  api = await createApiUnderTest();
  asAnn = await api.as("ann", scope);
  asBen = await api.as("ben", scope);
});

afterEach(() => api.close());

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

const ask = async <Body>(
  headers: Record<string, string>,
  method: Method,
  url: string,
  payload?: object,
): Promise<{ status: number; body: Body; etag: string }> => {
  const answer = await api.server.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  const { statusCode: status, body } = answer;
  return {
    status,
    body: body === "" ? (undefined as Body) : JSON.parse(body),
    etag: String(answer.headers.etag),
  };
};

const make = async (headers: Record<string, string>, body: object = {}): Promise<Album> => {
  const { status, body: album } = await ask<Album>(headers, "POST", "/v1/albums", { name: "Trip", ...body });
  assert.equal(status, 201);
  return album;
};

const idOf = async (headers: Record<string, string>): Promise<string> =>
  (await ask<{ id: string }>(headers, "GET", "/v1/me")).body.id;

const inAnHour = () => new Date(api.services.clock.nowMs() + 3_600_000).toISOString();

/** Sends bytes to an album, and has them verified; answers the ids of upload and file. */
async function send(headers: Record<string, string>, albumId: string, name = "a.jpg") {
  const bytes = Buffer.from(`picture ${name}`);
  const files = [{ ...intentOf(bytes, name), albumId }];
  const { body, status } = await ask<CreateUploadsResponse>(headers, "POST", "/v1/uploads", { files });
  const upload = body.items[0]?.upload;
  assert.ok(upload && "ref" in upload, `${status} ${JSON.stringify(body)}`);
  await api.services.metadata.completeUpload({ uploadId: upload.id, actor: "system" });
  const claimed = await api.services.metadata.claimUpload({ leaseMs: 1000 });
  await api.services.metadata.finishUpload({
    uploadId: upload.id,
    attempt: claimed?.attempt ?? 0,
    dooms: [],
    result: {
      kind: "ready",
      detail: "",
      facts: {
        key: `files/${upload.id}`,
        sizeBytes: bytes.byteLength,
        sha256: upload.sha256 ?? "",
        contentType: "image/jpeg",
        derivatives: [],
      },
    },
  });
  return { uploadId: upload.id, fileId: upload.fileId };
}

test("an album is its members', who see it as what they are, and nobody else's", async () => {
  const album = await make(asAnn, { shotsPerMember: 2 });
  assert.deepEqual([album.role, album.sealed, album.count, album.shotsLeft], ["owner", false, 0, 2]);
  const path = `/v1/albums/${album.id}`;
  const none = await ask<Problem>(asBen, "GET", "/v1/albums/none");
  const strange = await ask<Problem>(asBen, "GET", path);
  assert.deepEqual({ ...strange.body, requestId: "" }, { ...none.body, requestId: "" });
  for (const [method, url, body] of [
    ["PATCH", path, { name: "x" }],
    ["DELETE", path, undefined],
    ["POST", `${path}/reveal`, undefined],
    ["GET", `${path}/files`, undefined],
    ["GET", `/v1/files?albumId=${album.id}`, undefined],
    ["GET", `${path}/members`, undefined],
    ["PUT", `${path}/members/x`, { role: "viewer" }],
    ["DELETE", `${path}/files/x`, undefined],
  ] as const)
    assert.equal((await ask(asBen, method, url, body)).status, 404, `${method} ${url}`);
  const ben = await idOf(asBen);
  const put = await ask<{ role: string }>(asAnn, "PUT", `${path}/members/${ben}`, { role: "viewer" });
  assert.deepEqual([put.status, put.body.role], [200, "viewer"]);
  assert.equal((await ask<Album>(asBen, "GET", path)).body.role, "viewer");
  assert.equal((await ask(asBen, "POST", `${path}/reveal`)).status, 403);
  assert.equal((await ask(asAnn, "PATCH", path, { name: "x" })).status, 428);
  const { etag } = await ask(asAnn, "GET", path);
  const ifMatch = { ...asAnn, "if-match": etag };
  assert.equal((await ask<Album>(ifMatch, "PATCH", path, { name: "x" })).body.name, "x");
  assert.equal((await ask(ifMatch, "PATCH", path, { name: "y" })).status, 412);
  assert.equal((await ask(asBen, "DELETE", `${path}/members/${ben}`)).status, 204);
  assert.equal((await ask(asBen, "GET", path)).status, 404);
  const last = await ask<Problem>(asAnn, "DELETE", `${path}/members/${await idOf(asAnn)}`);
  assert.deepEqual([last.status, last.body.code], [409, "last-owner"]);
  assert.equal((await ask(asAnn, "PUT", `${path}/members/no-such-person`, { role: "owner" })).status, 200);
  const still = await ask<Problem>(asAnn, "DELETE", `${path}/members/${await idOf(asAnn)}`);
  assert.deepEqual([still.status, still.body.code], [409, "last-owner"], "nobody is no owner");
});

test("what is sent to an album is listed to its members, as others see it, and leaves it when it is taken out", async () => {
  const album = await make(asAnn);
  const path = `/v1/albums/${album.id}`;
  const ben = await idOf(asBen);
  await ask(asAnn, "PUT", `${path}/members/${ben}`, { role: "contributor" });
  const { fileId } = await send(asBen, album.id);
  for (const url of [`${path}/files`, `/v1/files?albumId=${album.id}`]) {
    const { body } = await ask<{ items: File[] }>(asAnn, "GET", url);
    assert.deepEqual(
      body.items.map(({ id, albumIds, access }) => [id, albumIds, access.can]),
      [[fileId, undefined, ["read"]]],
    );
  }
  const own = await ask<File>(asBen, "GET", `/v1/files/${fileId}`);
  assert.deepEqual(own.body.albumIds, [album.id]);
  assert.equal((await ask<Album>(asBen, "GET", path)).body.count, 1);
  assert.equal((await ask(asAnn, "DELETE", `${path}/files/${fileId}`)).status, 204);
  assert.equal((await ask(asAnn, "GET", `/v1/files/${fileId}`)).status, 404);
  const back = await ask<File>({ ...asBen, "if-match": "*" }, "PATCH", `/v1/files/${fileId}`, {
    albumIds: [album.id],
  });
  assert.deepEqual(back.body.albumIds, [album.id]);
  assert.equal((await ask(asAnn, "GET", `/v1/files/${fileId}`)).status, 200);
  await ask({ ...asAnn, "if-match": "*" }, "DELETE", path);
  assert.equal((await ask(asAnn, "GET", `/v1/files/${fileId}`)).status, 404);
  assert.equal((await ask<File>(asBen, "GET", `/v1/files/${fileId}`)).body.albumIds, undefined);
});

test("before its reveal an album tells its count, and of one's own uploads that they ended; then all at once", async () => {
  const album = await make(asAnn, { revealAt: inAnHour(), shotsPerMember: 2 });
  const path = `/v1/albums/${album.id}`;
  const ben = await idOf(asBen);
  await ask(asAnn, "PUT", `${path}/members/${ben}`, { role: "contributor" });
  const [first, second] = [await send(asBen, album.id, "a.jpg"), await send(asBen, album.id, "b.jpg")];
  assert.deepEqual((await ask<Album>(asAnn, "GET", path)).body.count, 2);
  assert.equal((await ask<Album>(asBen, "GET", path)).body.shotsLeft, 0);
  const third = await ask<Problem>(asBen, "POST", "/v1/uploads", {
    files: [{ ...intentOf(Buffer.from("c")), albumId: album.id }],
  });
  assert.deepEqual([third.status, third.body.code], [403, "no-shots-left"]);
  const told = { id: first.uploadId, state: "ready" };
  assert.deepEqual((await ask(asBen, "GET", `/v1/uploads/${first.uploadId}`)).body, told);
  assert.deepEqual((await ask(asBen, "GET", `/v1/uploads?ids=${first.uploadId}`)).body, {
    items: [told],
    nextCursor: null,
  });
  const completed = await ask(asBen, "POST", `/v1/uploads/${first.uploadId}/complete`);
  assert.deepEqual(completed.body, { upload: told });
  for (const who of [asAnn, asBen]) {
    const file = `/v1/files/${first.fileId}`;
    const ifMatch = { ...who, "if-match": "*" };
    for (const [method, url, body] of [
      ["GET", file, undefined],
      ["GET", `${file}/content`, undefined],
      ["GET", `${file}/versions`, undefined],
      ["PATCH", file, { name: "x" }],
      ["DELETE", file, undefined],
      ["DELETE", `${file}?permanent=true`, undefined],
      ["POST", `${file}/restore`, undefined],
      ["GET", `${path}/files`, undefined],
      ["GET", `/v1/files?albumId=${album.id}`, undefined],
      ["DELETE", `${path}/files/${first.fileId}`, undefined],
    ] as const)
      assert.equal((await ask(ifMatch, method, url, body)).status, 404, `${method} ${url}`);
    const downloads = await ask<Problem>(who, "POST", "/v1/downloads", { files: [{ id: first.fileId }] });
    assert.equal(downloads.status, 404);
    for (const url of ["/v1/files", "/v1/files?scope=trash", "/v1/files?q=a"])
      assert.deepEqual((await ask<{ items: [] }>(who, "GET", url)).body.items, [], url);
  }
  const seenAlready = await ask<Problem>(
    { ...asBen, "if-match": "*" },
    "PATCH",
    `/v1/files/${first.fileId}`,
    {
      albumIds: [],
    },
  );
  assert.deepEqual([seenAlready.status, seenAlready.body.code], [409, "sealed"]);
  const replaces = { fileId: first.fileId, version: 1 };
  const replaced = await ask<Problem>(asBen, "POST", "/v1/uploads", {
    files: [{ ...intentOf(Buffer.from("d")), replaces }],
  });
  assert.deepEqual([replaced.status, replaced.body.code], [409, "sealed"]);
  const byOther = await ask<Problem>(asAnn, "POST", "/v1/uploads", {
    files: [{ ...intentOf(Buffer.from("d")), replaces }],
  });
  assert.equal(byOther.status, 404);
  assert.equal((await ask({ ...asAnn, "if-match": "*" }, "DELETE", path)).status, 409);

  assert.equal((await ask(asBen, "DELETE", `/v1/uploads/${second.uploadId}`)).status, 200);
  assert.equal((await ask(asBen, "DELETE", `/v1/uploads/${second.uploadId}`)).status, 200, "twice is once");
  assert.equal((await ask<Album>(asBen, "GET", path)).body.count, 1);

  const revealed = await ask<Album>(asAnn, "POST", `${path}/reveal`);
  assert.deepEqual([revealed.status, revealed.body.sealed, revealed.body.count], [200, false, 1]);
  assert.equal((await ask(asAnn, "POST", `${path}/reveal`)).status, 200, "twice is once");
  for (const who of [asAnn, asBen]) {
    assert.equal((await ask(who, "GET", `/v1/files/${first.fileId}`)).status, 200);
    const list = await ask<{ items: File[] }>(who, "GET", `${path}/files`);
    assert.deepEqual(
      list.body.items.map(({ id }) => id),
      [first.fileId],
    );
  }
  const upload = await ask<{ name: string }>(asBen, "GET", `/v1/uploads/${first.uploadId}`);
  assert.equal(upload.body.name, "a.jpg");
  const late = await send(asAnn, album.id, "late.jpg");
  assert.equal(
    (await ask(asBen, "GET", `/v1/files/${late.fileId}`)).status,
    200,
    "late ones are seen at once",
  );
});

test("a reveal is in the future, said when the album is made, and moved while it is sealed", async () => {
  for (const revealAt of ["2020-01-01T00:00:00Z", "2200-01-01T00:00:00Z", "tomorrow", 5])
    assert.equal(
      (await ask(asAnn, "POST", "/v1/albums", { name: "x", revealAt })).status,
      400,
      `${revealAt}`,
    );
  const plain = await make(asAnn);
  const ifMatch = { ...asAnn, "if-match": "*" };
  const added = await ask<Problem>(ifMatch, "PATCH", `/v1/albums/${plain.id}`, { revealAt: inAnHour() });
  assert.deepEqual([added.status, added.body.code], [409, "not-sealed"]);
  const never = await ask<Problem>(asAnn, "POST", `/v1/albums/${plain.id}/reveal`);
  assert.deepEqual([never.status, never.body.code], [409, "not-sealed"]);
  const sealed = await make(asAnn, { revealAt: inAnHour() });
  const revealAt = new Date(api.services.clock.nowMs() + 7_200_000).toISOString();
  const moved = await ask<Album>(ifMatch, "PATCH", `/v1/albums/${sealed.id}`, { revealAt });
  assert.deepEqual([moved.status, moved.body.revealAt], [200, revealAt]);
  for (const change of [{}, { revealAt: null }, { sealed: false }])
    assert.equal((await ask(ifMatch, "PATCH", `/v1/albums/${sealed.id}`, change)).status, 400);
});
