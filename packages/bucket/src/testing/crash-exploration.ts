import assert from "node:assert/strict";
import type { DiskStore } from "../storage/disk-store.ts";
import type { FileOperations } from "../storage/file-operations.ts";
import type { DiskEffect } from "./disk-tree.ts";
import { createPowerCutDisk, type PowerCutDisk, PowerCutError, replay } from "./power-cut-disk.ts";
import { type Random, seededRandom, useStore } from "./random-workload.ts";
import { asRemembered, describeEffects, StoreHistory } from "./store-history.ts";
import { completeUpload, getContent, openTestStore, putContent } from "./stored-content.ts";

const prefixesPerRun = 100;

/** Something acknowledged is lost, or something is torn, left over, or no longer possible. */
export class CrashDamageError extends Error {
  override name = "CrashDamageError";
}

const page = { prefix: "", after: "", limit: 1000 };

interface Run {
  readonly effects: readonly DiskEffect[];
  readonly history: StoreHistory;
}

type Alter = (operations: FileOperations) => FileOperations;

/** Four users at once; resolves with all that happened to the disk, and what they were told. */
async function recordRun(random: Random, alter: Alter): Promise<Run> {
  const disk = createPowerCutDisk({ turns: () => random(4) });
  const history = new StoreHistory(disk.effectCount);
  const store = await openTestStore("/data", alter(disk.operations));
  await Promise.all([1, 2, 3, 4].map(() => useStore(store, history, random, 16)));
  return { effects: disk.effects, history };
}

/** Opens the store, which holds what it promised and nothing else. */
async function assertKept(disk: PowerCutDisk, history: StoreHistory): Promise<DiskStore> {
  const store = await openTestStore("/data", disk.operations);
  const found = new Map<string, string>();
  const partDirectories: string[] = [];
  for (const key of history.keys.keys()) {
    const object = await store.open(key);
    const etag = object?.metadata.etag;
    const value = object && asRemembered(object.metadata);
    await object?.close();
    assert.ok(history.possible(key).has(value), `${key} is ${value}, not ${[...history.possible(key)]}`);
    if (!object || etag === undefined) continue;
    const content = await getContent(store, key);
    assert.ok(content?.equals(history.contents.get(etag) ?? Buffer.of()), `${key} is torn`);
    found.set(key, etag);
    const directory = object.metadata.parts?.directory;
    if (directory !== undefined && !partDirectories.includes(directory)) partDirectories.push(directory);
  }
  const listed = (await store.list(page)).objects.map(({ key, etag }) => `${key} ${etag}`);
  assert.deepEqual(listed, [...found].map(([key, etag]) => `${key} ${etag}`).sort());

  await assertUploadsKept(store, history);
  const left = await Promise.all(
    ["incoming", "parts", "uploads"].map((directory) => disk.operations.list(`/data/${directory}`)),
  );
  const uploads = (await store.uploads.list("")).map(({ uploadId }) => uploadId);
  assert.deepEqual(
    left.map((names) => names.sort()),
    [[], partDirectories.sort(), uploads.sort()],
    "something is left that nobody needs",
  );
  return store;
}

async function assertUploadsKept(store: DiskStore, history: StoreHistory): Promise<void> {
  const uploads = new Map((await store.uploads.list("")).map((upload) => [upload.uploadId, upload]));
  for (const { uploadId } of history.uploadsThatMustNotBe())
    assert.ok(!uploads.has(uploadId), `the upload ${uploadId} came back`);
  for (const promised of history.uploadsThatMustBe()) {
    const upload = uploads.get(promised.uploadId);
    assert.ok(upload, `the upload ${promised.uploadId} is lost`);
    assert.equal(upload.key, promised.key);
    const { parts } = await store.uploads.listParts(upload, { after: 0, limit: 10 });
    for (const [number, possible] of history.possibleParts(promised)) {
      const etag = parts.find((part) => part.number === number)?.etag;
      assert.ok(possible.has(etag), `part ${number} is ${etag}, not ${[...possible]}`);
    }
  }
}

