import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createPowerCutDisk,
  diskThatFailsAt,
  type PowerCutDisk,
  PowerCutError,
} from "../testing/power-cut-disk.ts";
import {
  beginUpload,
  completeUpload,
  getContent,
  openTestStore,
  putContent,
  putInParts,
  putPart,
} from "../testing/stored-content.ts";
import type { ChosenPart } from "./complete-upload.ts";
import type { DiskStore } from "./disk-store.ts";

type Possible = ReadonlySet<string | undefined>;

/** What the key of each object may hold, as far as its users were told. */
class Promised {
  readonly keys = new Map<string, Possible>();
  /** Uploads under way, and those of their parts that were acknowledged. */
  readonly uploads = new Map<string, ChosenPart[]>();
  /** Those that are over for sure. */
  readonly ended = new Set<string>();

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

/** What parts are for: begun, sent, sent again, completed over another object, copied, removed, aborted. */
async function workInParts(store: DiskStore, promised: Promised): Promise<void> {
  const parts = (...contents: string[]) => contents.map((content) => Buffer.from(content));
  await promised.change("files/m1", "onetwo", () => putInParts(store, "files/m1", parts("one", "two")));
  const copy = { onlyIfAbsent: true, accept: () => undefined };
  await promised.change("files/m2", "onetwo", () => store.copy("files/m1", "files/m2", copy));
  await promised.change("files/m1", "threefour", () => putInParts(store, "files/m1", parts("three", "four")));
  await promised.change("files/m1", undefined, () => store.remove("files/m1"));

  const upload = await beginUpload(store, "files/m3");
  promised.uploads.set(upload.uploadId, []);
  promised.uploads.set(upload.uploadId, [await putPart(store, upload, 1, Buffer.from("kept"))]);
  await promised.change("files/m2", undefined, () => store.remove("files/m2"));
  const aborted = await beginUpload(store, "files/m6");
  await putPart(store, aborted, 1, Buffer.from("aborted"));
  await store.uploads.abort(aborted);
  promised.ended.add(aborted.uploadId);
}

/** What was acknowledged of uploads is there; of objects that are gone, nothing is. */
async function assertUploadsKept(store: DiskStore, disk: PowerCutDisk, promised: Promised): Promise<void> {
  const found = await store.uploads.list("");
  const ids = found.map(({ uploadId }) => uploadId);
  for (const [uploadId, sent] of promised.uploads) {
    const upload = found.find((one) => one.uploadId === uploadId);
    assert.ok(upload, "an upload that was acknowledged is lost");
    const { parts } = await store.uploads.listParts(upload, { after: 0, limit: 10 });
    for (const { etag } of sent) assert.ok(parts.some((part) => part.etag === etag));
    if (sent.length > 0) await completeUpload(store, upload, sent);
  }
  for (const uploadId of promised.ended) assert.ok(!ids.includes(uploadId), "an upload came back");
  const listed = (await store.list({ prefix: "", after: "", limit: 100 })).objects;
  assert.ok((await disk.operations.list("/data/parts")).length <= listed.length, "parts nobody needs");
}

async function assertKept(disk: PowerCutDisk, promised: Promised): Promise<DiskStore> {
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
  return store;
}

async function cutEverywhere(
  run: (store: DiskStore, promised: Promised) => Promise<void>,
  check: (store: DiskStore, disk: PowerCutDisk, promised: Promised) => Promise<void>,
): Promise<void> {
  const whole = createPowerCutDisk();
  await whole.operations.createDirectory("/data");
  await whole.operations.syncDirectory("/");
  await run(await openTestStore("/data", whole.operations), new Promised());
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
      await run(await openTestStore("/data", disk.operations), promised);
    } catch (error) {
      assert.ok(error instanceof PowerCutError, String(error));
    }
    // Nothing that was not synced; all of it; and what chance leaves.
    for (const choose of [() => 0, (options: number) => options - 1, random, random, random]) {
      const after = disk.afterPowerCut(choose);
      await check(await assertKept(after, promised), after, promised);
    }
  }
}

test("whatever was acknowledged outlives a power cut at any moment, and nothing is ever torn", () =>
  cutEverywhere(work, async () => undefined));

test("objects in parts, their copies and uploads under way outlive a power cut at any moment", () =>
  cutEverywhere(workInParts, assertUploadsKept));

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
