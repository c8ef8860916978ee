import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, afterEach, before, type TestContext, test } from "node:test";
import { type Finding, reconcile } from "@stowage/core";
import type { CreateDownloadsResponse, Upload } from "@stowage/protocol";
import { type Fault, type FaultyProxy, startFaultyProxy } from "../testing/faulty-proxy.ts";
import {
  ask,
  askPatiently,
  createOne,
  getMe,
  getUpload,
  intentOf,
  isEnded,
  makePicture,
  promiseOf,
  putRequestOf,
  send,
  until,
  uploadPicture,
} from "../testing/machine-client.ts";
import { makeVideo, uploadInParts } from "../testing/send-in-parts.ts";
import { type Machine, makeMachine, type StartedProcess } from "../testing/start-processes.ts";
import { systemClock } from "./adapters.ts";
import { databaseFile } from "./data-directory-places.ts";
import { withDataDirectoryStores } from "./data-directory-stores.ts";

/** Repeats which faults are drawn, as far as the order of requests is the same. */
const seed = Number(process.env.STOWAGE_FAULT_SEED ?? randomInt(2 ** 31));

type Decide = (asked: { readonly method: string; readonly path: string }) => Fault;
const none: Decide = () => "none";

let dataDir: string;
let machine: Machine;
let api: StartedProcess;
let worker: StartedProcess;
let proxies: readonly FaultyProxy[];
let token: string;
/** What becomes of what each asks the bucket for. Clients send and fetch past these proxies. */
let forApi = none;
let forWorker = none;

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "stowage-store-faults-"));
  machine = await makeMachine(dataDir, [
    "worker.sweepSeconds=1",
    "worker.concurrency=2",
    "log.level=info",
    "bucket.eventDelaySeconds=0",
  ]);
  const { internalBucketUrl } = machine.setup;
  proxies = await Promise.all([
    startFaultyProxy(internalBucketUrl, (asked) => forApi(asked)),
    startFaultyProxy(internalBucketUrl, (asked) => forWorker(asked)),
  ]);
  const behind = (index: number) => ({ setup: { internalBucketUrl: proxies[index]?.origin ?? "" } });
  [, api, worker] = await Promise.all([
    machine.start("bucket"),
    machine.start("api", behind(0)),
    machine.start("worker", behind(1)),
  ]);
  token = await machine.addPerson("ann");
});
afterEach(() => {
  forApi = none;
  forWorker = none;
});
after(async () => {
  await machine.stop();
  for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
});

function readRows(sql: string, ...values: string[]): Record<string, unknown>[] {
  const database = new DatabaseSync(databaseFile(dataDir), { readOnly: true, timeout: 5_000 });
  try {
    return database.prepare(sql).all(...values);
  } finally {
    database.close();
  }
}

const failedAttemptsOf = (id: string): number =>
  Number(readRows("SELECT failed_attempts FROM uploads WHERE id = ?", id)[0]?.failed_attempts);

async function untilNothingIsReserved(): Promise<void> {
  try {
    await until("nothing to be reserved any more", async () => {
      const me = await getMe(api.origin, token);
      return me.reservedBytes === 0 && me.openUploads === 0;
    });
  } catch (cause) {
    const still = readRows(
      `SELECT id, state, size_bytes, part_size, store_upload_id, attempt,
         urls_until - unixepoch() * 1000 AS urls_live_ms, lease_until - unixepoch() * 1000 AS lease_ms
       FROM uploads WHERE reservation_held = 1`,
    );
    throw new Error(`Still reserved: ${JSON.stringify(still, null, 1)}`, { cause });
  }
}

const untilEnded = (id: string): Promise<Upload> =>
  until(
    `upload ${id} to end`,
    async () => {
      const now = await getUpload(api.origin, token, id);
      return isEnded(now) && now;
    },
    120_000,
  );

async function download(fileId: string): Promise<Buffer> {
  const minted = await askPatiently<CreateDownloadsResponse>(api.origin, token, "POST", "/v1/downloads", {
    json: { files: [{ id: fileId }] },
  });
  const request = minted.body.items[0]?.request;
  assert.ok(request);
  const response = await fetch(request.url, { headers: request.headers });
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}

/** One pass may find litter and nothing else; after it there is none. */
async function assertReconciled(): Promise<void> {
  await withDataDirectoryStores(dataDir, async (stores) => {
    const pass = async (dryRun: boolean) => {
      const findings: Finding[] = [];
      await reconcile(
        { ...stores, clock: systemClock },
        { dryRun, minAgeMs: 0, onFinding: (finding) => findings.push(finding) },
      );
      return findings;
    };
    for (const { kind } of await pass(false)) assert.match(kind, /^orphan(-multipart)?$/);
    assert.deepEqual(await pass(true), []);
  });
}

