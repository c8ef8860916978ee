import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { MetadataUnavailableError } from "@stowage/core";
import {
  createOf,
  makeTestFolder,
  newItem,
  newOwner,
  type RecordedStore,
  recordedStore,
  type TestFolder,
} from "./database.testing.ts";
import { createGroupCommit } from "./group-commit.ts";
import { openSqlite, type SqliteConnection, stopWaiting } from "./sqlite-connection.ts";

let folder: TestFolder;
let recorded: RecordedStore;
/** A second connection, as another process has one. */
let other: SqliteConnection;

beforeEach(() => {
  folder = makeTestFolder();
  recorded = recordedStore(folder.file, { busyTimeoutMs: 250 });
  other = openSqlite(folder.file);
  stopWaiting(other);
});

afterEach(async () => {
  await recorded.store.close();
  other.close();
  folder.remove();
});

const count = (sql: string): number => recorded.statements.filter((each) => each === sql).length;

const createOne = (ownerId: string, sizeBytes = 1000) =>
  recorded.store.createUploads(createOf(ownerId, [newItem({ sizeBytes })]));

test("commands of one turn share one transaction, those of different turns do not", async () => {
  const ownerId = await newOwner(recorded.store);
  recorded.statements.length = 0;
  await Promise.all(Array.from({ length: 50 }, () => createOne(ownerId)));
  // One, but for a machine so busy that a transaction's time runs out.
  const together = count("COMMIT");
  assert.ok(together <= 10, `${together} commits`);
  await createOne(ownerId);
  await createOne(ownerId);
  assert.equal(count("COMMIT"), together + 2);
});

test("a command is answered after its commit, and others can read what it wrote by then", async () => {
  const ownerId = await newOwner(recorded.store);
  const item = newItem();
  const [outcome] = await recorded.store.createUploads(createOf(ownerId, [item]));
  assert.equal(outcome?.outcome, "created");
  assert.deepEqual(
    other.all("SELECT id FROM uploads").map((row) => ({ ...(row as object) })),
    [{ id: item.id }],
  );
});

test("commands that throw fail alone, and leave nothing of what they had written", async () => {
  const ownerId = await newOwner(recorded.store);
  const taken = newItem();
  await recorded.store.createUploads(createOf(ownerId, [taken]));
  const good = Array.from({ length: 9 }, () => newItem());
  const settled = await Promise.allSettled([
    ...good.slice(0, 5).map((item) => recorded.store.createUploads(createOf(ownerId, [item]))),
    recorded.store.createUploads(createOf(ownerId, [newItem(), taken])),
    recorded.store.createUploads(createOf("nobody", [newItem()])),
    ...good.slice(5).map((item) => recorded.store.createUploads(createOf(ownerId, [item]))),
  ]);
  assert.deepEqual(
    settled.flatMap(({ status }, index) => (status === "rejected" ? [index] : [])),
    [5, 6],
  );
  for (const { id } of good) assert.ok(await recorded.store.findUpload(id));
  const owner = await recorded.store.findPrincipal(ownerId);
  assert.deepEqual([owner?.openUploads, owner?.reservedBytes], [10, 10_000]);
  assert.equal((await recorded.store.listAuditEvents({ afterSequence: 0, limit: 100 })).length, 10);
});

test("a counter that would fall below zero fails its command and no other", async () => {
  const ownerId = await newOwner(recorded.store);
  const [broken, whole] = [newItem(), newItem()];
  await recorded.store.createUploads(createOf(ownerId, [broken, whole]));
  const second = await newOwner(recorded.store, "bob");
  // A row that no command writes: its owner's counters know nothing of it.
  other.run("UPDATE uploads SET owner_id = ? WHERE id = ?", second, broken.id);
  const abort = (uploadId: string) =>
    recorded.store.abortUpload({ uploadId, actor: "system", detail: "Enough." });
  const [first, third] = await Promise.allSettled([abort(broken.id), abort(whole.id)]);
  assert.equal(first.status, "rejected");
  assert.equal(third.status, "fulfilled");
  assert.equal((await recorded.store.findUpload(broken.id))?.state, "pending");
  assert.equal((await recorded.store.findUpload(whole.id))?.state, "aborted");
});

test("while another process holds the lock, commands wait for it without stopping the event loop", async () => {
  const { store, statements } = recordedStore(folder.file, { busyTimeoutMs: 60_000 });
  try {
    const ownerId = await newOwner(store);
    other.exec("BEGIN IMMEDIATE");
    const waiting = store.createUploads(createOf(ownerId, [newItem()]));
    const delaysMs: number[] = [];
    for (let turn = 0; turn < 21; turn += 1) {
      const beforeMs = performance.now();
      await wait(5);
      delaysMs.push(performance.now() - beforeMs - 5);
      assert.deepEqual(await store.findUploads([]), [], "reads go on");
    }
    other.exec("COMMIT");
    const [outcome] = await waiting;
    assert.equal(outcome?.outcome, "created");
    // The median: on a busy machine any process may stand still once.
    const medianMs = delaysMs.sort((a, b) => a - b)[10] ?? Number.POSITIVE_INFINITY;
    assert.ok(medianMs < 50, `turns were ${medianMs} ms late`);
    assert.ok(statements.filter((sql) => sql === "BEGIN IMMEDIATE").length > 5, "was tried again");
  } finally {
    await store.close();
  }
});

test("a lock that is held for too long is answered as unavailable, and nothing is written later", async () => {
  const ownerId = await newOwner(recorded.store);
  other.exec("BEGIN IMMEDIATE");
  const fromMs = performance.now();
  const settled = await Promise.allSettled([
    createOne(ownerId),
    createOne(ownerId),
    recorded.store.checkHealth(),
  ]);
  const tookMs = performance.now() - fromMs;
  for (const each of settled)
    assert.ok(each.status === "rejected" && each.reason instanceof MetadataUnavailableError);
  assert.ok(tookMs >= 240, `after ${tookMs} ms`);
  other.exec("ROLLBACK");
  await recorded.store.checkHealth();
  assert.equal((await recorded.store.findPrincipal(ownerId))?.openUploads, 0);
});

test("commands run in the order in which they came, across transactions and waits for the lock", async () => {
  const order: number[] = [];
  const { write, drain } = createGroupCommit(other, 5000);
  recorded.connection.exec("BEGIN IMMEDIATE");
  const all = Array.from({ length: 40 }, (_, index) =>
    write(() => {
      spinFor(1);
      return index;
    }).then((answer) => order.push(answer)),
  );
  await wait(20);
  recorded.connection.exec("COMMIT");
  await Promise.all(all);
  await drain();
  assert.deepEqual(
    order,
    Array.from({ length: 40 }, (_, index) => index),
  );
});

function spinFor(durationMs: number): void {
  const untilMs = performance.now() + durationMs;
  let now = performance.now();
  while (now < untilMs) now = performance.now();
}

test("a long queue is written in several transactions, and the event loop turns between them", async () => {
  const { write, drain } = createGroupCommit(recorded.connection, 5000);
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  await Promise.all(Array.from({ length: 100 }, () => write(() => spinFor(1))));
  clearInterval(timer);
  await drain();
  assert.ok(turns >= 4, `${turns} turns`);
});

test("closing settles what was commanded before it, and takes nothing after it", async () => {
  const ownerId = await newOwner(recorded.store);
  const second = recordedStore(folder.file);
  const last = second.store.createUploads(createOf(ownerId, [newItem()]));
  const closing = second.store.close();
  await assert.rejects(second.store.checkHealth(), MetadataUnavailableError);
  await closing;
  assert.equal((await last)[0]?.outcome, "created");
});
