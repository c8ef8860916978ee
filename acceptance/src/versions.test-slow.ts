import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { type Answer, assertProblem } from "./harness/api-client.ts";
import { deleteFile, getFile, getMe, listAll, mintDownload } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, sha256Of } from "./harness/transfer.ts";
import {
  completeUpload,
  createUpload,
  emptyPromise,
  getUpload,
  type Intent,
  intentOf,
  sendUpload,
  uploadToEnd,
  waitForEnd,
} from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { CreateAnswer, DownloadsAnswer, FileVersion, Page, StoredFile, Upload } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer({ set: { "worker.sweepSeconds": 1 } });
  person = await addPerson(server);
});
after(() => server.stop());

/** A new file, and the bytes that it was made of. */
async function newFile(name = "first.png"): Promise<{ fileId: string; bytes: Buffer; upload: Upload }> {
  const bytes = await makePng();
  const upload = await uploadToEnd(person.api, bytes, { name });
  assert.equal(upload.state, "ready");
  return { fileId: upload.fileId, bytes, upload };
}

const replacing = (fileId: string, version: number, over: Partial<Intent> = {}): Partial<Intent> => ({
  name: "next.png",
  replaces: { fileId, version },
  ...over,
});

async function replace(
  fileId: string,
  version: number,
  over: Partial<Intent> = {},
): Promise<{ bytes: Buffer; upload: Upload }> {
  const bytes = await makePng();
  const upload = await uploadToEnd(person.api, bytes, replacing(fileId, version, over));
  assert.equal(upload.state, "ready", JSON.stringify(upload.rejection));
  return { bytes, upload };
}

const historyOf = (fileId: string): Promise<FileVersion[]> =>
  listAll<FileVersion>(person.api, `/v1/files/${fileId}/versions`);

const statesOf = async (fileId: string): Promise<string> =>
  (await historyOf(fileId)).map(({ version, state }) => `${version} ${state}`).join(", ");

const etagOf = async (fileId: string): Promise<string> =>
  (await person.api.get(`/v1/files/${fileId}`)).headers.get("etag") ?? "";

const restore = async (fileId: string, version: number, ifMatch?: string): Promise<Answer<StoredFile>> =>
  person.api.send("POST", `/v1/files/${fileId}/versions/${version}/restore`, {
    headers: { "if-match": ifMatch ?? (await etagOf(fileId)) },
  });

const drop = async (fileId: string, version: number, ifMatch?: string): Promise<Answer<StoredFile>> =>
  person.api.send("DELETE", `/v1/files/${fileId}/versions/${version}`, {
    headers: { "if-match": ifMatch ?? (await etagOf(fileId)) },
  });

async function bytesOf(
  fileId: string,
  options: { version?: number; derivative?: string } = {},
): Promise<Buffer> {
  const stored = await fetchBytes(await mintDownload(person.api, fileId, options));
  assert.equal(stored.status, 200);
  return stored.bytes;
}

const lastWords = async (uploadId: string): Promise<string> =>
  (await getUpload(person.api, uploadId)).events?.at(-1)?.detail ?? "";

test("an upload that replaces a version becomes the file's next one, and the old one stays in its history", async () => {
  const { fileId, bytes, upload } = await newFile();
  const before = await getFile(person.api, fileId);
  const etag = await etagOf(fileId);
  assert.deepEqual([before.version, before.conflicts], [1, 0]);
  const next = await makePng();
  const sent = await sendUpload(person.api, next, replacing(fileId, 1, { metadata: { sent: "later" } }));
  assert.equal(sent.fileId, fileId);
  assert.deepEqual(sent.replaces, { fileId, version: 1 });
  assert.deepEqual(await getFile(person.api, fileId), before, "the old one stays until the new one is ready");
  assert.deepEqual(await bytesOf(fileId), bytes);
  await completeUpload(person.api, sent.id);
  const ended = await waitForEnd(person.api, sent.id);
  assert.deepEqual([ended.state, ended.fileId], ["ready", fileId]);
  assert.match(await lastWords(sent.id), /Now version 2 of the file, in place of version 1\.$/);

  const file = await getFile(person.api, fileId);
  assert.deepEqual([file.version, file.sha256, file.conflicts], [2, sha256Of(next), 0]);
  assert.deepEqual(
    [file.name, file.metadata, file.createdAt],
    [before.name, before.metadata, before.createdAt],
    "the file keeps its own name, metadata and date",
  );
  assert.notEqual(await etagOf(fileId), etag);
  const [second, first] = await historyOf(fileId);
  assert.deepEqual(
    [second?.version, second?.state, second?.name, second?.sha256, second?.uploadId],
    [2, "current", "next.png", sha256Of(next), sent.id],
  );
  assert.deepEqual(
    [first?.version, first?.state, first?.name, first?.sha256, first?.uploadId],
    [1, "superseded", "first.png", sha256Of(bytes), upload.id],
  );
  assert.deepEqual([first?.width, first?.derivatives], [before.width, before.derivatives]);
  assert.deepEqual(await bytesOf(fileId), next);
  assert.deepEqual(await bytesOf(fileId, { version: 2 }), next);
  assert.deepEqual(await bytesOf(fileId, { version: 1 }), bytes);
  const listed = (await listAll<StoredFile>(person.api, "/v1/files")).filter(({ id }) => id === fileId);
  assert.deepEqual(listed, [file], "one file in the list, with its current version");
});

