import assert from "node:assert/strict";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startBucketProcess } from "./testing/start-bucket-process.ts";
import { streamPut } from "./testing/stream-clients.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";
import { clientOf } from "./testing/test-bucket.ts";
import { memoryGrowth } from "./testing/watch-memory.ts";

const clients = 64;
const mib = 1024 ** 2;
const sizeBytes = 256 * mib;

test("memory stays flat while 64 uploads of 256 MiB stream through", async (t) => {
  const parent = await temporaryDirectory(t);
  const { bavail, bsize } = await statfs(parent);
  assert.ok(bavail * bsize > clients * sizeBytes * 1.1, "the disk has no room for 16 GiB");
  const process = await startBucketProcess(t, join(parent, "data"));
  const client = clientOf(process.origin);
  for (let index = 0; index < 20; index += 1) assert.equal(await streamPut(client, "warm", 2 * mib), 200);
  const started = performance.now();
  const growth = await memoryGrowth(process, () =>
    Promise.all(
      Array.from({ length: clients }, async (_, index) => {
        assert.equal(await streamPut(client, `k/${index}`, sizeBytes), 200);
        // So that not all of it is on the disk at the end.
        assert.equal((await client.signed("DELETE", `k/${index}`)).status, 204);
      }),
    ),
  );
  const seconds = (performance.now() - started) / 1000;
  t.diagnostic(`${Math.round(growth / mib)} MiB more than idle; 16 GiB in ${seconds.toFixed(0)} s`);
  // Measured: 119 MiB, of which buffers are a half.
  assert.ok(growth < 170 * mib, `${growth / mib} MiB`);
});
