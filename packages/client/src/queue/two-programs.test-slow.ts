import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { FileUnreadableError, StorageFullError } from "../errors.ts";
import {
  problemOf,
  problemReply,
  type ScriptedServerOptions,
  startScriptedServer,
} from "../testing/index.contract.ts";
import { createMemoryChannels } from "../testing/memory-channel.contract.ts";
import { createMemoryLocks } from "../testing/memory-lock.contract.ts";
import { type BytesSource, sourceOf, testPlatform } from "../testing/test-platform.contract.ts";
import { createUploader } from "../uploader.ts";
import { createUploadQueue } from "./create-upload-queue.ts";
import { createMemoryQueueStore } from "./memory-queue-store.ts";
import type { QueueStore } from "./queue-store.ts";
import type { OpenQueue } from "./run-queue.ts";
import type { UploadItem } from "./upload-item.ts";
import type { UploadQueue } from "./upload-queue.ts";

/** Programs with one queue, each of which is looked at: the one that leads keeps the lead. */
async function setUp(t: TestContext, options: ScriptedServerOptions = {}) {
  const server = await startScriptedServer(options);
  const memory = createMemoryQueueStore<BytesSource>();
  const disk: QueueStore<BytesSource> = { ...memory, isDurable: true, close: () => undefined };
  const { acquire } = createMemoryLocks()("lead");
  const channels = createMemoryChannels();
  const queues: UploadQueue<BytesSource>[] = [];
  t.after(async () => {
    for (const queue of queues) queue.close();
    await server.close();
  });
  const open = (store: Partial<QueueStore<BytesSource>> = {}, more: Partial<OpenQueue<BytesSource>> = {}) => {
    const queue = createUploadQueue(createUploader(testPlatform(server.url)), {
      queue: {
        store: { ...disk, ...store },
        lock: { acquire: (signal) => acquire(signal, () => false) },
        channel: channels("queue"),
        ...more,
      },
    });
    queues.push(queue);
    return queue;
  };
  /** Opens one that leads, and one that watches it. */
  const openTwo = async (store?: Partial<QueueStore<BytesSource>>) => {
    const leader = open();
    leader.add([photo("first.jpg")]);
    await until(leader, "first.jpg", "ready");
    const watcher = open(store);
    await until(watcher, "first.jpg", "ready");
    return { leader, watcher };
  };
  return { server, disk, acquire, channels, open, openTwo };
}

const photo = (name: string) => sourceOf(name, `the bytes of ${name}`);

/** Resolves once the item of that name is in that state. */
function until(
  queue: UploadQueue<BytesSource>,
  name: string,
  state: UploadItem["state"],
): Promise<UploadItem<BytesSource>> {
  return new Promise((resolve) => {
    const look = () => {
      const item = queue.getSnapshot().items.find((one) => one.name === name);
      if (item?.state !== state) return;
      stop();
      resolve(item);
    };
    const stop = queue.subscribe(look);
    look();
  });
}

const timeout = 20_000;

test("does what a person does where it does not lead, though who leads has nothing to tell", {
  timeout,
}, async (t) => {
  const { openTwo } = await setUp(t, {
    fault: ({ method }) => (isHeld && method === "PUT" ? "hang" : undefined),
  });
  let isHeld = false;
  const { leader, watcher } = await openTwo();
  isHeld = true;
  const [upload] = leader.add([photo("second.jpg")]);
  await until(watcher, "second.jpg", "sending");
  watcher.pauseAll();
  await until(watcher, "second.jpg", "paused");
  isHeld = false;
  watcher.resumeAll();
  await upload?.result();
  await until(watcher, "second.jpg", "ready");
});

test("gives up what was added and cancelled where it does not lead, before who leads knew of it", {
  timeout,
}, async (t) => {
  const { openTwo, server } = await setUp(t);
  const { leader, watcher } = await openTwo();
  const [second] = watcher.add([photo("second.jpg")]);
  assert.ok(second);
  await watcher.whenStored();
  watcher.cancel(second.id);
  await until(watcher, "second.jpg", "cancelled");
  await until(leader, "second.jpg", "cancelled");
  assert.equal(server.store.storedCount(), 1);
});

test("tells where it does not lead how an upload ended that who leads took off the list as soon as it had", {
  timeout,
}, async (t) => {
  const { openTwo } = await setUp(t);
  const { leader, watcher } = await openTwo();
  const [second] = watcher.add([photo("second.jpg")]);
  await until(leader, "second.jpg", "saved");
  while (leader.unsent() > 0) await new Promise((resolve) => setImmediate(resolve));
  leader.clearEnded();
  assert.equal((await second?.result())?.state, "ready");
});

