import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { downloadOriginal, getFile, getMe, listAll, mintDownload } from "./harness/files.ts";
import {
  makeJpeg,
  makeNoisePng,
  makePng,
  makeWebp,
  measureDifference,
  readPicture,
} from "./harness/images.ts";
import { canSeeProcesses, readTransferredBytes } from "./harness/processes.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, sha256Of } from "./harness/transfer.ts";
import {
  completeUpload,
  createUpload,
  getUpload,
  intentOf,
  sendUpload,
  uploadToEnd,
  waitForEnd,
} from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { StoredFile, UploadAnswer } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer({ set: { "worker.sweepSeconds": 1 } });
  person = await addPerson(server);
});
after(() => server.stop());

test("a photograph goes there and comes back with the same SHA-256", async () => {
  const photograph = await makeJpeg({ width: 2400, height: 1600 });
  const metadata = { step: "123", note: "Ümläut 🙂" };
  const upload = await uploadToEnd(person.api, photograph, {
    name: "Am Meer.jpg",
    contentType: "image/jpeg",
    metadata,
  });
  assert.equal(upload.state, "ready", JSON.stringify(upload.rejection));

  const file = await getFile(person.api, upload.fileId);
  assert.equal(file.name, "Am Meer.jpg");
  assert.equal(file.contentType, "image/jpeg");
  assert.equal(file.sizeBytes, photograph.length);
  assert.equal(file.sha256, sha256Of(photograph));
  assert.equal(file.visibility, "private");
  assert.equal(file.state, "ready");
  assert.equal(file.version, 1);
  assert.deepEqual([file.width, file.height], [2400, 1600]);
  assert.deepEqual(file.metadata, metadata);
  assert.ok(Math.abs(Date.parse(file.createdAt) - Date.now()) < 60_000, file.createdAt);

  const original = await downloadOriginal(person.api, file.id);
  assert.equal(sha256Of(original.bytes), sha256Of(photograph));
  assert.equal(original.headers.get("content-type"), "image/jpeg");
  assert.match(original.headers.get("content-disposition") ?? "", /^attachment\b/);
  assert.equal(original.headers.get("x-content-type-options"), "nosniff");
  assert.match(original.headers.get("content-security-policy") ?? "", /sandbox/);
  assert.equal(original.headers.get("set-cookie"), null);
});

test("the PUT is bound to type, digest and absence, and says so in the headers to set", async () => {
  const upload = await createUpload(person.api, intentOf(await makePng()));
  assert.equal(upload.state, "pending");
  assert.equal(upload.transfer?.kind, "put");
  const request = upload.transfer?.request;
  assert.ok(request);
  assert.equal(request.method, "PUT");
  assert.equal(new URL(request.url).origin, server.bucket);
  const names = Object.keys(request.headers).map((name) => name.toLowerCase());
  assert.deepEqual(names.sort(), ["content-type", "if-none-match", "x-amz-checksum-sha256"]);
  assert.ok(request.expiresInSeconds > 0 && request.expiresInSeconds <= 600, `${request.expiresInSeconds}`);
  assert.ok((upload.expiresInSeconds ?? 0) > 6 * 24 * 3600, `${upload.expiresInSeconds}`);
  assert.ok(Date.parse(upload.expiresAt ?? "") > Date.now());
  const key = new URL(request.url).pathname;
  assert.match(key, /^\/[a-z0-9/.-]+$/, "a key has only the server's characters");
  assert.ok(!key.includes("picture"), "a key says nothing of the file's name");
});

test("thumbnail and preview are WebP pictures of the promised size that look like the original", async () => {
  const photograph = await makeJpeg({ width: 2000, height: 1000 });
  const upload = await uploadToEnd(person.api, photograph, { name: "p.jpg", contentType: "image/jpeg" });
  const file = await getFile(person.api, upload.fileId);
  assert.deepEqual(file.derivatives.map(({ name }) => name).sort(), ["preview", "thumbnail"]);
  for (const [name, width, height] of [
    ["thumbnail", 320, 160],
    ["preview", 1600, 800],
  ] as const) {
    const stored = await fetchBytes(await mintDownload(person.api, file.id, { derivative: name }));
    assert.equal(stored.status, 200);
    assert.equal(stored.headers.get("content-type"), "image/webp");
    assert.deepEqual(await readPicture(stored.bytes), { format: "webp", width, height });
    const listed = file.derivatives.find((derivative) => derivative.name === name);
    assert.deepEqual([listed?.width, listed?.height], [width, height]);
    assert.equal(listed?.sizeBytes, stored.bytes.length);
    assert.equal(listed?.contentType, "image/webp");
    assert.ok((await measureDifference(stored.bytes, photograph)) < 12, `${name} shows something else`);
  }
  assert.match(file.thumbhash ?? "", /^[A-Za-z0-9+/]+=*$/);
});

