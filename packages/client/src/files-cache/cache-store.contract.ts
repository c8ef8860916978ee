import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { File } from "@stowage/protocol";
import type { CacheStore } from "./cache-store.ts";
import type { KeptRow } from "./kept-row.ts";

/** A device of which each person has a store. */
export interface DeviceUnderTest {
  open(owner: string): CacheStore | Promise<CacheStore>;
}

export const rowOf = (fileId: string, more: Partial<KeptRow> = {}): KeptRow => ({
  fileId,
  derivative: "thumbnail",
  version: 1,
  contentType: "image/webp",
  sizeBytes: 10,
  keptAtMs: 0,
  readAtMs: 0,
  checkedAtMs: 0,
  ttlMs: 1000,
  ...more,
});

/** As the server tells it; what a store does not look at is left out. */
const fileOf = ({ fileId, version }: KeptRow, name = "a.jpg"): File =>
  ({ id: fileId, version, name, derivatives: [] }) as unknown as File;

const keep = (store: CacheStore, row: KeptRow, bytes: Uint8Array, budgetBytes: number, file = fileOf(row)) =>
  store.keep(row, bytes, budgetBytes, file);

const bytesOf = (row: KeptRow, fill = 7): Uint8Array => new Uint8Array(row.sizeBytes).fill(fill);
const idsOf = (rows: readonly KeptRow[]): string[] => rows.map(({ fileId }) => fileId).sort();
const roomy = 1_000_000;

