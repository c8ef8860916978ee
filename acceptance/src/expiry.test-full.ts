import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertProblem } from "./harness/api-client.ts";
import { downloadOriginal, getMe } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { createMultipart, sendParts } from "./harness/multipart.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { putRequestOf, sendBytes, sha256Of } from "./harness/transfer.ts";
import { createUpload, getUpload, intentOf, sendUpload, waitForEnd } from "./harness/upload.ts";
import { makeVideo } from "./harness/videos.ts";
import { waitFor, waitUntil } from "./harness/wait-for.ts";
import type { UrlsAnswer } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer({
    set: {
      "limits.urlLifetimeSeconds": 2,
      "limits.uploadLifetimeSeconds": 4,
      "worker.sweepSeconds": 1,
      // The bucket says nothing: the sweeper finds what came.
      "bucket.eventDelaySeconds": 0,
    },
  });
  person = await addPerson(server);
});
after(() => server.stop());

test("bytes whose sender never said complete become a file all the same", async () => {
  const picture = await makePng();
  const sent = await sendUpload(person.api, picture);
  const ended = await waitForEnd(person.api, sent.id);
  assert.equal(ended.state, "ready");
  assert.deepEqual((await downloadOriginal(person.api, ended.fileId)).bytes, picture);
});

test("an upload whose bytes don't come is aborted in the end, and frees what it held", async () => {
  const { api } = await addPerson(server, "absent");
  const picture = await makePng();
  const intent = intentOf(picture);
  const upload = await createUpload(api, intent);
  assert.ok(Date.parse(upload.expiresAt ?? "") - Date.now() <= 4000, upload.expiresAt);
  const ended = await waitForEnd(api, upload.id);
  assert.equal(ended.state, "aborted");
  const { events = [] } = await getUpload(api, upload.id);
  assert.deepEqual(
    events.map(({ type }) => type),
    ["created", "aborted"],
  );
  await waitFor("the reservation to be freed", async () => {
    const { reservedBytes, openUploads } = await getMe(api);
    return reservedBytes === 0 && openUploads === 0;
  });
  assertProblem(await api.send("POST", `/v1/uploads/${upload.id}/complete`), 409, "upload-gone");
  assertProblem(await api.post(`/v1/uploads/${upload.id}/urls`, {}), 409, "upload-gone");

  const again = await createUpload(api, intent);
  assert.notEqual(again.id, upload.id);
  assert.equal((await sendBytes(putRequestOf(again), picture)).status, 200);
  assert.equal((await waitForEnd(api, again.id)).state, "ready");
});

test("parts whose sender never said complete become a file once all have come", async () => {
  const video = makeVideo(20_000_001);
  const { upload, parts } = await createMultipart(person.api, video);
  await sendParts(person.api, upload.id, parts);
  const ended = await waitForEnd(person.api, upload.id);
  assert.equal(ended.state, "ready", JSON.stringify(ended.rejection));
  assert.equal(ended.sha256, sha256Of(video));
});

test("a multipart that never gets whole is aborted in the end, with its parts and what it held", async () => {
  const { api } = await addPerson(server, "halfway");
  const storeUploads = () => globSync("bucket/**/uploads/*/upload", { cwd: server.dataDir }).length;
  const before = storeUploads();
  const { upload, parts } = await createMultipart(api, makeVideo(20_000_001));
  await sendParts(api, upload.id, parts.slice(0, 2));
  assert.equal(storeUploads(), before + 1);
  assert.equal((await waitForEnd(api, upload.id)).state, "aborted");
  await waitFor("its parts and reservation to be gone", async () => {
    const { reservedBytes, openUploads } = await getMe(api);
    return reservedBytes === 0 && openUploads === 0 && storeUploads() === before;
  });
});

test("asking for URLs keeps a multipart alive", async () => {
  const { upload } = await createMultipart(person.api, makeVideo(20_000_001));
  const deadlineMs = Date.parse(upload.expiresAt ?? "");
  await waitUntil(deadlineMs - 2000);
  const answer = await person.api.post<UrlsAnswer>(`/v1/uploads/${upload.id}/urls`, {});
  assert.equal(answer.status, 200, answer.text);
  assert.ok(Date.parse(answer.body.upload.expiresAt ?? "") > deadlineMs);
  assert.equal(answer.body.upload.transfer?.kind, "multipart");
  assert.equal((await person.api.delete(`/v1/uploads/${upload.id}`)).status, 200);
});
