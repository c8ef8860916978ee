import assert from "node:assert/strict";
import { test } from "node:test";
import { startScriptedServer } from "../testing/index.contract.ts";
import { type BytesSource, sourceOf, testPlatform } from "../testing/test-platform.contract.ts";
import { createUploader } from "../uploader.ts";
import { createUploadQueue } from "./create-upload-queue.ts";
import { createMemoryQueueStore } from "./memory-queue-store.ts";
import type { QueueStore } from "./queue-store.ts";

/** A store whose calls take a turn of the event loop, as a disk's do, and what it was asked for. */
function createBusyStore() {
  const memory = createMemoryQueueStore<BytesSource>();
  const calls: { readonly type: string; readonly ids: readonly string[] }[] = [];
  const called = async (type: string, ids: readonly string[]) => {
    calls.push({ type, ids });
    await new Promise((done) => setTimeout(done, 2));
  };
  const store: QueueStore<BytesSource> = {
    ...memory,
    isDurable: true,
    async write(rows) {
      await called(
        "write",
        rows.map(({ id }) => id),
      );
      await memory.write(rows);
    },
    async erase(ids) {
      await called("erase", ids);
      await memory.erase(ids);
    },
  };
  return { store, calls };
}

test("brings to the store together what comes while it is busy, and in order", async (t) => {
  const server = await startScriptedServer();
  const { store, calls } = createBusyStore();
  const queue = createUploadQueue(createUploader(testPlatform(server.url)), { queue: { store } });
  t.after(async () => {
    queue.close();
    await server.close();
  });
  const uploads = queue.add(Array.from({ length: 100 }, (_, index) => sourceOf(`${index}.jpg`, `${index}`)));
  await Promise.all(uploads.map((upload) => upload.result()));
  await queue.whenStored();
  t.diagnostic(`${calls.length} calls`);
  assert.deepEqual(await store.load(), []);
  // Alone each would have been written as it was kept and as it was created, and erased: 301.
  assert.ok(calls.length < 150, `${calls.length} calls`);
  for (const { id } of uploads) {
    const own = calls.filter(({ ids }) => ids.includes(id)).map(({ type }) => type);
    assert.deepEqual([own[0], own.at(-1)], ["write", "erase"]);
    assert.equal(own.filter((type) => type === "erase").length, 1);
  }
});

test("sends nothing that is paused while it is brought to the store, and keeps it", async (t) => {
  const server = await startScriptedServer();
  const { store } = createBusyStore();
  const queue = createUploadQueue(createUploader(testPlatform(server.url)), { queue: { store } });
  t.after(async () => {
    queue.close();
    await server.close();
  });
  const [upload] = queue.add([sourceOf("a.jpg", "a")]);
  upload?.pause();
  await new Promise<void>((resolve) => {
    upload?.on("change", ({ isKept, state }) => isKept && state === "paused" && resolve());
  });
  await queue.whenStored();
  const [row] = await store.load();
  assert.deepEqual([row?.state, row?.isKept, server.uploads.size], ["paused", true, 0]);
  upload?.resume();
  assert.equal((await upload?.result())?.state, "ready");
});

test("tells its other listeners, and goes on, where one throws", async (t) => {
  const server = await startScriptedServer();
  const queue = createUploadQueue(createUploader(testPlatform(server.url)));
  t.after(async () => {
    queue.close();
    await server.close();
  });
  const reported: unknown[] = [];
  const report = (error: unknown) => reported.push(error);
  // The runner's own would take it for this test's.
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", report);
  t.after(() => {
    process.off("unhandledRejection", report);
    for (const other of others) process.on("unhandledRejection", other);
  });
  const mistake = new Error("A mistake in a listener.");
  const stop = queue.subscribe(() => {
    throw mistake;
  });
  let told = 0;
  queue.subscribe(() => {
    told += 1;
  });
  const [upload] = queue.add([sourceOf("a.jpg", "a")]);
  stop();
  assert.ok(upload && told > 0);
  assert.equal((await upload.result()).state, "ready");
  assert.ok(reported.includes(mistake));
});
