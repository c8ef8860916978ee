import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createClient } from "../client.ts";
import {
  problemOf,
  problemReply,
  type ScriptedServerOptions,
  startScriptedServer,
} from "../testing/index.contract.ts";
import { type BytesSource, sourceOf, testPlatform } from "../testing/test-platform.contract.ts";
import { createUploadQueue } from "./create-upload-queue.ts";
import { hasEnded } from "./upload-item.ts";
import type { UploadQueue, UploadQueueSnapshot } from "./upload-queue.ts";

type Snapshot = UploadQueueSnapshot<BytesSource>;

async function setUp(
  t: TestContext,
  options: ScriptedServerOptions = {},
  platform: Parameters<typeof testPlatform>[1] = {},
) {
  const server = await startScriptedServer(options);
  const queue = createUploadQueue(createClient(testPlatform(server.url, platform)));
  t.after(async () => {
    queue.close();
    await server.close();
  });
  return { server, queue };
}

/** Resolves to the first snapshot that is so, the present one included. */
function until(queue: UploadQueue<BytesSource>, isSo: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo(queue.getSnapshot())) return;
      unsubscribe();
      resolve(queue.getSnapshot());
    };
    const unsubscribe = queue.subscribe(look);
    look();
  });
}

const allEnded = ({ items }: Snapshot) => items.length > 0 && items.every(hasEnded);

test("brings a file to ready and tells what it became", async (t) => {
  const { queue } = await setUp(t);
  queue.add([sourceOf("photo.jpg", "the bytes of a photo")]);
  const { items, totals } = await until(queue, ({ items: [item] }) => item?.file !== undefined);
  assert.equal(items[0]?.state, "ready");
  assert.equal(items[0]?.file?.name, "photo.jpg");
  assert.equal(items[0]?.fraction, 1);
  assert.equal(totals.ready, 1);
  assert.equal(totals.active, 0);
});

test("tells a rejection, a refusal and a success apart", async (t) => {
  const rejection = { code: "corrupt", detail: "It ends too soon." } as const;
  const { queue } = await setUp(t, {
    verdict: (bytes) => (bytes.toString() === "half" ? rejection : undefined),
    fault: ({ method, path }) =>
      method === "GET" && path.startsWith("/v1/files")
        ? problemReply(problemOf("not-found", "No."))
        : undefined,
  });
  queue.add([
    sourceOf("a.jpg", "whole"),
    sourceOf("b.jpg", "half"),
    sourceOf("c.exe", "x", "application/x-msdownload"),
  ]);
  const { items, totals } = await until(queue, allEnded);
  assert.deepEqual(
    items.map(({ state, problem, canRetry }) => [state, problem?.code, canRetry]),
    [
      ["ready", undefined, false],
      ["rejected", "corrupt", false],
      ["failed", "type-not-allowed", false],
    ],
  );
  assert.deepEqual([totals.ready, totals.rejected, totals.failed, totals.active], [1, 1, 1, 0]);
});
