import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { globSync } from "node:fs";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertProblem } from "./harness/api-client.ts";
import { deleteFile, downloadOriginal, getFile, getMe } from "./harness/files.ts";
import {
  createMultipart,
  cutParts,
  listParts,
  mintPart,
  mintParts,
  type Part,
  sendParts,
  videoIntentOf,
} from "./harness/multipart.ts";
import { readTransferredBytes } from "./harness/processes.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { putRequestOf, sendBytes, sha256Of } from "./harness/transfer.ts";
import { completeUpload, createUpload, emptyPromise, getUpload, waitForEnd } from "./harness/upload.ts";
import { makeVideo } from "./harness/videos.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { CompleteBatchAnswer, Problem, UploadAnswer, UrlsAnswer } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

const partBytes = 8 * 1024 * 1024;
/** As little as goes in parts by itself: three of them. */
const leastBytes = 20_000_001;

const complete = (uploadId: string, json?: unknown) =>
  person.api.send<UploadAnswer & Problem>("POST", `/v1/uploads/${uploadId}/complete`, {
    ...(json === undefined ? {} : { json }),
  });

/** What the bucket keeps of uploads in parts that are under way, by the store's id. */
const storeUploads = (): string[] => globSync("bucket/**/uploads/*/upload", { cwd: server.dataDir });

test("a video above 20 MB comes back as it went in, and none of it passed through the API", async () => {
  const video = makeVideo(leastBytes);
  const { upload, parts } = await createMultipart(person.api, video);
  assert.deepEqual(upload.transfer, { kind: "multipart", partSizeBytes: partBytes, partCount: 3 });
  assert.equal(upload.sha256, undefined);
  assert.deepEqual(await listParts(person.api, upload.id), []);
  const api = server.process("api");
  const before = api === undefined ? undefined : readTransferredBytes(api);
  await sendParts(person.api, upload.id, parts);
  assert.deepEqual(
    (await listParts(person.api, upload.id)).map(({ partNumber, sizeBytes, sha256 }) => ({
      partNumber,
      sizeBytes,
      sha256,
    })),
    parts.map(({ partNumber, bytes }) => ({ partNumber, sizeBytes: bytes.length, sha256: sha256Of(bytes) })),
  );
  const completed = await completeUpload(person.api, upload.id);
  assert.ok(["uploaded", "verifying", "ready"].includes(completed.state), completed.state);
  const ended = await waitForEnd(person.api, upload.id);
  assert.equal(ended.state, "ready", JSON.stringify(ended.rejection));
  assert.equal(ended.sha256, sha256Of(video));
  const file = await getFile(person.api, upload.fileId);
  assert.deepEqual(
    [file.contentType, file.sizeBytes, file.sha256],
    ["video/mp4", video.length, sha256Of(video)],
  );
  assert.ok((await downloadOriginal(person.api, upload.fileId)).bytes.equals(video));
  if (api !== undefined && before !== undefined) {
    const now = readTransferredBytes(api);
    const moved = now.readBytes - before.readBytes + now.writtenBytes - before.writtenBytes;
    assert.ok(moved < 2_000_000, `${moved} bytes went through the API's process`);
  }
  const { events = [] } = await getUpload(person.api, upload.id);
  assert.deepEqual(
    events.map(({ type }) => type),
    ["created", "begun", "uploaded", "verifying", "ready"],
  );
  assert.deepEqual(await listParts(person.api, upload.id), []);
});

test("parts may come in any order and more than once, and are listed by number", async () => {
  const video = makeVideo(leastBytes);
  const { upload, parts } = await createMultipart(person.api, video, { sha256: sha256Of(video) });
  assert.equal(upload.sha256, sha256Of(video));
  await sendParts(person.api, upload.id, parts.toReversed());
  await sendParts(person.api, upload.id, parts.slice(1, 2));
  const request = await mintPart(person.api, upload.id, parts[0] as Part);
  for (let time = 0; time < 2; time += 1)
    assert.equal((await sendBytes(request, parts[0]?.bytes ?? new Uint8Array())).status, 200);
  assert.deepEqual(
    (await listParts(person.api, upload.id)).map(({ partNumber }) => partNumber),
    [1, 2, 3],
  );
  await completeUpload(person.api, upload.id);
  assert.equal((await waitForEnd(person.api, upload.id)).state, "ready");
  assert.ok((await downloadOriginal(person.api, upload.fileId)).bytes.equals(video));
});

