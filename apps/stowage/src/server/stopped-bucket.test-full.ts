import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { type Hold, startFaultyProxy } from "../testing/faulty-proxy.ts";
import {
  ask,
  askPatiently,
  createOne,
  getMe,
  getUpload,
  intentOf,
  makePicture,
  promiseOf,
  putRequestOf,
  send,
  until,
  uploadPicture,
} from "../testing/machine-client.ts";
import { type Machine, makeMachine, type StartedProcess } from "../testing/start-processes.ts";
import { databaseFile } from "./data-directory-places.ts";

let dataDir: string;
let machine: Machine;
let api: StartedProcess;
let bucket: StartedProcess;
let token: string;
/** The worker's next read of an original. */
let toHold: Hold | undefined;

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "stowage-stopped-bucket-"));
  machine = await makeMachine(dataDir, [
    "worker.leaseSeconds=4",
    "worker.sweepSeconds=1",
    "bucket.eventDelaySeconds=0",
  ]);
  [bucket, api] = await Promise.all([machine.start("bucket"), machine.start("api")]);
  token = await machine.addPerson("ann");
});
after(async () => {
  await machine.stop();
  await rm(dataDir, { recursive: true });
});

function claimsOf(id: string): { readonly attempt: number; readonly failed_attempts: number } {
  const database = new DatabaseSync(databaseFile(dataDir), { readOnly: true, timeout: 5_000 });
  try {
    return {
      ...database.prepare("SELECT attempt, failed_attempts FROM uploads WHERE id = ?").get(id),
    } as unknown as { attempt: number; failed_attempts: number };
  } finally {
    database.close();
  }
}

const untilReady = (id: string) =>
  until(
    `upload ${id} to be ready`,
    async () => (await getUpload(api.origin, token, id)).state === "ready",
    120_000,
  );

/** Ten seconds of silence, and what a loaded machine adds. */
const longestAnswerMs = 30_000;

test("a bucket that is stopped is told as 503 within its timeout, costs no attempt, and all goes on when it does", async () => {
  await using proxy = await startFaultyProxy(machine.setup.internalBucketUrl, ({ method, path }) => {
    if (toHold === undefined || method !== "GET" || !path.endsWith("/original")) return "none";
    const hold = toHold;
    toHold = undefined;
    return hold;
  });
  const worker = await machine.start("worker", { setup: { internalBucketUrl: proxy.origin } });
  const picture = makePicture();
  const { upload: waiting } = await createOne(api.origin, token, intentOf(picture));
  assert.ok(waiting);
  assert.equal(await send(putRequestOf(waiting), picture), 200);
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  toHold = { at: "half-answer", onHeld: () => held.resolve(), released: released.promise };
  const reading = await uploadPicture(api.origin, token, makePicture(400, 300));
  await held.promise;
  bucket.signal("SIGSTOP");

  assert.ok((await createOne(api.origin, token, promiseOf(20))).upload, "a create asks no bucket");
  const fromMs = performance.now();
  const path = `/v1/uploads/${waiting.id}/complete`;
  const [completed, readiness] = await Promise.all([
    ask(api.origin, token, "POST", path),
    ask(api.origin, token, "GET", "/readyz"),
  ]);
  assert.deepEqual([completed.status, readiness.status], [503, 503]);
  assert.ok(
    performance.now() - fromMs < longestAnswerMs,
    "they hang for as long as the bucket may be silent",
  );
  assert.equal((await getUpload(api.origin, token, waiting.id)).state, "pending");
  await until("the worker to give back what it can't read", async () => {
    const { events = [] } = await getUpload(api.origin, token, reading.id);
    return events.some(({ type }) => type === "postponed");
  });

  bucket.signal("SIGCONT");
  released.resolve();
  assert.equal((await askPatiently(api.origin, token, "POST", path)).status, 202);
  await untilReady(waiting.id);
  await untilReady(reading.id);
  assert.equal(claimsOf(reading.id).failed_attempts, 1, "an attempt that a silent bucket broke off is none");
  const { usedBytes } = await getMe(api.origin, token);
  assert.equal(usedBytes, waiting.sizeBytes + reading.sizeBytes);
  assert.equal(await worker.stop(), 0);
});

test("what was asked of a bucket that was stopped for a moment is answered when it goes on, at the first attempt", async () => {
  const worker = await machine.start("worker");
  const picture = makePicture();
  const { upload } = await createOne(api.origin, token, intentOf(picture));
  assert.ok(upload);
  bucket.signal("SIGSTOP");
  let isSent = false;
  const sending = send(putRequestOf(upload), picture).finally(() => {
    isSent = true;
  });
  assert.ok((await createOne(api.origin, token, promiseOf(20))).upload);
  assert.equal(isSent, false);
  bucket.signal("SIGCONT");
  assert.equal(await sending, 200);
  assert.equal(
    (await askPatiently(api.origin, token, "POST", `/v1/uploads/${upload.id}/complete`)).status,
    202,
  );
  await untilReady(upload.id);
  assert.deepEqual(claimsOf(upload.id), { attempt: 1, failed_attempts: 1 });
  assert.equal(await worker.stop(), 0);
});
