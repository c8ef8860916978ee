import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startBucketProcess } from "./testing/start-bucket-process.ts";
import { readSlowly, streamPut } from "./testing/stream-clients.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";
import { clientOf } from "./testing/test-bucket.ts";
import { memoryGrowth } from "./testing/watch-memory.ts";

const clients = 64;
const mib = 1024 ** 2;

test("64 uploads at the same time take no more memory for being large", async (t) => {
  const process = await startBucketProcess(t, join(await temporaryDirectory(t), "data"));
  const client = clientOf(process.origin);
  for (let index = 0; index < 20; index += 1) assert.equal(await streamPut(client, "warm", 2 * mib), 200);
  const growthOf = (sizeBytes: number): Promise<number> =>
    memoryGrowth(process, () =>
      Promise.all(
        Array.from({ length: clients }, async (_, index) => {
          assert.equal(await streamPut(client, `k/${index}`, sizeBytes), 200);
        }),
      ),
    );
  const growth = await growthOf(8 * mib);
  t.diagnostic(`64 uploads of 8 MiB: ${Math.round(growth / mib)} MiB more than idle`);
  assert.ok(growth < 150 * mib, `${growth / mib} MiB`);
});

test("64 slow readers at the same time take no more memory than what is under way to them", async (t) => {
  const process = await startBucketProcess(t, join(await temporaryDirectory(t), "data"));
  const client = clientOf(process.origin);
  // More than what the system takes for both ends of a connection.
  const sizeBytes = 48 * mib;
  assert.equal(await streamPut(client, "k", sizeBytes), 200);
  await client.get("k");
  const growth = await memoryGrowth(process, async () => {
    const slowly = { turns: 20, bytesPerTurn: mib / 4, turnMs: 100 };
    const received = await Promise.all(
      Array.from({ length: clients }, () => readSlowly(client, "k", slowly)),
    );
    for (const bytes of received) assert.ok(bytes > sizeBytes);
  });
  t.diagnostic(`64 readers of 48 MiB: ${Math.round(growth / mib)} MiB more than idle`);
  assert.ok(growth < 150 * mib, `${growth / mib} MiB`);
});