test("any version, its derivatives too, is downloaded under the name that it was sent with", async () => {
  const { fileId, bytes } = await newFile("scan 1.png");
  await replace(fileId, 1, { name: "scan 2.png" });
  const { headers } = await fetchBytes(await mintDownload(person.api, fileId, { version: 1 }));
  assert.match(headers.get("content-disposition") ?? "", /attachment; filename="scan 1\.png"/);
  const [newer, older] = [
    await bytesOf(fileId, { derivative: "thumbnail" }),
    await bytesOf(fileId, { version: 1, derivative: "thumbnail" }),
  ];
  assert.notDeepEqual(older, newer);
  const content = await person.api.send("GET", `/v1/files/${fileId}/content?version=1`);
  assert.equal(content.status, 302);
  const direct = await fetch(content.headers.get("location") ?? "");
  assert.deepEqual(Buffer.from(await direct.arrayBuffer()), bytes);
  for (const version of [3, 2 ** 40])
    assertProblem(await person.api.get(`/v1/files/${fileId}/content?version=${version}`), 404, "not-found");
  const mixed = await person.api.post<DownloadsAnswer>("/v1/downloads", {
    files: [
      { id: fileId, version: 1 },
      { id: fileId, version: 2 },
      { id: fileId, version: 3 },
      { id: fileId },
    ],
  });
  assert.deepEqual(
    mixed.body.items.map(({ problem }) => problem?.code),
    [undefined, undefined, "not-found", undefined],
  );
  assert.equal(
    mixed.body.items[1]?.request?.url,
    mixed.body.items[3]?.request?.url,
    "the same bytes, one URL",
  );
});

test("a replacement that is rejected or aborted leaves the file as it was", async () => {
  const { fileId, bytes } = await newFile();
  const before = [await getFile(person.api, fileId), await etagOf(fileId), await historyOf(fileId)];
  const rejected = await uploadToEnd(person.api, Buffer.from("no picture"), replacing(fileId, 1));
  assert.equal(rejected.state, "rejected");
  assert.equal(rejected.fileId, fileId);
  const aborted = await createUpload(person.api, emptyPromise(10, replacing(fileId, 1)));
  assert.equal((await person.api.delete(`/v1/uploads/${aborted.id}`)).status, 200);
  assert.deepEqual(
    [await getFile(person.api, fileId), await etagOf(fileId), await historyOf(fileId)],
    before,
  );
  assert.deepEqual(await bytesOf(fileId), bytes);
});

test("of two that replace the same version one becomes current, the other is kept as a conflict; its owner decides", async () => {
  const { fileId, bytes } = await newFile();
  const [mine, theirs] = [await makePng(), await makePng()];
  const slow = await sendUpload(person.api, theirs, replacing(fileId, 1, { name: "theirs.png" }));
  const fast = await sendUpload(person.api, mine, replacing(fileId, 1, { name: "mine.png" }));
  for (const { id } of [fast, slow]) {
    await completeUpload(person.api, id);
    await waitForEnd(person.api, id);
  }
  const file = await getFile(person.api, fileId);
  assert.deepEqual([file.version, file.sha256, file.conflicts], [2, sha256Of(mine), 1]);
  assert.equal(await statesOf(fileId), "3 conflict, 2 current, 1 superseded");
  assert.match(await lastWords(fast.id), /Now version 2 of the file, in place of version 1\.$/);
  assert.match(
    await lastWords(slow.id),
    /Kept as version 3, beside version 2 which was made meanwhile: choose in the file's history\.$/,
  );
  for (const [version, expected] of [bytes, mine, theirs].entries())
    assert.deepEqual(await bytesOf(fileId, { version: version + 1 }), expected);

  const chosen = await restore(fileId, 3);
  assert.equal(chosen.status, 200, chosen.text);
  assert.deepEqual(
    [chosen.body.version, chosen.body.sha256, chosen.body.conflicts],
    [3, sha256Of(theirs), 0],
  );
  assert.equal(chosen.headers.get("etag"), await etagOf(fileId));
  assert.equal(await statesOf(fileId), "3 current, 2 superseded, 1 superseded");
  assert.deepEqual(await bytesOf(fileId), theirs);
});

