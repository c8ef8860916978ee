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
import { makeVideo, uploadInParts } from "../testing/send-in-parts.ts";
import { type Machine, makeMachine, type StartedProcess } from "../testing/start-processes.ts";
import { systemClock } from "./adapters.ts";
import { databaseFile } from "./data-directory-places.ts";
import { withDataDirectoryStores } from "./data-directory-stores.ts";

let dataDir: string;
let machine: Machine;
let api: StartedProcess;
/** The one that is stopped in the midst of its work, and the one that takes it over. */
let slow: StartedProcess;
let other: StartedProcess;
let slowProxy: FaultyProxy;
let otherProxy: FaultyProxy;
let token: string;
type Pick = (method: string, path: string) => boolean;

/** What is to be held up next of each worker. */
const holds = new Map<"slow" | "other", { readonly isIt: Pick; readonly hold: Hold }>();

const startHoldingProxy = (who: "slow" | "other"): Promise<FaultyProxy> =>
  startFaultyProxy(machine.setup.internalBucketUrl, ({ method, path }) => {
    const next = holds.get(who);
    if (!next?.isIt(method, path)) return "none";
    holds.delete(who);
    return next.hold;
  });

/** Holds up the next such request of a worker's. */
function holdNext(
  who: "slow" | "other",
  at: Hold["at"],
  isIt: Pick,
): { readonly held: Promise<void>; release(): void } {
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  holds.set(who, { isIt, hold: { at, onHeld: () => held.resolve(), released: released.promise } });
  return { held: held.promise, release: () => released.resolve() };
}

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "stowage-stopped-worker-"));
  machine = await makeMachine(dataDir, [
    "worker.leaseSeconds=2",
    "worker.sweepSeconds=1",
    "worker.concurrency=1",
    "log.level=info",
  ]);
  [, api] = await Promise.all([machine.start("bucket"), machine.start("api")]);
  slowProxy = await startHoldingProxy("slow");
  otherProxy = await startHoldingProxy("other");
  slow = await machine.start("worker", { setup: { internalBucketUrl: slowProxy.origin } });
  other = await machine.start("worker", { setup: { internalBucketUrl: otherProxy.origin } });
  token = await machine.addPerson("ann");
});
after(async () => {
  await machine.stop();
  await slowProxy[Symbol.asyncDispose]();
  await otherProxy[Symbol.asyncDispose]();
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

/** What is sent, and how. */
interface Sent {
  make(): Buffer;
  upload(origin: string, token: string, bytes: Buffer): Promise<Upload>;
}

/** Over 64 KiB, so that half of it is an answer's body that has begun. */
const onePut: Sent = { make: () => makePicture(400, 300), upload: uploadPicture };

/** Checked where it lies: each worker reads the same object, and none makes a copy of its own. */
const inParts: Sent = { make: makeVideo, upload: uploadInParts };

interface Stopped {
  readonly id: string;
  readonly bytes: Buffer;
  /** The held request goes on, and the slow worker wakes; answers once that has found that it is late. */
  wake(): Promise<void>;
}

/** An upload whose worker was stopped at a request, while the other one waits to be told to go on. */
async function stopAt(at: Hold["at"], isIt: Pick, sent = onePut): Promise<Stopped> {
  await stopOutsideTransaction(other);
  const { held, release } = holdNext("slow", at, isIt);
  const bytes = sent.make();
  const { id } = await sent.upload(api.origin, token, bytes);
  await held;
  await stopOutsideTransaction(slow);
  const { state, attempt } = rowOf(id);
  assert.deepEqual([state, attempt], ["verifying", 1]);
  return {
    id,
    bytes,
    wake: async () => {
      const staleLines = () => slow.log().match(/"outcome":"stale"/g)?.length ?? 0;
      const before = staleLines();
      release();
      slow.signal("SIGCONT");
      await until("the slow worker to find that it is late", () => staleLines() > before);
    },
  };
}

const untilReady = (id: string): Promise<Upload> =>
  until("the other worker to bring it to its end", async () => {
    const now = await getUpload(api.origin, token, id);
    return now.state === "ready" && now;
  });

/** The same, once the other has brought it to its end. */
async function overtake(
  at: Hold["at"],
  isIt: Pick,
  sent = onePut,
): Promise<Stopped & { readonly upload: Upload }> {
  const stopped = await stopAt(at, isIt, sent);
  other.signal("SIGCONT");
  const upload = await untilReady(stopped.id);
  assert.equal(rowOf(stopped.id).attempt, 2);
  return { ...stopped, upload };
}

/** Nothing in the bucket is unknown, and nothing is left there that is to be deleted, once its time has passed. */
async function assertNothingLeft(): Promise<void> {
  // What a late one wrote under its own attempt's keys is known, to be deleted once no late writer can come any more.
  assert.deepEqual(await findingsOf(), []);
  letDoomedBeDue();
  await until("the sweeper to have deleted all of it", () => doomedKeys().length === 0);
  assert.deepEqual(await findingsOf(), []);
}

const stops = [
  [
    "while it reads the bytes",
    "half-answer",
    (method, path) => method === "GET" && path.includes("/original"),
    onePut,
  ],
  [
    "before it reads what was sent in parts",
    "request",
    (method, path) => method === "GET" && path.includes("/original"),
    inParts,
  ],
  [
    "while it reads what was sent in parts",
    "half-answer",
    (method, path) => method === "GET" && path.includes("/original"),
    inParts,
  ],
  [
    "before its thumbnail is stored",
    "request",
    (method, path) => method === "PUT" && path.includes("/d/thumbnail"),
    onePut,
  ],
  ["before its verdict", "answer", (method, path) => method === "PUT" && path.includes("/d/"), onePut],
] as const satisfies readonly (readonly [string, Hold["at"], Pick, Sent])[];

for (const [when, at, isIt, sent] of stops)
  test(`a worker stopped ${when} is overtaken, changes nothing when it wakes, and leaves nothing behind`, async () => {
    const { bytes, upload, wake } = await overtake(at, isIt, sent);
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
    assert.deepEqual(audit.slice(audit.indexOf("upload.completed")), [
      "upload.completed",
      "upload.claimed",
      "upload.claimed",
      "upload.ready",
    ]);
    assert.deepEqual(await getUpload(api.origin, token, upload.id), upload);
    assert.ok((await download(upload.fileId)).equals(bytes));
    await assertNothingLeft();
    assert.ok((await download(upload.fileId)).equals(bytes));
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
  await assertNothingLeft();
});

test("a worker that wakes with a verdict while the other is still at it does not take its place", async () => {
  const isDerivative: Pick = (method, path) => method === "PUT" && path.includes("/d/preview");
  const { id, bytes, wake } = await stopAt("answer", isDerivative);
  const { held, release } = holdNext("other", "half-answer", (method) => method === "GET");
  other.signal("SIGCONT");
  await held;
  assert.deepEqual(rowOf(id), { state: "verifying", attempt: 2, failed_attempts: 1 });
  const audit = auditOf(id);
  await wake();
  assert.deepEqual([rowOf(id).state, rowOf(id).attempt, auditOf(id)], ["verifying", 2, audit]);
  release();
  const { fileId } = await untilReady(id);
  assert.deepEqual([rowOf(id).attempt, auditOf(id)], [2, [...audit, "upload.ready"]]);
  assert.ok((await download(fileId)).equals(bytes));
  await assertNothingLeft();
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