test("takes off the list where it does not lead what it has seen end, and tells of the rest how it ended", {
  timeout,
}, async (t) => {
  const { openTwo } = await setUp(t);
  const { leader, watcher } = await openTwo();
  const [second] = leader.add([photo("second.jpg")]);
  const { id } = await until(watcher, "second.jpg", "saved");
  const ends = Promise.all([second, watcher.get(id)].map((upload) => upload?.result()));
  while (leader.unsent() > 0) await new Promise((resolve) => setImmediate(resolve));
  // Who leads knows, and has not shown it yet.
  assert.notEqual(watcher.get(id)?.state, "ready");
  watcher.clearEnded();
  assert.deepEqual(
    (await ends).map((end) => end?.state),
    ["ready", "ready"],
  );
  assert.deepEqual(
    watcher.getSnapshot().items.map(({ name }) => name),
    ["second.jpg"],
  );
});

test("gives up what only the program has that does not lead, though who leads can't know of it", {
  timeout,
}, async (t) => {
  let isHeld = true;
  const { open, server } = await setUp(t, {
    fault: ({ method }) => (isHeld && method === "PUT" ? "hang" : undefined),
  });
  const full = () => Promise.reject(new StorageFullError());
  const leader = open({ keep: full });
  leader.add([photo("first.jpg")]);
  await until(leader, "first.jpg", "sending");
  const watcher = open({ keep: full, write: full });
  await until(watcher, "first.jpg", "sending");
  const [second] = watcher.add([photo("second.jpg")]);
  await until(watcher, "second.jpg", "saved");
  second?.cancel();
  assert.equal((await second?.result())?.state, "cancelled");
  // It is not sent later either, by the program that has it.
  leader.close();
  isHeld = false;
  const [third] = watcher.add([photo("third.jpg")]);
  assert.equal((await third?.result())?.state, "ready");
  assert.equal(server.store.storedCount(), 1);
  assert.equal(second?.state, "cancelled");
});

test("shows what can't be kept where it does not lead, and there it is given again and taken off the list", {
  timeout,
}, async (t) => {
  const { openTwo, disk } = await setUp(t);
  let isFull = true;
  const { leader, watcher } = await openTwo({
    keep: (...file) => (isFull ? Promise.reject(new FileUnreadableError("second.jpg")) : disk.keep(...file)),
  });
  const others = watcher.add([photo("second.jpg"), photo("third.jpg")]);
  for (const other of others) assert.equal((await other.result()).state, "failed");
  const names = () => watcher.getSnapshot().items.map(({ name }) => name);
  // Who leads shows all that it knows, in which they are not.
  const [more] = leader.add([photo("more.jpg")]);
  await more?.result();
  await until(watcher, "more.jpg", "ready");
  assert.deepEqual(new Set(names()), new Set(["first.jpg", "more.jpg", "second.jpg", "third.jpg"]));
  isFull = false;
  const [second, third] = others;
  second?.attach(photo("second.jpg"));
  assert.equal((await second?.result())?.state, "ready");
  watcher.dismiss(third?.id ?? "");
  assert.equal(names().includes("third.jpg"), false);
});

test("tells how it ended what is erased while it is copied where it does not lead", {
  timeout,
}, async (t) => {
  const { openTwo } = await setUp(t);
  const { watcher } = await openTwo({ keep: () => new Promise(() => undefined) });
  const [second] = watcher.add([photo("second.jpg")]);
  const end = second?.result();
  await watcher.erase();
  assert.equal((await end)?.state, "cancelled");
});

test("sends what is added after it was said that nothing could be deleted, since nobody answered", {
  timeout,
}, async (t) => {
  const { open, acquire } = await setUp(t);
  const lead = await acquire(new AbortController().signal, () => false);
  const queue = open();
  await assert.rejects(queue.erase(), { code: "not-erased" });
  const [upload] = queue.add([photo("first.jpg")]);
  lead.release();
  assert.equal((await upload?.result())?.state, "ready");
});

test("asks the server how ended what who led had sent and had not shown yet, when that died", {
  timeout,
}, async (t) => {
  const { open, channels } = await setUp(t);
  const channel = channels("queue");
  let isDead = false;
  const leader = open({}, { channel: { ...channel, post: (message) => isDead || channel.post(message) } });
  const watcher = open();
  leader.add([photo("first.jpg")]);
  const { id } = await until(watcher, "first.jpg", "checking");
  const end = watcher.get(id)?.result();
  isDead = true;
  while (leader.unsent() > 0) await new Promise((resolve) => setImmediate(resolve));
  leader.close();
  assert.equal((await end)?.state, "ready");
  assert.equal(watcher.get(id)?.state, "ready");
});