test("twelve that replace the same version at once: one becomes current, none is lost", async () => {
  const { fileId, bytes } = await newFile();
  const all = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const picture = await makePng();
      const upload = await sendUpload(person.api, picture, replacing(fileId, 1));
      await completeUpload(person.api, upload.id);
      return { picture, upload };
    }),
  );
  for (const { upload } of all) assert.equal((await waitForEnd(person.api, upload.id)).state, "ready");
  const history = await historyOf(fileId);
  assert.deepEqual(
    history.map(({ version }) => version),
    Array.from({ length: 13 }, (_, index) => 13 - index),
  );
  assert.deepEqual(history.map(({ state }) => state).sort(), [
    ...Array<string>(11).fill("conflict"),
    "current",
    "superseded",
  ]);
  assert.equal((await getFile(person.api, fileId)).conflicts, 11);
  const kept = new Set(history.map(({ sha256 }) => sha256));
  for (const picture of [bytes, ...all.map((one) => one.picture)]) assert.ok(kept.has(sha256Of(picture)));
});

test("an earlier version is made current again, and what comes of the later one is a conflict", async () => {
  const { fileId, bytes } = await newFile();
  const { bytes: second } = await replace(fileId, 1);
  const etag = await etagOf(fileId);
  assertProblem(
    await person.api.send("POST", `/v1/files/${fileId}/versions/1/restore`),
    428,
    "precondition-required",
  );
  for (const other of ['"r1"', '"stale"'])
    assertProblem(await restore(fileId, 1, other), 412, "precondition-failed");
  const restored = await restore(fileId, 1, etag);
  assert.deepEqual([restored.status, restored.body.version, restored.body.sha256], [200, 1, sha256Of(bytes)]);
  assertProblem(await restore(fileId, 2, etag), 412, "precondition-failed");
  assert.deepEqual(await bytesOf(fileId), bytes);
  assert.deepEqual(await bytesOf(fileId, { version: 2 }), second);
  const again = await restore(fileId, 1);
  assert.deepEqual(
    [again.status, again.headers.get("etag")],
    [200, restored.headers.get("etag")],
    "so already",
  );
  const { upload } = await replace(fileId, 2);
  assert.match(await lastWords(upload.id), /beside version 1 which was restored meanwhile/);
  assert.equal(await statesOf(fileId), "3 conflict, 2 superseded, 1 current");
});

test("a version that is not current is deleted for good: its bytes, its quota, never its number", async () => {
  const { fileId, upload } = await newFile();
  const { bytes } = await replace(fileId, 1);
  const used = (await getMe(person.api)).usedBytes;
  const before = (await historyOf(fileId))[1];
  const etag = await etagOf(fileId);
  assertProblem(await drop(fileId, 2), 409, "version-current");
  assertProblem(await person.api.delete(`/v1/files/${fileId}/versions/1`), 428, "precondition-required");
  assertProblem(await drop(fileId, 1, '"r1"'), 412, "precondition-failed");
  const url = await mintDownload(person.api, fileId, { version: 1 });
  const dropped = await drop(fileId, 1, etag);
  assert.equal(dropped.status, 200, dropped.text);
  assert.deepEqual([dropped.body.id, dropped.body.version], [fileId, 2]);
  assert.equal(dropped.headers.get("etag"), await etagOf(fileId));
  assert.equal(await statesOf(fileId), "2 current");
  assert.equal((await getMe(person.api)).usedBytes, used - (before?.sizeBytes ?? 0));
  for (const ifMatch of [undefined, '"stale"', await etagOf(fileId)]) {
    const headers = ifMatch === undefined ? {} : { "if-match": ifMatch };
    const path = `/v1/files/${fileId}/versions/1`;
    assertProblem(await person.api.send("DELETE", path, { headers }), 404, "not-found");
    assertProblem(await person.api.send("POST", `${path}/restore`, { headers }), 404, "not-found");
  }
  assertProblem(await person.api.get(`/v1/files/${fileId}/content?version=1`), 404, "not-found");
  const forgotten = await getUpload(person.api, upload.id);
  assert.deepEqual([forgotten.state, forgotten.name], ["ready", ""], "what it was called is forgotten");
  assert.deepEqual(await bytesOf(fileId), bytes);
  const { upload: third } = await replace(fileId, 1);
  assert.match(await lastWords(third.id), /Kept as version 3, beside version 2/);
  assert.equal((await drop(fileId, 3)).status, 200);
  await replace(fileId, 2);
  assert.equal(await statesOf(fileId), "4 current, 2 superseded");
  await waitFor("the version's bytes to be gone", async () => (await fetchBytes(url)).status === 404);
});