test("a part of other bytes than declared is refused by the bucket, and complete names it", async () => {
  const { upload, parts } = await createMultipart(person.api, makeVideo(leastBytes));
  const [first, second, third] = parts;
  assert.ok(first && second && third);
  await sendParts(person.api, upload.id, [first, third]);
  const wrong = Uint8Array.from(second.bytes);
  wrong[7] = (wrong[7] ?? 0) ^ 1;
  const request = await mintPart(person.api, upload.id, second);
  assert.equal((await sendBytes(request, wrong)).status, 400);
  assert.equal((await sendBytes(request, second.bytes.subarray(1))).status, 403);
  const answer = await complete(upload.id);
  assertProblem(answer, 409, "parts-missing");
  assert.deepEqual(answer.body.missingParts, [2]);
  assert.match(answer.body.detail, /part 2\b/);
  assert.equal((await getUpload(person.api, upload.id)).state, "pending");
  const batch = await person.api.post<CompleteBatchAnswer>("/v1/uploads/complete", {
    ids: [upload.id, "none"],
  });
  assert.deepEqual(batch.body.items[0]?.problem?.missingParts, [2]);
  assert.equal((await sendBytes(request, second.bytes)).status, 200);
  await completeUpload(person.api, upload.id);
  assert.equal((await waitForEnd(person.api, upload.id)).state, "ready");
});

test("a part that is declared anew counts as it was declared last, whatever an old URL still brings", async () => {
  const video = makeVideo(leastBytes);
  const { upload, parts } = await createMultipart(person.api, video);
  const [first, second, third] = parts;
  assert.ok(first && second && third);
  const draft: Part = { partNumber: 2, bytes: randomBytes(second.bytes.length) };
  const draftRequest = await mintPart(person.api, upload.id, draft);
  await sendParts(person.api, upload.id, [first, second, third]);
  assert.equal((await sendBytes(draftRequest, draft.bytes)).status, 200);
  const answer = await complete(upload.id);
  assertProblem(answer, 409, "parts-missing");
  assert.deepEqual(answer.body.missingParts, [2]);
  await sendParts(person.api, upload.id, [second]);
  await completeUpload(person.api, upload.id);
  assert.equal((await waitForEnd(person.api, upload.id)).state, "ready");
  assert.equal((await getFile(person.api, upload.fileId)).sha256, sha256Of(video));
});

test("eight first calls for parts at once make one upload in the store", async () => {
  const before = storeUploads().length;
  const { upload, parts } = await createMultipart(person.api, makeVideo(leastBytes));
  const minted = await Promise.all(Array.from({ length: 8 }, () => mintParts(person.api, upload.id, parts)));
  const uploadIds = new Set(minted.flat().map(({ url }) => new URL(url).searchParams.get("uploadId")));
  assert.equal(uploadIds.size, 1);
  await waitFor("the losers' uploads to be aborted", () => storeUploads().length === before + 1);
  const { events = [] } = await getUpload(person.api, upload.id);
  assert.equal(events.filter(({ type }) => type === "begun").length, 1);
  assert.ok((await person.api.delete(`/v1/uploads/${upload.id}`)).status < 300);
  await waitFor("the upload to be aborted in the store", () => storeUploads().length === before);
});

test("eight completes at once, and one after, make one file once", async () => {
  const { upload, parts } = await createMultipart(person.api, makeVideo(leastBytes));
  await sendParts(person.api, upload.id, parts);
  const answers = await Promise.all(Array.from({ length: 8 }, () => complete(upload.id)));
  for (const answer of answers) assert.equal(answer.status, 202, answer.text);
  assert.equal((await waitForEnd(person.api, upload.id)).state, "ready");
  assert.equal((await complete(upload.id)).body.upload.state, "ready");
  const { events = [] } = await getUpload(person.api, upload.id);
  assert.equal(events.filter(({ type }) => type === "uploaded").length, 1);
});

