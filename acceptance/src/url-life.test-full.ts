import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { downloadOriginal, mintDownload } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, putRequestOf, sendBytes, sha256Of } from "./harness/transfer.ts";
import {
  completeUpload,
  createUpload,
  getUpload,
  intentOf,
  uploadToEnd,
  waitForEnd,
} from "./harness/upload.ts";
import { waitUntil } from "./harness/wait-for.ts";
import type { UploadAnswer } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer({ set: { "limits.urlLifetimeSeconds": 2 } });
  person = await addPerson(server);
});
after(() => server.stop());

/** When a presigned URL stops working, as it says itself. */
function endOf(url: string): number {
  const parameters = new URL(url).searchParams;
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(parameters.get("X-Amz-Date") ?? "") ?? [];
  return (
    Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) +
    Number(parameters.get("X-Amz-Expires")) * 1000
  );
}

test("a PUT's URL is 403 after its life, and a fresh one of the same upload works", async () => {
  const picture = await makePng();
  const upload = await createUpload(person.api, intentOf(picture));
  const request = putRequestOf(upload);
  assert.ok(request.expiresInSeconds <= 2, `${request.expiresInSeconds}`);
  assert.ok(endOf(request.url) - Date.now() <= 2000);
  await waitUntil(endOf(request.url) + 1100);
  assert.equal((await sendBytes(request, picture)).status, 403);

  const urls = await person.api.post<UploadAnswer>(`/v1/uploads/${upload.id}/urls`, {});
  assert.ok(urls.status < 300, urls.text);
  const fresh = putRequestOf(urls.body.upload);
  assert.notEqual(fresh.url, request.url);
  assert.equal((await sendBytes(fresh, picture)).status, 200);
  await completeUpload(person.api, upload.id);
  assert.equal((await waitForEnd(person.api, upload.id)).state, "ready");
  const { events = [] } = await getUpload(person.api, upload.id);
  assert.ok(
    events.some(({ type }) => type === "reminted"),
    JSON.stringify(events),
  );
});

test("a create of the same ref brings a fresh URL too", async () => {
  const picture = await makePng();
  const intent = intentOf(picture);
  const request = putRequestOf(await createUpload(person.api, intent));
  await waitUntil(endOf(request.url) + 1100);
  assert.equal((await sendBytes(request, picture)).status, 403);
  const fresh = putRequestOf(await createUpload(person.api, intent));
  assert.equal((await sendBytes(fresh, picture)).status, 200);
});

test("a download's URL is 403 after its life, and a fresh one works", async () => {
  const picture = await makePng();
  const { fileId, state } = await uploadToEnd(person.api, picture);
  assert.equal(state, "ready");
  const { url } = await mintDownload(person.api, fileId);
  await waitUntil(endOf(url) + 1100);
  assert.equal((await fetchBytes(url)).status, 403);
  assert.equal(sha256Of((await downloadOriginal(person.api, fileId)).bytes), sha256Of(picture));
});