test("a replacement that ends while the file is in the trash is kept as a conflict, and gives out nothing till then", async () => {
  const { fileId, bytes } = await newFile();
  const next = await makePng();
  const sent = await sendUpload(person.api, next, replacing(fileId, 1));
  await deleteFile(person.api, fileId);
  await completeUpload(person.api, sent.id);
  assert.equal((await waitForEnd(person.api, sent.id)).state, "ready");
  assert.match(
    await lastWords(sent.id),
    /Kept as version 2, beside version 1: the file was put into the trash meanwhile\./,
  );
  const trashed = await getFile(person.api, fileId);
  assert.deepEqual([trashed.state, trashed.version, trashed.conflicts], ["trashed", 1, 1]);
  assert.equal(await statesOf(fileId), "2 conflict, 1 current");
  for (const version of [1, 2]) {
    assertProblem(await person.api.get(`/v1/files/${fileId}/content?version=${version}`), 404, "not-found");
    assertProblem(await restore(fileId, version), 409, "file-not-ready");
  }
  assertProblem(await drop(fileId, 2), 409, "file-not-ready");
  const refused = await person.api.post<CreateAnswer>("/v1/uploads", {
    files: [intentOf(next, replacing(fileId, 1))],
  });
  assertProblem(refused, 409, "file-not-ready");
  assert.deepEqual(
    refused.body.items[0]?.problem?.errors?.map(({ pointer }) => pointer),
    ["/files/0/replaces/fileId"],
  );
  const back = await person.api.send("POST", `/v1/files/${fileId}/restore`, {
    headers: { "if-match": await etagOf(fileId) },
  });
  assert.equal(back.status, 200);
  assert.deepEqual(await bytesOf(fileId), bytes);
  assert.equal((await restore(fileId, 2)).status, 200);
  assert.deepEqual(await bytesOf(fileId), next);
});

test("a replacement that ends after the file was deleted for good becomes a file of its own", async () => {
  const { fileId } = await newFile();
  const next = await makePng();
  const sent = await sendUpload(person.api, next, replacing(fileId, 1));
  await deleteFile(person.api, fileId, "?permanent=true");
  await completeUpload(person.api, sent.id);
  const ended = await waitForEnd(person.api, sent.id);
  assert.equal(ended.state, "ready");
  assert.notEqual(ended.fileId, fileId);
  assert.match(await lastWords(sent.id), /was deleted for good meanwhile: kept as a file of its own\.$/);
  const own = await getFile(person.api, ended.fileId);
  assert.deepEqual([own.name, own.version, own.sha256], ["next.png", 1, sha256Of(next)]);
  assertProblem(await person.api.get(`/v1/files/${fileId}`), 404, "not-found");
});

test("a file is deleted for good with all its versions, and their bytes are used no more", async () => {
  const used = (await getMe(person.api)).usedBytes;
  const { fileId } = await newFile();
  await replace(fileId, 1);
  await replace(fileId, 1);
  const sizes = (await historyOf(fileId)).map(({ sizeBytes }) => sizeBytes);
  assert.equal(sizes.length, 3);
  assert.equal((await getMe(person.api)).usedBytes, used + sizes.reduce((sum, size) => sum + size, 0));
  await deleteFile(person.api, fileId, "?permanent=true");
  assert.equal((await getMe(person.api)).usedBytes, used);
  assertProblem(await person.api.get(`/v1/files/${fileId}/versions`), 404, "not-found");
});

