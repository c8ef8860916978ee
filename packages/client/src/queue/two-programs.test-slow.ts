import { type TestContext, test } from "node:test";
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
  const open = (store: Partial<QueueStore<BytesSource>> = {}) => {
    const queue = createUploadQueue(createUploader(testPlatform(server.url)), {
      queue: {
        store: { ...disk, ...store },
        lock: { acquire: (signal) => acquire(signal, () => false) },
        channel: channels("queue"),
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
  return { server, disk, open, openTwo };
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