test("a picture smaller than the thumbnail is not enlarged", async () => {
  const upload = await uploadToEnd(person.api, await makeWebp({ width: 100, height: 50 }), {
    name: "s.webp",
    contentType: "image/webp",
  });
  assert.equal(upload.state, "ready", JSON.stringify(upload.rejection));
  const request = await mintDownload(person.api, upload.fileId, { derivative: "thumbnail" });
  const stored = await fetchBytes(request);
  assert.deepEqual(await readPicture(stored.bytes), { format: "webp", width: 100, height: 50 });
});

test("pictures of all eight orientations have upright sizes and thumbnails that look alike", async () => {
  const upright = await makeJpeg({ width: 360, height: 240, seed: 9 });
  const thumbnails = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map(async (orientation) => {
      const photograph = await makeJpeg({ width: 360, height: 240, seed: 9, orientation });
      const upload = await uploadToEnd(person.api, photograph, { name: "o.jpg", contentType: "image/jpeg" });
      const file = await getFile(person.api, upload.fileId);
      assert.deepEqual([file.width, file.height], [360, 240], `orientation ${orientation}`);
      const request = await mintDownload(person.api, file.id, { derivative: "thumbnail" });
      return (await fetchBytes(request)).bytes;
    }),
  );
  for (const [index, thumbnail] of thumbnails.entries())
    assert.ok((await measureDifference(thumbnail, upright)) < 6, `orientation ${index + 1}`);
});

test("content answers 302 to a presigned URL of the bucket that gives the bytes without a token", async () => {
  const picture = await makePng();
  const upload = await uploadToEnd(person.api, picture);
  for (const [query, type] of [
    ["", "image/png"],
    ["?derivative=original", "image/png"],
    ["?derivative=thumbnail", "image/webp"],
    ["?derivative=preview&disposition=inline", "image/webp"],
    ["?version=1&disposition=attachment", "image/png"],
  ]) {
    const answer = await person.api.get(`/v1/files/${upload.fileId}/content${query}`);
    assert.equal(answer.status, 302, answer.text);
    const location = answer.headers.get("location") ?? "";
    assert.equal(new URL(location).origin, server.bucket);
    const stored = await fetchBytes(location);
    assert.equal(stored.status, 200);
    assert.equal(stored.headers.get("content-type"), type, query);
    if (type === "image/png") assert.equal(sha256Of(stored.bytes), sha256Of(picture));
    if (query === "?derivative=preview&disposition=inline")
      assert.match(stored.headers.get("content-disposition") ?? "", /^inline\b/);
    else if (type === "image/png")
      assert.match(stored.headers.get("content-disposition") ?? "", /^attachment\b/);
  }
});

test("a part of a file can be fetched by Range", async () => {
  const picture = await makePng({ width: 300, height: 200 });
  const upload = await uploadToEnd(person.api, picture);
  const request = await mintDownload(person.api, upload.fileId);
  const part = await fetchBytes(request, { range: "bytes=10-99" });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get("content-range"), `bytes 10-99/${picture.length}`);
  assert.deepEqual(part.bytes, picture.subarray(10, 100));
  for (const [range, status, bytes] of [
    ["bytes=0-0", 206, picture.subarray(0, 1)],
    ["bytes=-10", 206, picture.subarray(-10)],
    [`bytes=${picture.length - 5}-${picture.length + 500}`, 206, picture.subarray(-5)],
    [`bytes=-${picture.length * 2}`, 206, picture],
    ["bytes=9-2", 200, picture],
    ["lines=1-2", 200, picture],
    ["bytes=a-b", 200, picture],
  ] as const) {
    const answer = await fetchBytes(request, { range });
    // A range of everything, and one that makes no sense, may be answered with everything (RFC 9110 section 14.2).
    assert.ok(
      answer.status === status || (bytes === picture && answer.status < 300),
      `${range}: ${answer.status}`,
    );
    assert.deepEqual(answer.bytes, bytes, range);
  }
  const tooFar = await fetchBytes(request, { range: `bytes=${picture.length}-` });
  assert.equal(tooFar.status, 416);
});

