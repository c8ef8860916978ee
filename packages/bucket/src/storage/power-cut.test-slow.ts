import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createPowerCutDisk,
  diskThatFailsAt,
  type PowerCutDisk,
  PowerCutError,
} from "../testing/power-cut-disk.ts";
import { getContent, openTestStore, putContent } from "../testing/stored-content.ts";
import type { DiskStore } from "./disk-store.ts";

type Possible = ReadonlySet<string | undefined>;

/** What the key of each object may hold, as far as its users were told. */
class Promised {
  readonly keys = new Map<string, Possible>();

  /** Until it is acknowledged, a change may have happened or not. */
  async change(key: string, content: string | undefined, work: () => Promise<unknown>): Promise<void> {
    this.keys.set(key, new Set([...(this.keys.get(key) ?? [undefined]), content]));
    await work();
    this.keys.set(key, new Set([content]));
  }
}

/** Something of everything that writes; the larger contents have several writes. */
async function work(store: DiskStore, promised: Promised): Promise<void> {
  const put = (key: string, content: string, onlyIfAbsent: boolean) =>
    promised.change(key, content, () => putContent(store, key, Buffer.from(content), { onlyIfAbsent }));
  const copy = (from: string, to: string, content: string, onlyIfAbsent: boolean) =>
    promised.change(to, content, () => store.copy(from, to, { onlyIfAbsent, accept: () => undefined }));
  const remove = (key: string) => promised.change(key, undefined, () => store.remove(key));

  await put("uploads/aa1", "first", true);
  // Two that need the same new directory, neither of which may count on the other's sync.
  await Promise.all([put("uploads/bb1", "large".repeat(70_000), true), put("uploads/bb2", "second", true)]);
  await copy("uploads/aa1", "files/cc1", "first", true);
  await remove("uploads/aa1");
  await put("k", "old", false);
  await put("k", "new", false);
  await copy("k", "files/cc1", "new", false);
  await copy("k", "files/cc1", "new", false);
  await remove("uploads/bb2");
}

async function assertKept(disk: PowerCutDisk, promised: Promised): Promise<void> {
  const store = await openTestStore("/data", disk.operations);
  const found: string[] = [];
  for (const [key, possible] of promised.keys) {
    const content = await getContent(store, key);
    assert.ok(possible.has(content?.toString()), `${key} holds ${content?.length ?? "nothing"}`);
    if (content) found.push(key);
  }
  const listed = (await store.list({ prefix: "", after: "", limit: 100 })).objects.map(({ key }) => key);
  assert.deepEqual(listed, found.sort());
  assert.deepEqual(await disk.operations.list("/data/incoming"), []);
}

test("whatever was acknowledged outlives a power cut at any moment, and nothing is ever torn", async () => {
  const whole = createPowerCutDisk();
  await whole.operations.createDirectory("/data");
  await whole.operations.syncDirectory("/");
  await work(await openTestStore("/data", whole.operations), new Promised());
  const totalCalls = whole.callCount();
  assert.ok(totalCalls > 80, `${totalCalls} calls`);

  // A small generator with a known state, so that a failure can be had again.
  let state = 1;
  const random = (options: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % options;
  };
  for (let calls = 3; calls <= totalCalls; calls += 1) {
    const disk = diskThatFailsAt(calls);
    const promised = new Promised();
    try {
      await disk.operations.createDirectory("/data");
      await disk.operations.syncDirectory("/");
      await work(await openTestStore("/data", disk.operations), promised);
    } catch (error) {
      assert.ok(error instanceof PowerCutError, String(error));
    }
    // Nothing that was not synced; all of it; and what chance leaves.
    for (const choose of [() => 0, (options: number) => options - 1, random, random, random])
      await assertKept(disk.afterPowerCut(choose), promised);
  }
});

test("the disk of this test does lose what was not synced", async () => {
  const disk = createPowerCutDisk();
  await disk.operations.createDirectory("/data");
  const file = await disk.operations.createFile("/data/a");
  await file.writeAt([Buffer.from("content")], 0);
  await disk.operations.syncDirectory("/");
  const lost = disk.afterPowerCut(() => 0);
  assert.deepEqual(await lost.operations.list("/data"), []);
  await disk.operations.syncDirectory("/data");
  const empty = disk.afterPowerCut(() => 0);
  assert.deepEqual(await empty.operations.list("/data"), ["a"]);
  assert.equal(await (await empty.operations.openFile("/data/a")).sizeBytes(), 0);
  await file.syncData();
  const kept = disk.afterPowerCut(() => 0);
  assert.equal(await (await kept.operations.openFile("/data/a")).sizeBytes(), 7);
});