test("once completed, a part's URL brings nothing any more", async () => {
  const { upload, parts } = await createMultipart(person.api, makeVideo(leastBytes));
  const requests = await mintParts(person.api, upload.id, parts);
  for (const [index, request] of requests.entries())
    await sendBytes(request, parts[index]?.bytes ?? new Uint8Array());
  await completeUpload(person.api, upload.id);
  const [request] = requests;
  assert.ok(request);
  assert.equal((await sendBytes(request, parts[0]?.bytes ?? new Uint8Array())).status, 404);
  const late = await person.api.post<UrlsAnswer>(`/v1/uploads/${upload.id}/urls`, {
    parts: [{ partNumber: 1, sha256: sha256Of(parts[0]?.bytes ?? new Uint8Array()) }],
  });
  assert.equal(late.status, 200);
  assert.equal(late.body.requests, undefined);
  assert.equal(late.body.upload.transfer, undefined);
  assert.equal((await waitForEnd(person.api, upload.id)).state, "ready");
});

test("after an abort parts are refused, their bytes gone and their reservation free", async () => {
  const { api } = await addPerson(server, "undecided");
  const before = storeUploads().length;
  const { upload, parts } = await createMultipart(api, makeVideo(leastBytes));
  assert.equal((await getMe(api)).reservedBytes, leastBytes);
  const [request] = await mintParts(api, upload.id, parts.slice(0, 1));
  assert.ok(request);
  assert.equal((await sendBytes(request, parts[0]?.bytes ?? new Uint8Array())).status, 200);
  for (let time = 0; time < 2; time += 1)
    assert.equal((await api.delete(`/v1/uploads/${upload.id}`)).status, 200);
  assert.equal((await getMe(api)).reservedBytes, 0);
  assert.equal(storeUploads().length, before);
  assert.equal((await sendBytes(request, parts[0]?.bytes ?? new Uint8Array())).status, 404);
  assertProblem(await api.send("POST", `/v1/uploads/${upload.id}/complete`), 409, "upload-gone");
  assertProblem(await api.post(`/v1/uploads/${upload.id}/urls`, {}), 409, "upload-gone");
  assert.deepEqual(await listParts(api, upload.id), []);
});

test("a pending PUT above 5 MiB turns into a multipart; what its URL brings no longer counts", async () => {
  const video = makeVideo(9_000_000);
  const intent = videoIntentOf(video, { sha256: sha256Of(video) });
  const upload = await createUpload(person.api, intent);
  const put = putRequestOf(upload);
  const turn = () => person.api.post<UrlsAnswer>(`/v1/uploads/${upload.id}/urls`, { as: "multipart" });
  const turned = await turn();
  assert.equal(turned.status, 200, turned.text);
  assert.equal(turned.body.upload.id, upload.id);
  assert.deepEqual(turned.body.upload.transfer, {
    kind: "multipart",
    partSizeBytes: partBytes,
    partCount: 2,
  });
  assert.deepEqual((await turn()).body.upload.transfer, turned.body.upload.transfer);
  assert.equal((await sendBytes(put, video)).status, 412);
  assert.deepEqual((await createUpload(person.api, intent)).transfer, turned.body.upload.transfer);
  const missing = await complete(upload.id);
  assertProblem(missing, 409, "parts-missing");
  assert.deepEqual(missing.body.missingParts, [1, 2]);
  await sendParts(person.api, upload.id, cutParts(turned.body.upload, video));
  await completeUpload(person.api, upload.id);
  assert.equal((await waitForEnd(person.api, upload.id)).state, "ready");
  assert.ok((await downloadOriginal(person.api, upload.fileId)).bytes.equals(video));
  assert.equal((await turn()).body.upload.state, "ready");
});

test("a PUT of 5 MiB or less stays one, and has no parts", async () => {
  const upload = await createUpload(person.api, emptyPromise(5_242_880));
  const urls = (json: unknown) => person.api.post(`/v1/uploads/${upload.id}/urls`, json);
  assertProblem(await urls({ as: "multipart" }), 409, "not-multipart");
  assertProblem(
    await urls({ parts: [{ partNumber: 1, sha256: sha256Of(Buffer.from("a")) }] }),
    409,
    "not-multipart",
  );
  assert.deepEqual(await listParts(person.api, upload.id), []);
  assert.equal((await getUpload(person.api, upload.id)).state, "pending");
});