test("an unknown derivative or version of a file is not found", async () => {
  const upload = await uploadToEnd(person.api, await makePng());
  for (const query of ["?derivative=poster", "?version=2"])
    assert.equal((await person.api.get(`/v1/files/${upload.fileId}/content${query}`)).status, 404, query);
});

test("the timeline tells created, uploaded, verifying, ready in this order", async () => {
  const upload = await uploadToEnd(person.api, await makePng());
  const { events = [] } = await getUpload(person.api, upload.id);
  assert.deepEqual(
    events.map(({ type }) => type),
    ["created", "uploaded", "verifying", "ready"],
  );
  const times = events.map(({ at }) => Date.parse(at));
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  for (const { at, detail } of events) {
    assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    assert.equal(typeof detail, "string");
  }
});

test("completing again, and asking for a URL too late, answers the upload as it is", async () => {
  const upload = await sendUpload(person.api, await makePng());
  await completeUpload(person.api, upload.id);
  const again = await person.api.send<UploadAnswer>("POST", `/v1/uploads/${upload.id}/complete`);
  assert.equal(again.status, 202);
  const ended = await waitForEnd(person.api, upload.id);
  assert.equal(ended.state, "ready");
  const late = await person.api.send<UploadAnswer>("POST", `/v1/uploads/${upload.id}/complete`);
  assert.equal(late.status, 202);
  assert.equal(late.body.upload.state, "ready");
  const urls = await person.api.post<UploadAnswer>(`/v1/uploads/${upload.id}/urls`, {});
  assert.ok([200, 201, 409].includes(urls.status), `${urls.status}`);
  if (urls.status < 300) assert.equal(urls.body.upload.transfer, undefined);
});

test("completing before the bytes are there says bytes-missing and leaves the upload pending", async () => {
  const upload = await createUpload(person.api, intentOf(await makePng()));
  const early = await person.api.send("POST", `/v1/uploads/${upload.id}/complete`);
  assert.equal(early.status, 409);
  assert.match(early.text, /"bytes-missing"/);
  assert.equal((await getUpload(person.api, upload.id)).state, "pending");
});

test("used and reserved bytes and open uploads are exact at every step", async () => {
  const { api } = await addPerson(server, "counted");
  const count = async () => {
    const { usedBytes, reservedBytes, openUploads } = await getMe(api);
    return { usedBytes, reservedBytes, openUploads };
  };
  const picture = await makePng();
  assert.deepEqual(await count(), { usedBytes: 0, reservedBytes: 0, openUploads: 0 });

  const upload = await sendUpload(api, picture);
  assert.deepEqual(await count(), { usedBytes: 0, reservedBytes: picture.length, openUploads: 1 });
  await completeUpload(api, upload.id);
  await waitForEnd(api, upload.id);
  assert.deepEqual(await count(), { usedBytes: picture.length, reservedBytes: 0, openUploads: 0 });

  const given = await createUpload(api, intentOf(await makePng()));
  assert.equal((await count()).openUploads, 1);
  const abort = await api.delete(`/v1/uploads/${given.id}`);
  assert.ok(abort.status === 200 || abort.status === 204, `${abort.status}`);
  await waitFor("the reservation of an aborted upload to be freed", async () => {
    const now = await count();
    return now.reservedBytes === 0 && now.openUploads === 0 && now.usedBytes === picture.length;
  });
  assert.equal((await getUpload(api, given.id)).state, "aborted");
});

