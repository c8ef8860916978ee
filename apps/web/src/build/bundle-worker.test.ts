import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { bundleWorker } from "./bundle-worker.ts";

test("writes a service worker for others' sites of at most 6 KB, compressed", async (t) => {
  const worker = await bundleWorker({ root: join(import.meta.dirname, "../..") });
  const bytes = gzipSync(worker, { level: 9 }).length;
  t.diagnostic(`${bytes} bytes`);
  assert.ok(bytes <= 6000, `${bytes} bytes`);
});
