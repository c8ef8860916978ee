import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertProblem } from "./harness/api-client.ts";
import { downloadOriginal, getMe } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { putRequestOf, sendBytes } from "./harness/transfer.ts";
import { createUpload, getUpload, intentOf, sendUpload, waitForEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";

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