test("the same ref again is the same upload, whatever has become of the file; with another version replaced it is refused", async () => {
  const { fileId } = await newFile();
  const bytes = await makePng();
  const intent = intentOf(bytes, replacing(fileId, 1));
  const first = await createUpload(person.api, intent);
  assert.equal((await createUpload(person.api, intent)).id, first.id);
  const ask = async (over: Partial<Intent>) =>
    person.api.post<CreateAnswer>("/v1/uploads", { files: [{ ...intent, ...over }] });
  const { replaces: _, ...plain } = intent;
  assertProblem(await person.api.post("/v1/uploads", { files: [plain] }), 409, "ref-reused");
  const { fileId: other } = await newFile();
  assertProblem(await ask({ replaces: { fileId: other, version: 1 } }), 409, "ref-reused");
  await uploadToEnd(person.api, bytes, intent);
  await replace(fileId, 2);
  assertProblem(await ask({ replaces: { fileId, version: 2 } }), 409, "ref-reused");
  await deleteFile(person.api, fileId);
  assert.deepEqual(
    [(await createUpload(person.api, intent)).id, (await createUpload(person.api, intent)).state],
    [first.id, "ready"],
  );
  await deleteFile(person.api, fileId, "?permanent=true");
  assert.equal((await createUpload(person.api, intent)).id, first.id);
});

test("what replaces no version that ever was is refused with its place, and its neighbours are not", async () => {
  const { fileId } = await newFile();
  const bytes = await makePng();
  const answer = await person.api.post<CreateAnswer>("/v1/uploads", {
    files: [
      intentOf(bytes, replacing(fileId, 2)),
      intentOf(bytes, replacing("no-such-file", 1)),
      intentOf(bytes, replacing(fileId, 1)),
    ],
  });
  assert.equal(answer.status, 201, answer.text);
  assert.deepEqual(
    answer.body.items.map(({ problem }) => [problem?.code, problem?.errors?.map(({ pointer }) => pointer)]),
    [
      ["validation-failed", ["/files/0/replaces/version"]],
      ["not-found", undefined],
      [undefined, undefined],
    ],
  );
  for (const replaces of [
    { fileId },
    { version: 1 },
    { fileId, version: 0 },
    { fileId, version: 1.5 },
    { fileId, version: "1" },
    { fileId, version: 1, more: 1 },
    { fileId: "", version: 1 },
    fileId,
    null,
  ])
    assertProblem(
      await person.api.post("/v1/uploads", { files: [{ ...intentOf(bytes), replaces }] }),
      400,
      "validation-failed",
    );
});

test("another's file can't be replaced: as of one that is not there, and the file stays as it is", async () => {
  const { fileId } = await newFile();
  const stranger = await addPerson(server, "stranger");
  const bytes = await makePng();
  const ask = async (id: string, version: number) => {
    const intent = { ...intentOf(bytes, replacing(id, version)), ref: "constant" };
    const answer = await stranger.api.post("/v1/uploads", { files: [intent] });
    return [answer.status, answer.text.replaceAll(/"requestId":"[^"]*"/g, "").replaceAll(id, "{id}")];
  };
  const missing = `${fileId.slice(0, -1)}${fileId.endsWith("0") ? "1" : "0"}`;
  for (const version of [1, 2]) {
    const there = await ask(fileId, version);
    assert.equal(there[0], 404);
    assert.deepEqual(there, await ask(missing, version));
  }
  assert.equal(await statesOf(fileId), "1 current");
});

test("a long history comes in pages, the newest version first", async () => {
  const { fileId } = await newFile();
  for (let version = 1; version <= 4; version += 1) await replace(fileId, version);
  const numbers: number[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const path: string = `/v1/files/${fileId}/versions?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`;
    const page = await person.api.get<Page<FileVersion>>(path);
    assert.equal(page.status, 200, page.text);
    assert.ok(page.body.items.length <= 2);
    numbers.push(...page.body.items.map(({ version }) => version));
    cursor = page.body.nextCursor;
  }
  assert.deepEqual(numbers, [5, 4, 3, 2, 1]);
  for (const query of ["limit=0", "limit=201", "cursor=abc", "more=1"])
    assertProblem(await person.api.get(`/v1/files/${fileId}/versions?${query}`), 400, "validation-failed");
});