/** Every store of what is kept for reading offline behaves like this. */
export function describeCacheStore(
  name: string,
  {
    skip = false,
    openDevice,
  }: { skip?: string | false; openDevice(t: TestContext): Promise<DeviceUnderTest> },
): void {
  describe(name, { skip }, () => {
    test("gives back what it keeps, byte for byte, and says when it was read", async (t) => {
      const store = await (await openDevice(t)).open("ann");
      const row = rowOf("a", { sizeBytes: 3, contentType: "image/jpeg" });
      const bytes = Uint8Array.of(0, 128, 255);
      assert.deepEqual(await keep(store, row, bytes, roomy), { outcome: "kept", evicted: [] });
      bytes.fill(9);
      const read = await store.read("a", "thumbnail", 50);
      assert.deepEqual(read?.row, { ...row, readAtMs: 50 });
      assert.deepEqual([...(read?.bytes ?? [])], [0, 128, 255]);
      assert.deepEqual(await store.list(), [{ ...row, readAtMs: 50 }]);
      assert.equal(await store.read("a", "preview", 50), undefined);
      assert.equal(await store.read("b", "thumbnail", 50), undefined);
    });

    test("keeps one version of a file's derivative, the last that was kept", async (t) => {
      const store = await (await openDevice(t)).open("ann");
      const [first, second] = [rowOf("a"), rowOf("a", { version: 2, sizeBytes: 95 })];
      await keep(store, first, bytesOf(first), 100);
      await keep(store, rowOf("a", { derivative: "preview", sizeBytes: 5 }), new Uint8Array(5), 100);
      // It is in the place of the first: there is room for it.
      assert.deepEqual(await keep(store, second, bytesOf(second, 8), 100), { outcome: "kept", evicted: [] });
      assert.equal((await store.read("a", "thumbnail", 1))?.bytes[0], 8);
      assert.deepEqual((await store.list()).map(({ derivative, version }) => [derivative, version]).sort(), [
        ["preview", 1],
        ["thumbnail", 2],
      ]);
    });

    test("never gives one person what another keeps", async (t) => {
      const device = await openDevice(t);
      const [ann, bob] = [await device.open("ann"), await device.open("bob")];
      const row = rowOf("a");
      await keep(ann, row, bytesOf(row), roomy);
      assert.deepEqual(await bob.list(), []);
      assert.equal(await bob.read("a", "thumbnail", 0), undefined);
      await bob.touch([row], { readAtMs: 9 });
      await bob.remove([row]);
      assert.deepEqual(await (await device.open("ann")).list(), [row]);
      // Neither begins where the other ends.
      assert.deepEqual(await (await device.open("an")).list(), []);
      assert.deepEqual(await (await device.open("ann\u0000")).list(), []);
    });

    test("makes room by what was read longest ago, and none by what was read as lately", async (t) => {
      const store = await (await openDevice(t)).open("ann");
      for (const [id, readAtMs] of [
        ["old", 1],
        ["older", 0],
        ["new", 5],
      ] as const)
        await keep(store, rowOf(id, { readAtMs }), new Uint8Array(10), 30);
      const next = rowOf("next", { readAtMs: 5, sizeBytes: 15 });
      const kept = await keep(store, next, bytesOf(next), 30);
      assert.equal(kept.outcome, "kept");
      assert.deepEqual(kept.outcome === "kept" && kept.evicted.map(({ fileId }) => fileId), ["older", "old"]);
      assert.deepEqual(idsOf(await store.list()), ["new", "next"]);
      const more = rowOf("more", { readAtMs: 5 });
      assert.deepEqual(await keep(store, more, bytesOf(more), 30), { outcome: "no-room" });
      const huge = rowOf("huge", { readAtMs: 9, sizeBytes: 31 });
      assert.deepEqual(await keep(store, huge, bytesOf(huge), 30), { outcome: "too-large" });
      assert.deepEqual(idsOf(await store.list()), ["new", "next"]);
    });

    test("never keeps more than the budget, however many keep at once", async (t) => {
      const device = await openDevice(t);
      const stores = [await device.open("ann"), await device.open("ann")];
      await Promise.all(
        Array.from({ length: 12 }, async (_, index) => {
          const row = rowOf(`f${index}`, { readAtMs: index });
          const store = stores[index % 2];
          if (store) await keep(store, row, bytesOf(row), 50);
        }),
      );
      const sizes = (await stores[0]?.list())?.map(({ sizeBytes }) => sizeBytes) ?? [];
      assert.ok(sizes.length > 0 && sizes.length <= 5, String(sizes.length));
    });

    test("touches what is kept, and brings nothing back that is gone", async (t) => {
      const store = await (await openDevice(t)).open("ann");
      const [stays, goes] = [rowOf("a"), rowOf("b")];
      for (const row of [stays, goes]) await keep(store, row, bytesOf(row), roomy);
      await store.remove([goes, rowOf("never-there")]);
      await store.touch([stays, goes], { checkedAtMs: 70 });
      assert.deepEqual(await store.list(), [{ ...stays, checkedAtMs: 70 }]);
      assert.equal(await store.read("b", "thumbnail", 0), undefined);
    });

    test("knows what it keeps as it was told last, each file once, and nothing of what is gone", async (t) => {
      const device = await openDevice(t);
      const [ann, bob] = [await device.open("ann"), await device.open("bob")];
      const [stays, preview, goes] = [rowOf("a"), rowOf("a", { derivative: "preview" }), rowOf("b")];
      for (const row of [stays, preview, goes]) await keep(ann, row, bytesOf(row), roomy);
      assert.deepEqual((await ann.files()).map(({ id }) => id).sort(), ["a", "b"]);
      assert.deepEqual(await bob.files(), []);
      const told = [fileOf(stays, "renamed.jpg"), fileOf(rowOf("never-there"))];
      await bob.tell(told);
      await ann.tell(told);
      await ann.remove([preview, goes]);
      assert.deepEqual(await ann.files(), [fileOf(stays, "renamed.jpg")]);
      await ann.tell([fileOf(goes)]);
      await bob.removeExpired(1000);
      assert.deepEqual(await ann.files(), []);
      assert.deepEqual(await bob.files(), []);
    });

    test("gives out nothing that has expired, and removes it whoever kept it", async (t) => {
      const device = await openDevice(t);
      const [ann, bob] = [await device.open("ann"), await device.open("bob")];
      const [short, long] = [rowOf("short", { ttlMs: 100 }), rowOf("long", { checkedAtMs: 50, ttlMs: 100 })];
      for (const store of [ann, bob])
        for (const row of [short, long]) await keep(store, row, bytesOf(row), roomy);
      assert.ok(await ann.read("short", "thumbnail", 99));
      assert.equal(await ann.read("short", "thumbnail", 100), undefined);
      assert.ok(await ann.read("long", "thumbnail", 100));
      assert.deepEqual(idsOf(await ann.removeExpired(100)), ["short"]);
      assert.deepEqual(idsOf(await bob.list()), ["long"]);
      assert.deepEqual(idsOf(await ann.removeExpired(100)), []);
    });

    test("counts time that passes for all of the device, and takes none back where its clock does", async (t) => {
      const device = await openDevice(t);
      const [ann, bob] = [await device.open("ann"), await device.open("bob")];
      assert.equal(await ann.passTime(1_000_000, 0), 0);
      assert.equal(await bob.passTime(1_000_300, 0), 300);
      assert.equal(await ann.passTime(500_000, 0), 300);
      assert.equal(await ann.passTime(500_100, 0), 400);
      assert.equal(await bob.passTime(500_100, 1000), 1000);
      assert.equal(await ann.passTime(500_100, 0), 1000);
    });
  });
}