/** The store takes, gives and forgets as ever; in the end nothing is left of anything. */
async function assertGoesOn(store: DiskStore, disk: PowerCutDisk): Promise<void> {
  const [upload] = await store.uploads.list("");
  if (upload) {
    const { parts } = await store.uploads.listParts(upload, { after: 0, limit: 10 });
    if (parts.length > 0) await completeUpload(store, upload, parts);
  }
  await putContent(store, "uploads/aa1", Buffer.from("after"), {});
  assert.equal(String(await getContent(store, "uploads/aa1")), "after");
  for (const { key } of (await store.list(page)).objects) await store.remove(key);
  for (const one of await store.uploads.list("")) await store.uploads.abort(one);
  assert.deepEqual((await store.list(page)).objects, []);
  for (const directory of ["incoming", "parts", "uploads"])
    assert.deepEqual(await disk.operations.list(`/data/${directory}`), [], directory);
}

/** How much survives of what was not synced: all of it, nothing, or any mixture. */
function anyChoice(random: Random): (options: number) => number {
  const kind = random(8);
  if (kind === 0) return () => 0;
  if (kind === 1) return (options) => options - 1;
  const bias = random(5);
  return (options) => {
    const chosen = random(options + bias);
    return chosen < options ? chosen : kind % 2 === 0 ? 0 : options - 1;
  };
}

async function untilPowerCut(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PowerCutError)) throw error;
  }
}

/** What happens to a disk after the first `cut` effects of a run, up to the start that must find everything. */
async function crash(
  { effects, history }: Run,
  cut: number,
  random: Random,
  alter: Alter,
): Promise<{ how: string; disk: PowerCutDisk; history: StoreHistory }> {
  const before = replay(effects.slice(0, cut));
  const soFar = history.upTo(cut, before.effectCount);
  const kind = random(4);
  if (kind < 2) return { how: "power cut", disk: before.afterPowerCut(anyChoice(random)), history: soFar };

  const lastCalls = random(kind === 2 ? 60 : 300);
  if (kind === 2) {
    const recovering = before.afterPowerCut(anyChoice(random), { lastCalls });
    await untilPowerCut(() => openTestStore("/data", alter(recovering.operations)));
    const disk = recovering.afterPowerCut(anyChoice(random));
    return { how: `power cut, another at call ${lastCalls} of the start`, disk, history: soFar };
  }
  // Only the process dies: the next one sees what was done, and builds on it though it may not be durable.
  const next = before.afterKill({ lastCalls, turns: () => random(3) });
  await untilPowerCut(async () => {
    const store = await openTestStore("/data", alter(next.operations));
    await Promise.all([1, 2].map(() => untilPowerCut(() => useStore(store, soFar, random, 8))));
  });
  const disk = next.afterPowerCut(anyChoice(random));
  return { how: `kill, and a power cut at call ${lastCalls} after it`, disk, history: soFar };
}

/**
 * Records runs of a random workload, one for each hundred prefixes, and crashes on so many prefixes of them, in all ways: the
 * power is cut, once or again while the store recovers; or the process dies first. `alter` may spoil what the store
 * gets for a disk. Throws CrashDamageError for the first crash after which the store is not what it promised.
 */
export async function exploreCrashes(options: {
  readonly firstSeed: number;
  readonly prefixes: number;
  readonly alter?: Alter;
}): Promise<{ readonly effectsTotal: number }> {
  const { firstSeed, prefixes, alter = (operations) => operations } = options;
  let effectsTotal = 0;
  for (let done = 0; done < prefixes; done += prefixesPerRun) {
    const seed = firstSeed + done / prefixesPerRun;
    const random = seededRandom(seed);
    const recorded = await recordRun(random, alter);
    effectsTotal += recorded.effects.length;
    for (let prefix = 0; prefix < prefixesPerRun; prefix += 1) {
      const cut = 1 + random(recorded.effects.length);
      const { how, disk, history } = await crash(recorded, cut, random, alter);
      try {
        await assertGoesOn(await assertKept(disk, history), disk);
      } catch (cause) {
        const last = describeEffects(recorded.effects.slice(Math.max(0, cut - 30), cut));
        throw new CrashDamageError(`Seed ${seed}, ${cut} effects, ${how}. The last of them:\n${last}`, {
          cause,
        });
      }
    }
  }
  return { effectsTotal };
}