test("the whole file's digest is held to, whether it came at create or with complete", async () => {
  const video = makeVideo(leastBytes);
  const other = sha256Of(Buffer.from("another file"));
  const announced = await createMultipart(person.api, video, { sha256: other });
  await sendParts(person.api, announced.upload.id, announced.parts);
  assertProblem(await complete(announced.upload.id, { sha256: sha256Of(video) }), 409, "sha256-conflict");
  assert.equal((await complete(announced.upload.id, { sha256: other })).status, 202);
  const rejected = await waitForEnd(person.api, announced.upload.id);
  assert.equal(rejected.rejection?.code, "checksum-mismatch");

  const late = await createMultipart(person.api, video);
  await sendParts(person.api, late.upload.id, late.parts);
  assert.equal((await complete(late.upload.id, { sha256: other })).status, 202);
  assert.equal((await waitForEnd(person.api, late.upload.id)).rejection?.code, "checksum-mismatch");

  const right = await createMultipart(person.api, video);
  await sendParts(person.api, right.upload.id, right.parts);
  assert.equal((await complete(right.upload.id, { sha256: sha256Of(video) })).status, 202);
  assert.equal((await waitForEnd(person.api, right.upload.id)).state, "ready");
});

test("the same ref is the same multipart, with or without its digest", async () => {
  const video = makeVideo(leastBytes);
  const intent = videoIntentOf(video);
  const first = await createUpload(person.api, intent);
  await sendParts(person.api, first.id, cutParts(first, video).slice(0, 1));
  const second = await createUpload(person.api, { ...intent, sha256: sha256Of(video) });
  assert.equal(second.id, first.id);
  assert.equal(second.sha256, sha256Of(video));
  assert.deepEqual(second.transfer, first.transfer);
  assert.equal((await listParts(person.api, first.id)).length, 1);
  assert.equal((await createUpload(person.api, intent)).id, first.id);
  const other = { ...intent, sha256: sha256Of(Buffer.from("another file")) };
  assertProblem(await person.api.post("/v1/uploads", { files: [other] }), 409, "ref-reused");
  assert.ok((await person.api.delete(`/v1/uploads/${first.id}`)).status < 300);
});

test("what is no video is rejected, however large", async () => {
  const { api } = await addPerson(server, "junk");
  const { upload, parts } = await createMultipart(api, randomBytes(leastBytes));
  await sendParts(api, upload.id, parts);
  await completeUpload(api, upload.id);
  const ended = await waitForEnd(api, upload.id);
  assert.equal(ended.rejection?.code, "type-mismatch");
  const me = await getMe(api);
  assert.deepEqual([me.usedBytes, me.reservedBytes, me.openUploads], [0, 0, 0]);
  assertProblem(await api.get(`/v1/files/${upload.fileId}`), 404, "not-found");
});

test("a video counts what it was declared to have, then what it has, and nothing once it is purged", async () => {
  const { api } = await addPerson(server, "counted");
  const { upload, parts } = await createMultipart(api, makeVideo(leastBytes));
  const counted = async () => {
    const { usedBytes, reservedBytes } = await getMe(api);
    return [usedBytes, reservedBytes];
  };
  assert.deepEqual(await counted(), [0, leastBytes]);
  await sendParts(api, upload.id, parts);
  assert.deepEqual(await counted(), [0, leastBytes]);
  await completeUpload(api, upload.id);
  await waitForEnd(api, upload.id);
  assert.deepEqual(await counted(), [leastBytes, 0]);
  await deleteFile(api, upload.fileId);
  assert.deepEqual(await counted(), [leastBytes, 0]);
  await deleteFile(api, upload.fileId, "?permanent=true");
  assert.deepEqual(await counted(), [0, 0]);
});

test("a video may have 2 GB, as /v1/me says, and not a byte more", async () => {
  const types = (await getMe(person.api)).profiles.find(({ name }) => name === "default")?.types ?? [];
  const most = types.find(({ contentType }) => contentType === "video/mp4")?.maxSizeBytes;
  assert.equal(most, 2_000_000_000);
  const film = { contentType: "video/mp4", name: "film.mp4" };
  const upload = await createUpload(person.api, emptyPromise(most, film));
  assert.deepEqual(upload.transfer, { kind: "multipart", partSizeBytes: partBytes, partCount: 239 });
  assert.ok((await person.api.delete(`/v1/uploads/${upload.id}`)).status < 300);
  assertProblem(
    await person.api.post("/v1/uploads", { files: [emptyPromise(most + 1, film)] }),
    413,
    "file-too-large",
  );
});