test("takes off both lists what is dismissed where it does not lead, before the server knows that it was cancelled", {
  timeout,
}, async (t) => {
  const { openTwo, open, disk, server } = await setUp(t, {
    fault({ method }) {
      if (isHeld && method === "PUT") return "hang";
      return isAway && method === "DELETE" ? "reset" : undefined;
    },
  });
  let isHeld = false;
  let isAway = true;
  const { leader, watcher } = await openTwo();
  isHeld = true;
  const [second] = watcher.add([photo("second.jpg")]);
  assert.ok(second);
  await until(watcher, "second.jpg", "sending");
  second.cancel();
  await until(watcher, "second.jpg", "cancelled");
  watcher.dismiss(second.id);
  for (const queue of [watcher, leader])
    while (queue.getSnapshot().items.length > 1) await new Promise((resolve) => setImmediate(resolve));
  // It is out of sight also where another program takes over before the server was told.
  await leader.whenStored();
  assert.equal((await disk.load()).find(({ name }) => name === "second.jpg")?.isDismissed, true);
  leader.close();
  const third = open();
  third.add([photo("third.jpg")]);
  isAway = false;
  while ([...server.uploads.values()].every(({ state }) => state !== "aborted"))
    await new Promise((resolve) => setImmediate(resolve));
  while ((await disk.load()).some(({ name }) => name === "second.jpg"))
    await new Promise((resolve) => setImmediate(resolve));
  for (const queue of [watcher, third])
    assert.ok(queue.getSnapshot().items.every(({ name }) => name !== "second.jpg"));
});

for (const [when, isKeptFirst] of [
  ["just kept", true],
  ["just being copied", false],
] as const)
  test(`leaves alone what was added and paused where it does not lead, ${when}, until somebody resumes it`, {
    timeout,
  }, async (t) => {
    const { disk, openTwo, server } = await setUp(t);
    const copied = Promise.withResolvers<void>();
    const { leader, watcher } = await openTwo({
      async keep(...file) {
        if (!isKeptFirst) await copied.promise;
        await disk.keep(...file);
      },
    });
    const [second] = watcher.add([photo("second.jpg")]);
    assert.ok(second);
    if (isKeptFirst) while (!second.item.isKept) await new Promise((resolve) => setImmediate(resolve));
    second.pause();
    copied.resolve();
    await watcher.whenStored();
    await until(leader, "second.jpg", "paused");
    // What is added later is sent: who leads has looked at what there is.
    watcher.add([photo("third.jpg")]);
    await until(watcher, "third.jpg", "ready");
    assert.equal((await until(leader, "second.jpg", "paused")).isKept, true);
    assert.equal((await until(watcher, "second.jpg", "paused")).isKept, true);
    assert.equal(server.store.storedCount(), 2);
    second.resume();
    await until(leader, "second.jpg", "ready");
    await until(watcher, "second.jpg", "ready");
  });

for (const isCleared of [false, true])
  test(`${isCleared ? "says that it can't tell" : "shows"} what has become of all while it stood still and another ${isCleared ? "took it off the list" : "took the lead"}`, {
    timeout,
  }, async (t) => {
    const hanging = Promise.withResolvers<void>();
    let putCount = 0;
    const { acquire, channels, open } = await setUp(t, {
      fault: ({ method }) => {
        if (method !== "PUT" || putCount++ > 0) return undefined;
        hanging.resolve();
        return "hang";
      },
    });
    const { post, listen, close } = channels("queue");
    const lost = new AbortController();
    let isStill = false;
    let rob = (): void => assert.fail("it leads");
    const leader = open(
      {},
      {
        channel: { post, close, listen: (listener) => listen((message) => !isStill && listener(message)) },
        lock: {
          async acquire(signal) {
            const lead = await acquire(signal, () => false);
            rob = () => lead.release();
            return { lost: lost.signal, release: () => undefined };
          },
        },
      },
    );
    leader.add([photo("first.jpg")]);
    await hanging.promise;
    isStill = true;
    const other = open();
    rob();
    await until(other, "first.jpg", "ready");
    await other.whenStored();
    // A turn later, when all has been said.
    await new Promise<void>((resolve) => setImmediate(resolve));
    isStill = false;
    const [first] = leader.list();
    const end = first?.result();
    if (isCleared) {
      // Nobody is there any more who could tell.
      other.clearEnded();
      lost.abort();
      await assert.rejects(Promise.resolve(end), { name: "AbortedError" });
      return;
    }
    lost.abort();
    await until(leader, "first.jpg", "ready");
    assert.equal((await end)?.state, "ready");
  });

