import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { type FaultyProxy, type Hold, startFaultyProxy } from "../testing/faulty-proxy.ts";
import { getUpload, makePicture, until, uploadPicture } from "../testing/machine-client.ts";
import { type Machine, makeMachine, type StartedProcess } from "../testing/start-processes.ts";
import { databaseFile } from "./data-directory-places.ts";

let dataDir: string;
let machine: Machine;
let api: StartedProcess;
let worker: StartedProcess;
let proxy: FaultyProxy;
let token: string;
/** The worker's next derivative, once it is stored. */
let toHold: Hold | undefined;

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "stowage-database-faults-"));
  // A lease that nobody waits for here.
  machine = await makeMachine(dataDir, ["worker.leaseSeconds=600", "worker.concurrency=1"]);
  [, api] = await Promise.all([machine.start("bucket"), machine.start("api")]);
  proxy = await startFaultyProxy(machine.setup.internalBucketUrl, ({ method, path }) => {
    if (toHold === undefined || method !== "PUT" || !path.includes("/d/")) return "none";
    const hold = toHold;
    toHold = undefined;
    return hold;
  });
  worker = await machine.start("worker", { setup: { internalBucketUrl: proxy.origin } });
  token = await machine.addPerson("ann");
});
after(async () => {
  await machine.stop();
  await proxy[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
});

test("a database that is locked when a verification comes to its end gets it once the lock is gone, at the first attempt", async () => {
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  toHold = { at: "answer", onHeld: () => held.resolve(), released: released.promise };
  const { id } = await uploadPicture(api.origin, token, makePicture());
  await held.promise;
  const database = new DatabaseSync(databaseFile(dataDir), { timeout: 10_000 });
  database.exec("BEGIN IMMEDIATE");
  try {
    released.resolve();
    await until("the worker to have found it locked", () => worker.log().includes("can't be written yet"));
    assert.equal((await getUpload(api.origin, token, id)).state, "verifying");
  } finally {
    database.exec("ROLLBACK");
  }
  await until(
    "the upload to be ready",
    async () => (await getUpload(api.origin, token, id)).state === "ready",
  );
  const row = database.prepare("SELECT attempt, failed_attempts FROM uploads WHERE id = ?").get(id);
  database.close();
  assert.deepEqual({ ...row }, { attempt: 1, failed_attempts: 1 });
});
