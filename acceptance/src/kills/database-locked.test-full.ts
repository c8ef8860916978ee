import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { addPerson, makeToken, type Person } from "../harness/add-person.ts";
import { type Answer, askApi, assertProblem, assertProblemShape } from "../harness/api-client.ts";
import { downloadOriginal, getFile, getMe } from "../harness/files.ts";
import { makePng } from "../harness/images.ts";
import { createPatientApi } from "../harness/patient-client.ts";
import { runCli } from "../harness/run-cli.ts";
import { type Server, startServer } from "../harness/start-server.ts";
import { putRequestOf, sendBytes } from "../harness/transfer.ts";
import {
  completeUpload,
  createUpload,
  emptyPromise,
  getUpload,
  intentOf,
  sendUpload,
  uploadToEnd,
  waitForEnd,
} from "../harness/upload.ts";
import { waitFor } from "../harness/wait-for.ts";
import type { Upload } from "../harness/wire.ts";

let server: Server;
let person: Person;
before(async () => {
  // Without events of the store: what is pending stays so until it is completed.
  const set = { "worker.leaseSeconds": 3, "worker.sweepSeconds": 1, "bucket.eventDelaySeconds": 0 };
  server = await startServer({ set });
  person = await addPerson(server);
});
after(() => server.stop());

/** Takes a database's write lock, as a program does that hangs in the midst of a transaction. */
function lockDatabase(...path: readonly string[]): { release(): void } {
  const database = new DatabaseSync(join(server.dataDir, ...path), { timeout: 10_000 });
  database.exec("BEGIN IMMEDIATE");
  return { release: () => database.close() };
}

/** One request that may be refused as one that has to come again. */
const askOnce = (method: string, path: string, json?: unknown, headers = {}): Promise<Answer> =>
  askApi({
    origin: server.api,
    token: person.token,
    method,
    path,
    headers,
    ...(json === undefined ? {} : { json }),
  });

function assertComeAgain(answer: Answer): void {
  assertProblem(answer, 503, "unavailable");
  assertProblemShape(answer);
}

/** Reading waits for nobody: this is the load of the machine, and far below the time for which a lock is tried. */
const longestReadMs = 3_000;

test("a database that another process has locked refuses changes with 503, is read all the while, and loses nothing", async () => {
  const ready = await uploadToEnd(person.api, await makePng());
  const pending = await createUpload(person.api, emptyPromise(1000));
  const picture = await makePng();
  const sent = await sendUpload(person.api, picture);
  const waiting = await createUpload(person.api, intentOf(await makePng()));
  const before = await getMe(person.api);
  const etag = (await person.api.get(`/v1/files/${ready.fileId}`)).headers.get("etag") ?? "";
  const intent = intentOf(await makePng());

  const lock = lockDatabase("stowage.sqlite");
  let patientCreate: Promise<Upload>;
  try {
    const refused = Promise.all([
      askOnce("POST", "/v1/uploads", { files: [intentOf(await makePng())] }),
      askOnce("POST", `/v1/uploads/${sent.id}/complete`),
      askOnce("DELETE", `/v1/uploads/${pending.id}`),
      askOnce("POST", `/v1/uploads/${waiting.id}/urls`),
      askOnce("PATCH", `/v1/files/${ready.fileId}`, { name: "other.png" }, { "if-match": etag }),
      askOnce("DELETE", `/v1/files/${ready.fileId}`, undefined, { "if-match": etag }),
      askOnce("GET", "/readyz"),
    ]);
    let isRefused = false;
    const whenRefused = refused.then(() => {
      isRefused = true;
    });
    // A good client comes again until the lock is gone.
    patientCreate = createUpload(
      createPatientApi(server.api, person.token, { giveUpAfterMs: 60_000 }),
      intent,
    );
    let longestMs = 0;
    while (!isRefused) {
      const fromMs = performance.now();
      assert.equal((await getFile(person.api, ready.fileId)).name, "picture.png");
      assert.deepEqual(await getMe(person.api), before);
      assert.equal((await getUpload(person.api, sent.id)).state, "pending");
      assert.equal((await fetch(`${server.api}/healthz`)).status, 200);
      longestMs = Math.max(longestMs, performance.now() - fromMs);
    }
    await whenRefused;
    for (const answer of (await refused).slice(0, -1)) assertComeAgain(answer);
    assert.equal((await refused).at(-1)?.status, 503, "and is not ready");
    assert.ok(longestMs < longestReadMs, `reads took ${longestMs} ms`);
    assert.equal((await downloadOriginal(person.api, ready.fileId)).status, 200);
    // Bytes need no database.
    assert.equal((await sendBytes(putRequestOf(waiting), Buffer.alloc(waiting.sizeBytes))).status, 400);
  } finally {
    lock.release();
  }
  const { id } = await patientCreate;
  await waitFor("it to be ready again", async () => (await fetch(`${server.api}/readyz`)).status === 200);
  const me = await getMe(person.api);
  assert.deepEqual(
    [me.openUploads, me.reservedBytes],
    [before.openUploads + 1, before.reservedBytes + intent.sizeBytes],
    "what was refused has written nothing",
  );
  for (const upload of [sent, pending, waiting])
    assert.equal((await getUpload(person.api, upload.id)).state, "pending");
  assert.equal((await getFile(person.api, ready.fileId)).name, "picture.png");
  await completeUpload(person.api, sent.id);
  assert.equal((await waitForEnd(person.api, sent.id)).state, "ready");
  for (const each of [pending.id, waiting.id, id])
    assert.equal((await person.api.delete(`/v1/uploads/${each}`)).status, 200);
  assert.equal((await getMe(person.api)).reservedBytes, 0);
});

test("a lock that comes while files are verified delays their end, and no more", async () => {
  const uploads: Upload[] = [];
  for (let count = 0; count < 6; count += 1) {
    const upload = await sendUpload(person.api, await makePng({ width: 1500, height: 1200 }));
    uploads.push(await completeUpload(person.api, upload.id));
  }
  const lock = lockDatabase("stowage.sqlite");
  try {
    assertComeAgain(await askOnce("POST", "/v1/uploads", { files: [emptyPromise(10)] }));
  } finally {
    lock.release();
  }
  for (const { id } of uploads) {
    const ended = await waitForEnd(person.api, id, { timeoutMs: 60_000 });
    assert.equal(ended.state, "ready", JSON.stringify(ended));
  }
});

test("an issuer's database that is locked keeps nobody out who has a token, and says that it is locked", async () => {
  const lock = lockDatabase("issuer", "issuer.sqlite");
  try {
    assert.equal((await uploadToEnd(person.api, await makePng())).state, "ready");
    const added = await runCli(["user", "add", "late@example.test", "--data", server.dataDir]);
    assert.equal(added.status, 1, added.stderr);
    assert.match(added.stderr, /locked|busy/);
    assert.doesNotMatch(added.stderr, /^\s+at /m);
  } finally {
    lock.release();
  }
  const added = await runCli(["user", "add", "late@example.test", "--data", server.dataDir]);
  assert.equal(added.status, 0, added.stderr);
  assert.ok(await makeToken(server, "late@example.test"));
});
