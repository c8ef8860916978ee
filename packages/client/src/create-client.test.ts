import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createClient } from "./create-client.ts";
import { createMemoryQueueStore } from "./queue/memory-queue-store.ts";
import type { QueueLock } from "./queue/queue-lock.ts";
import type { QueueStore } from "./queue/queue-store.ts";
import { startScriptedServer } from "./testing/index.contract.ts";
import { createMemoryChannels } from "./testing/memory-channel.contract.ts";
import { createMemoryLocks } from "./testing/memory-lock.contract.ts";
import { type BytesSource, sourceOf, testPlatform } from "./testing/test-platform.contract.ts";

const photos = ["1.jpg", "2.jpg", "3.jpg"].map((name) => sourceOf(name, `the bytes of ${name}`));

/** A disk: what a program closes is there for the next. */
const createDisk = (): QueueStore<BytesSource> => ({
  ...createMemoryQueueStore<BytesSource>(),
  isDurable: true,
  close: () => undefined,
});

/** A platform where what may take seconds takes as long as it takes. */
const patient = (server: string) => {
  const { clock, ...platform } = testPlatform(server);
  const delay: typeof clock.delay = (delayMs, signal) =>
    delayMs < 1000 ? clock.delay(delayMs, signal) : Promise.race([]);
  return { ...platform, clock: { ...clock, delay } };
};

test("opens one queue for a server, with a slash at its end and without one", () => {
  const opened: string[] = [];
  for (const server of ["http://127.0.0.1:9", "http://127.0.0.1:9/"]) {
    const client = createClient({
      ...testPlatform(server),
      person: "ann",
      openQueue: async (owner) => {
        opened.push(owner);
        return { store: createDisk() };
      },
    });
    client.close();
  }
  assert.deepEqual(opened, Array(2).fill('["http://127.0.0.1:9","ann"]'));
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
    ...patient(server.url),
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

/** Two programs with one queue: the first leads, whatever the other wants. The second has Ann's files of the first. */
async function leaveUnderWay(t: TestContext) {
  const server = await startScriptedServer({
    fault: ({ method }) => (method === "PUT" ? "hang" : undefined),
  });
  const disk = createDisk();
  const lock = createMemoryLocks()("ann");
  const stubborn: QueueLock = { acquire: (signal) => lock.acquire(signal, () => false) };
  const channels = createMemoryChannels();
  const start = () =>
    createClient({
      ...patient(server.url),
      person: "ann",
      openQueue: async () => ({ store: disk, lock: stubborn, channel: channels("ann") }),
    });
  const first = start();
  first.uploads.add(photos);
  const second = start();
  t.after(async () => {
    first.close();
    second.close();
    await server.close();
  });
  const isUnderWay = () =>
    second.uploads.getSnapshot().items.filter(({ state, isKept }) => state === "sending" && isKept).length ===
    photos.length;
  while (!isUnderWay()) await new Promise((resolve) => setImmediate(resolve));
  return { server, disk, first, second };
}

test("deletes at a sign-out what another program is sending: here, there and on the server", async (t) => {
  const { server, disk, first, second } = await leaveUnderWay(t);
  await second.signOut({ unsent: "delete" });
  assert.deepEqual(await disk.load(), []);
  assert.deepEqual(
    [...server.uploads.values()].map(({ state }) => state),
    ["aborted", "aborted", "aborted"],
  );
  while (first.uploads.getSnapshot().items.length > 0) await new Promise((resolve) => setImmediate(resolve));
});

test("says of a sign-out that deletes what is unsent that it could not, where its queue was not opened", async (t) => {
  const server = await startScriptedServer();
  t.after(() => server.close());
  const client = createClient({
    ...testPlatform(server.url),
    person: "ann",
    openQueue: () => Promise.race([]),
  });
  client.uploads.add(photos);
  await assert.rejects(client.signOut({ unsent: "delete" }), { name: "ClientError", code: "not-erased" });
  assert.deepEqual(client.uploads.getSnapshot().items, []);
  assert.deepEqual(client.uploads.add(photos), [], "it has ended all the same");
});
