import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { type Finding, reconcile } from "@stowage/core";
import type { CreateDownloadsResponse, File, Upload } from "@stowage/protocol";
import { type FaultyProxy, type Hold, startFaultyProxy } from "../testing/faulty-proxy.ts";
import {
  ask,
  askPatiently,
  getMe,
  getUpload,
  makePicture,
  until,
  uploadPicture,
} from "../testing/machine-client.ts";
import { type Machine, makeMachine, type StartedProcess } from "../testing/start-processes.ts";
import { databaseFile, systemClock } from "./adapters.ts";
import { withDataDirectoryStores } from "./data-directory-stores.ts";

let dataDir: string;
let machine: Machine;
let api: StartedProcess;
/** The one that is stopped in the midst of its work, and the one that takes it over. */
let slow: StartedProcess;
let other: StartedProcess;
let proxy: FaultyProxy;
let token: string;
/** The next request of the slow worker's for which this says so is held up. */
let toHold: ((method: string, path: string) => Hold | undefined) | undefined;

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "stowage-stopped-worker-"));
  machine = await makeMachine(dataDir, [
    "worker.leaseSeconds=2",
    "worker.sweepSeconds=1",
    "worker.concurrency=1",
    "log.level=info",
  ]);
  [, api] = await Promise.all([machine.start("bucket"), machine.start("api")]);
  proxy = await startFaultyProxy(machine.setup.internalBucketUrl, ({ method, path }) => {
    const hold = toHold?.(method, path);
    if (hold) toHold = undefined;
    return hold ?? "none";
  });
  slow = await machine.start("worker", { setup: { internalBucketUrl: proxy.origin } });
  other = await machine.start("worker");
  token = await machine.addPerson("ann");
});
after(async () => {
  await machine.stop();
  await proxy[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
});

/** Stops a process at a moment at which it does not hold the database's lock: its others must be able to work. */
async function stopOutsideTransaction(started: StartedProcess): Promise<void> {
  await until("a moment outside of a transaction", async () => {
    started.signal("SIGSTOP");
    const { status } = await ask(api.origin, token, "GET", "/readyz");
    if (status !== 200) started.signal("SIGCONT");
    return status === 200;
  });
}

interface UploadRow {
  readonly state: string;
  readonly attempt: number;
  readonly failed_attempts: number;
}

function readDatabase<T>(read: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(databaseFile(dataDir), { timeout: 5_000 });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

const rowOf = (id: string): UploadRow =>
  readDatabase(
    (database) =>
      ({
        ...database.prepare("SELECT state, attempt, failed_attempts FROM uploads WHERE id = ?").get(id),
      }) as unknown as UploadRow,
  );

const auditOf = (targetId: string): string[] =>
  readDatabase((database) =>
    database
      .prepare("SELECT action FROM audit_events WHERE target_id = ? ORDER BY sequence")
      .all(targetId)
      .map(({ action }) => String(action)),
  );

/** Whatever was to be deleted later is due now, as if its time had passed. */
const letDoomedBeDue = () =>
  readDatabase((database) => database.exec("UPDATE doomed_objects SET not_before = 0"));

const doomedKeys = (): string[] =>
  readDatabase((database) =>
    database
      .prepare("SELECT key FROM doomed_objects")
      .all()
      .map(({ key }) => String(key)),
  );

const findingsOf = (): Promise<Finding[]> =>
  withDataDirectoryStores(dataDir, async (stores) => {
    const findings: Finding[] = [];
    await reconcile(
      { ...stores, clock: systemClock },
      { dryRun: true, minAgeMs: 0, onFinding: (finding) => findings.push(finding) },
    );
    return findings;
  });

async function download(fileId: string): Promise<Buffer> {
  const minted = await ask<CreateDownloadsResponse>(api.origin, token, "POST", "/v1/downloads", {
    files: [{ id: fileId }],
  });
  const request = minted.body.items[0]?.request;
  assert.ok(request);
  const response = await fetch(request.url, { headers: request.headers });
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}

interface Overtaken {
  readonly picture: Buffer;
  /** As it ended by the other worker's work. */
  readonly upload: Upload;
  /** The held request goes on, and the slow worker wakes; answers once that has come to its end. */
  wake(): Promise<void>;
}

/** An upload whose worker was stopped at a request, until another has taken it over and brought it to its end. */
async function overtake(at: Hold["at"], isIt: (method: string, path: string) => boolean): Promise<Overtaken> {
  await stopOutsideTransaction(other);
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  toHold = (method, path) =>
    isIt(method, path) ? { at, onHeld: () => held.resolve(), released: released.promise } : undefined;
  // Over 64 KiB, so that half of it is an answer's body that has begun.
  const picture = makePicture(400, 300);
  const { id } = await uploadPicture(api.origin, token, picture);
  await held.promise;
  await stopOutsideTransaction(slow);
  const before = rowOf(id);
  assert.deepEqual([before.state, before.attempt], ["verifying", 1]);
  other.signal("SIGCONT");
  const upload = await until("the other worker to take it over", async () => {
    const now = await getUpload(api.origin, token, id);
    return now.state === "ready" && now;
  });
  assert.equal(rowOf(id).attempt, 2);
  return {
    picture,
    upload,
    wake: async () => {
      const staleLines = () => slow.log().match(/"outcome":"stale"/g)?.length ?? 0;
      const before = staleLines();
      released.resolve();
      slow.signal("SIGCONT");
      await until("the slow worker to find that it is late", () => staleLines() > before);
    },
  };
}

const stops = [
  [
    "while it reads the bytes",
    "half-answer",
    (method, path) => method === "GET" && path.includes("/original"),
  ],
  [
    "before its thumbnail is stored",
    "request",
    (method, path) => method === "PUT" && path.includes("/d/thumbnail"),
  ],
  ["before its verdict", "answer", (method, path) => method === "PUT" && path.includes("/d/")],
] as const satisfies readonly (readonly [string, Hold["at"], (method: string, path: string) => boolean])[];

for (const [when, at, isIt] of stops)
  test(`a worker stopped ${when} is overtaken, changes nothing when it wakes, and leaves nothing behind`, async () => {
    const { picture, upload, wake } = await overtake(at, isIt);
    const read = async () => (await ask<File>(api.origin, token, "GET", `/v1/files/${upload.fileId}`)).body;
    const [file, row, audit, me] = [
      await read(),
      rowOf(upload.id),
      auditOf(upload.id),
      await getMe(api.origin, token),
    ];
    await wake();
    assert.deepEqual(
      [await read(), rowOf(upload.id), auditOf(upload.id), await getMe(api.origin, token)],
      [file, row, audit, me],
    );
    assert.deepEqual(
      audit.filter((action) => action !== "upload.created"),
      ["upload.completed", "upload.claimed", "upload.claimed", "upload.ready"],
    );
    assert.deepEqual(await getUpload(api.origin, token, upload.id), upload);
    assert.deepEqual(await download(upload.fileId), picture);
    // What it wrote under its own attempt's keys is known, to be deleted once no late writer can come any more.
    assert.deepEqual(await findingsOf(), []);
    letDoomedBeDue();
    await until("the sweeper to have deleted it", () => doomedKeys().length === 0);
    assert.deepEqual(await findingsOf(), []);
    assert.deepEqual(await download(upload.fileId), picture);
  });

test("a file that its owner deleted for good meanwhile does not come back with the worker that wakes late", async () => {
  const { upload, wake } = await overtake(
    "answer",
    (method, path) => method === "PUT" && path.includes("/d/"),
  );
  const path = `/v1/files/${upload.fileId}`;
  const purged = await ask(api.origin, token, "DELETE", `${path}?permanent=true`, undefined, {
    "if-match": "*",
  });
  assert.equal(purged.status, 204);
  const me = await getMe(api.origin, token);
  await wake();
  assert.equal((await ask(api.origin, token, "GET", path)).status, 404);
  assert.deepEqual(await getMe(api.origin, token), me);
  letDoomedBeDue();
  await until("the sweeper to have deleted all of it", () => doomedKeys().length === 0);
  assert.deepEqual(await findingsOf(), []);
});

test("requests to an API process that is stopped hang, go on when it does, and what was asked twice is there once", async () => {
  const picture = makePicture();
  const me = await getMe(api.origin, token);
  api.signal("SIGSTOP");
  let answered = 0;
  const uploading = uploadPicture(api.origin, token, picture).finally(() => {
    answered += 1;
  });
  const asking = getMe(api.origin, token).finally(() => {
    answered += 1;
  });
  // The bucket and the database are there all the while; another API process answers.
  const second = await machine.start("api");
  assert.deepEqual(await getMe(second.origin, token), me);
  assert.equal(answered, 0);
  api.signal("SIGCONT");
  const { id } = await uploading;
  await asking;
  await until(
    "the upload to be ready",
    async () => (await getUpload(second.origin, token, id)).state === "ready",
  );
  assert.equal(await second.stop(), 0);
});

test("a worker that is stopped while nothing is to be done does not keep the others from anything", async () => {
  await stopOutsideTransaction(slow);
  const { id } = await uploadPicture(api.origin, token, makePicture());
  await until(
    "the other to verify it",
    async () => (await getUpload(api.origin, token, id)).state === "ready",
  );
  assert.deepEqual([rowOf(id).attempt, rowOf(id).failed_attempts], [1, 1]);
  slow.signal("SIGCONT");
  const answer = await askPatiently(api.origin, token, "GET", "/readyz");
  assert.equal(answer.status, 200);
});