test("deleting puts a file in the trash, from where it comes back; purging leaves nothing", async () => {
  const { api } = await addPerson(server, "tidy");
  const picture = await makePng();
  const { fileId } = await uploadToEnd(api, picture);
  const url = (await mintDownload(api, fileId)).url;
  const etag = async () => (await api.get(`/v1/files/${fileId}`)).headers.get("etag") ?? "";
  const ids = async (path: string) => (await listAll<StoredFile>(api, path)).map(({ id }) => id);
  const first = await etag();
  assert.match(first, /^(W\/)?"[^"]+"$/);

  const trashed = await api.delete(`/v1/files/${fileId}`, { "if-match": first });
  assert.ok(trashed.status === 200 || trashed.status === 204, trashed.text);
  assert.deepEqual(await ids("/v1/files"), []);
  assert.deepEqual(await ids("/v1/files?scope=trash"), [fileId]);
  assert.equal((await api.get(`/v1/files/${fileId}/content`)).status, 404, "nothing in the trash is served");
  assert.equal((await getMe(api)).usedBytes, picture.length, "the trash counts");

  assert.equal((await api.send("POST", `/v1/files/${fileId}/restore`)).status, 428);
  const stale = await api.send("POST", `/v1/files/${fileId}/restore`, { headers: { "if-match": first } });
  assert.equal(stale.status, 412);
  const restored = await api.send("POST", `/v1/files/${fileId}/restore`, {
    headers: { "if-match": await etag() },
  });
  assert.equal(restored.status, 200, restored.text);
  assert.deepEqual(await ids("/v1/files"), [fileId]);
  assert.equal(sha256Of((await downloadOriginal(api, fileId)).bytes), sha256Of(picture));

  assert.equal((await api.delete(`/v1/files/${fileId}?permanent=true`)).status, 428);
  const purged = await api.delete(`/v1/files/${fileId}?permanent=true`, { "if-match": await etag() });
  assert.ok(purged.status === 200 || purged.status === 204, purged.text);
  assert.equal((await api.get(`/v1/files/${fileId}`)).status, 404);
  assert.deepEqual(await ids("/v1/files?scope=trash"), []);
  assert.equal((await getMe(api)).usedBytes, 0);
  await waitFor("the purged bytes to be gone", async () => (await fetchBytes(url)).status === 404, {
    timeoutMs: 90_000,
    everyMs: 250,
  });
});

test("lists run newest first and page by page, each file once", async () => {
  const { api } = await addPerson(server, "lister");
  const uploads = await Promise.all(
    Array.from({ length: 7 }, async (_, index) =>
      uploadToEnd(api, await makePng(), { name: `${index}.png` }),
    ),
  );
  for (const path of ["/v1/files", "/v1/uploads"]) {
    const paged = await listAll<StoredFile>(api, path, 3);
    const whole = await listAll<StoredFile>(api, path);
    assert.deepEqual(
      paged.map(({ id }) => id),
      whole.map(({ id }) => id),
    );
    assert.equal(new Set(paged.map(({ id }) => id)).size, uploads.length, path);
    const times = paged.map(({ createdAt }) => Date.parse(createdAt));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
      path,
    );
  }
  assert.equal((await listAll(api, "/v1/uploads?state=ready")).length, uploads.length);
  assert.equal((await listAll(api, "/v1/uploads?state=pending")).length, 0);
});

test("content passes nowhere through the API", {
  skip: canSeeProcesses ? false : "reads /proc, which only Linux has",
}, async () => {
  const pid = server.process("api");
  assert.ok(pid !== undefined, "no process listens on the API's port");
  const bytes = await makeNoisePng(1400, 1200);
  assert.ok(bytes.length > 4_000_000, `${bytes.length} bytes are too few to be noticed`);
  const before = readTransferredBytes(pid);
  const upload = await uploadToEnd(person.api, bytes, {}, { everyMs: 200 });
  assert.equal(upload.state, "ready", JSON.stringify(upload.rejection));
  for (let round = 0; round < 3; round += 1) await downloadOriginal(person.api, upload.fileId);
  const after = readTransferredBytes(pid);
  const read = after.readBytes - before.readBytes;
  const written = after.writtenBytes - before.writtenBytes;
  assert.ok(read < bytes.length / 2, `the API read ${read} bytes around a file of ${bytes.length}`);
  assert.ok(written < bytes.length / 2, `the API wrote ${written} bytes around a file of ${bytes.length}`);
});