/** From 0 up to and without 1, by a seed (xorshift32). */
function randomBy(start: number): () => number {
  let state = start | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const faults = ["answer-503", "reset", "commit-then-reset", "truncate", "wait"] as const;

/** A third of all requests come to grief. Reading the same object breaks off once in a row: twice is damage (decision record 0010). */
function drawFaults(random: () => number): Decide {
  const broken = new Set<string>();
  return ({ method, path }) => {
    if (random() > 1 / 3) return "none";
    const fault = faults[Math.floor(random() * faults.length)] ?? "none";
    if (fault === "wait") return { waitMs: random() * 300 };
    if (fault === "none" || method !== "GET") return fault;
    if (broken.delete(path)) return "none";
    broken.add(path);
    return fault;
  };
}

test("a store that fails at a third of all that it is asked costs no file, no attempt and no byte of quota", async (t) => {
  try {
    await holdThroughFaults(t);
  } catch (cause) {
    throw new Error(`With STOWAGE_FAULT_SEED=${seed}`, { cause });
  }
});

async function holdThroughFaults(t: TestContext): Promise<void> {
  forApi = drawFaults(randomBy(seed));
  forWorker = drawFaults(randomBy(seed + 7));
  const before = await getMe(api.origin, token);
  const pictures = Array.from({ length: 24 }, () => makePicture(200, 150));
  const videos = Array.from({ length: 4 }, makeVideo);
  const sent = await Promise.all([
    ...pictures.map(async (bytes) => ({ bytes, ...(await uploadPicture(api.origin, token, bytes)) })),
    ...videos.map(async (bytes) => ({ bytes, ...(await uploadInParts(api.origin, token, bytes)) })),
    ...Array.from({ length: 8 }, async () => {
      const { upload } = await createOne(api.origin, token, promiseOf(500));
      assert.ok(upload);
      const { status } = await askPatiently(api.origin, token, "DELETE", `/v1/uploads/${upload.id}`);
      assert.equal(status, 200);
      return undefined;
    }),
  ]);
  let usedBytes = before.usedBytes;
  for (const upload of sent) {
    if (!upload) continue;
    const ended = await untilEnded(upload.id);
    assert.equal(ended.state, "ready", JSON.stringify(ended));
    assert.equal(failedAttemptsOf(upload.id), 1, "an attempt that the store's fault broke off is none");
    assert.deepEqual(await download(ended.fileId), upload.bytes);
    usedBytes += upload.bytes.length;
  }
  const made = Object.fromEntries(proxies[0]?.made ?? []);
  t.diagnostic(`made to the API: ${JSON.stringify(made)}`);
  t.diagnostic(`made to the worker: ${JSON.stringify(Object.fromEntries(proxies[1]?.made ?? []))}`);
  for (const fault of faults)
    assert.ok(
      proxies.some((proxy) => (proxy.made.get(fault) ?? 0) > 0),
      `no fault ${fault} was made`,
    );
  forApi = none;
  forWorker = none;
  await untilNothingIsReserved();
  assert.equal((await getMe(api.origin, token)).usedBytes, usedBytes);
  await assertReconciled();
}

test("an abort that the store did not hear of frees its bytes soon after the store is back, not when its URLs end", async () => {
  const before = await getMe(api.origin, token);
  forApi = () => "reset";
  forWorker = () => "answer-503";
  const { upload } = await createOne(api.origin, token, promiseOf(500));
  assert.ok(upload);
  assert.equal((await ask(api.origin, token, "DELETE", `/v1/uploads/${upload.id}`)).status, 200);
  const aborted = await getMe(api.origin, token);
  assert.deepEqual(
    [aborted.reservedBytes - before.reservedBytes, aborted.openUploads],
    [500, before.openUploads],
    "its URL may still bring them",
  );
  forApi = none;
  forWorker = none;
  await untilNothingIsReserved();
  assert.equal(await send(putRequestOf(upload), Buffer.alloc(500)), 412, "its URL is dead");
});

for (const [what, fault] of [
  ["refuses everything with 503", "answer-503"],
  ["cuts every connection", "reset"],
] as const)
  test(`while the store ${what}, creates go on, completes come again, and verification waits without an attempt`, async () => {
    const picture = makePicture();
    const waiting = (await createOne(api.origin, token, intentOf(picture))).upload;
    assert.ok(waiting);
    assert.equal(await send(putRequestOf(waiting), picture), 200);
    forWorker = () => fault;
    const queued = await uploadPicture(api.origin, token, makePicture());
    await until("the worker to have given it back", async () => {
      const { events = [] } = await getUpload(api.origin, token, queued.id);
      return events.some(({ type }) => type === "postponed");
    });
    forApi = () => fault;
    assert.ok((await createOne(api.origin, token, promiseOf(10))).upload, "a create asks no store");
    const path = `/v1/uploads/${waiting.id}/complete`;
    assert.equal((await ask(api.origin, token, "POST", path)).status, 503);
    assert.equal((await ask(api.origin, token, "GET", "/readyz")).status, 503);
    assert.equal((await getUpload(api.origin, token, waiting.id)).state, "pending");
    forApi = none;
    forWorker = none;
    assert.equal((await askPatiently(api.origin, token, "POST", path)).status, 202);
    for (const { id } of [waiting, queued]) {
      assert.equal((await untilEnded(id)).state, "ready");
      assert.equal(failedAttemptsOf(id), 1);
    }
    assert.doesNotMatch(worker.log(), /"level":"(error|fatal)"/);
  });
