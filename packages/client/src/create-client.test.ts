import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "./create-client.ts";
import { createMemoryQueueStore } from "./queue/memory-queue-store.ts";
import type { QueueStore } from "./queue/queue-store.ts";
import { startScriptedServer } from "./testing/index.contract.ts";
import { type BytesSource, sourceOf, testPlatform } from "./testing/test-platform.contract.ts";

const photos = ["1.jpg", "2.jpg", "3.jpg"].map((name) => sourceOf(name, `the bytes of ${name}`));

/** A disk: what a program closes is there for the next. */
const createDisk = (): QueueStore<BytesSource> => ({
  ...createMemoryQueueStore<BytesSource>(),
  isDurable: true,
  close: () => undefined,
});

test("keeps at a sign-out what is just being copied, too", async (t) => {
  const server = await startScriptedServer({
    fault: ({ method }) => (method === "PUT" ? "hang" : undefined),
  });
  t.after(() => server.close());
  const disk = createDisk();
  const copies: (() => void)[] = [];
  const slow: QueueStore<BytesSource> = {
    ...disk,
    async keep(...file) {
      await new Promise<void>((resolve) => copies.push(resolve));
      await disk.keep(...file);
    },
  };
  const client = createClient({
    ...testPlatform(server.url),
    person: "ann",
    openQueue: async () => ({ store: slow }),
  });
  client.uploads.add(photos);
  const signedOut = client.signOut({ unsent: "keep" });
  for (let copied = 0; copied < photos.length; ) {
    await new Promise((resolve) => setImmediate(resolve));
    for (const copy of copies.splice(0)) {
      copy();
      copied += 1;
    }
  }
  await signedOut;
  assert.deepEqual(
    (await disk.load()).map(({ isKept }) => isKept),
    [true, true, true],
  );
});

test("waits at a sign-out no longer than 15 s for what is being copied", async (t) => {
  const server = await startScriptedServer();
  t.after(() => server.close());
  const delaysMs: number[] = [];
  const { clock, ...platform } = testPlatform(server.url);
  const client = createClient({
    ...platform,
    clock: {
      ...clock,
      delay: (delayMs, signal) => {
        delaysMs.push(delayMs);
        return clock.delay(delayMs, signal);
      },
    },
    person: "ann",
    openQueue: async () => ({ store: { ...createDisk(), keep: () => Promise.race([]) } }),
  });
  client.uploads.add(photos);
  await client.signOut({ unsent: "keep" });
  assert.ok(delaysMs.includes(15_000));
});