test("tries again where it does not lead what has failed", { timeout }, async (t) => {
  let isFull = false;
  const { openTwo } = await setUp(t, {
    fault: ({ method, path }) =>
      isFull && method === "POST" && path === "/v1/uploads"
        ? problemReply(problemOf("quota-exceeded", "No room."))
        : undefined,
  });
  const { leader, watcher } = await openTwo();
  isFull = true;
  leader.add([photo("second.jpg")]);
  await until(watcher, "second.jpg", "failed");
  isFull = false;
  watcher.retryAll();
  await until(watcher, "second.jpg", "ready");
});

test("sends what another program kept before it was closed, and asks for what it had not kept", {
  timeout,
}, async (t) => {
  const { disk, open, openTwo } = await setUp(t);
  let keptTimes = 0;
  const { leader, watcher } = await openTwo({
    async keep(...args) {
      keptTimes += 1;
      // The program is closed as it copies the second.
      if (keptTimes > 1) await new Promise(() => undefined);
      await disk.keep(...args);
    },
  });
  watcher.add([photo("second.jpg"), sourceOf("third.jpg", "x".repeat(1_000_001))]);
  await until(leader, "second.jpg", "ready");
  assert.equal(leader.getSnapshot().items.length, 2, "it may be kept yet");
  watcher.close();
  open();
  await until(leader, "third.jpg", "needs-file");
});

test("gives the lead to a program that has what it can't keep", { timeout }, async (t) => {
  const { server, openTwo } = await setUp(t);
  const { leader, watcher } = await openTwo({
    keep: async () => {
      throw new StorageFullError();
    },
  });
  const seen = new Set<string>();
  leader.subscribe(() => {
    for (const { state } of leader.getSnapshot().items) seen.add(state);
  });
  const [upload] = watcher.add([photo("second.jpg")]);
  assert.equal((await upload?.result())?.state, "ready");
  await until(leader, "second.jpg", "ready");
  assert.ok(!seen.has("needs-file"), "nobody is asked for it");
  assert.equal(server.uploads.size, 2);
});

test("keeps the file that is given again and paused where another leads, and sends it once it is resumed", {
  timeout,
}, async (t) => {
  const { openTwo } = await setUp(t);
  const { leader, watcher } = await openTwo();
  leader.add([{ ...photo("second.jpg"), body: () => new Blob(["short"]) }]);
  const { id } = await until(watcher, "second.jpg", "failed");
  watcher.attach(id, photo("second.jpg"));
  watcher.pause(id);
  await until(leader, "second.jpg", "paused");
  await until(watcher, "second.jpg", "paused");
  watcher.resume(id);
  await until(watcher, "second.jpg", "ready");
});

test("sends the file that is given again where another leads", { timeout }, async (t) => {
  const { server, openTwo } = await setUp(t);
  const { leader, watcher } = await openTwo();
  leader.add([{ ...photo("second.jpg"), body: () => new Blob(["short"]) }], { metadata: { report: "7" } });
  const { id } = await until(watcher, "second.jpg", "failed");
  watcher.attach(id, photo("second.jpg"));
  await until(leader, "second.jpg", "ready");
  await until(watcher, "second.jpg", "ready");
  assert.deepEqual([...server.uploads.values()].at(-1)?.intent.metadata, { report: "7" });
});

test("goes on with what it has where the store was emptied and who led was closed", {
  timeout,
}, async (t) => {
  let isHeld = false;
  const { disk, openTwo } = await setUp(t, {
    fault: ({ method }) => (isHeld && method === "PUT" ? "hang" : undefined),
  });
  const { leader, watcher } = await openTwo();
  isHeld = true;
  watcher.add([photo("second.jpg")]);
  await until(watcher, "second.jpg", "sending");
  await disk.erase((await disk.load()).map((row) => row.id));
  isHeld = false;
  leader.close();
  await until(watcher, "second.jpg", "ready");
});

test("asks the server before the person for what was not kept and may have arrived", {
  timeout,
}, async (t) => {
  const { open } = await setUp(t, { pollsUntilVerdict: 4 });
  const full = {
    keep: async () => {
      throw new StorageFullError();
    },
  };
  const first = open(full);
  first.add([photo("first.jpg")]);
  await until(first, "first.jpg", "checking");
  await first.whenStored();
  first.close();
  const second = open(full);
  const seen = new Set<string>();
  second.subscribe(() => {
    for (const { state } of second.getSnapshot().items) seen.add(state);
  });
  await until(second, "first.jpg", "ready");
  assert.ok(!seen.has("needs-file"));
});
