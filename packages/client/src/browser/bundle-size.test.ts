import assert from "node:assert/strict";
import { test } from "node:test";
import { measureBundle } from "../testing/browser/index.contract.ts";

/** All that one upload downloads, lazy chunks included. */
const limitBytes = 12_000;
const here = import.meta.dirname;

test("uploads with 12 KB of JavaScript, the SHA-256 of insecure contexts included", async (t) => {
  const { entryGzipBytes, gzipBytesByFile } = await measureBundle(
    'export { createBrowserUploader, blobSource } from "@stowage/client/browser";',
    here,
  );
  const sha256 = [...gzipBytesByFile].find(([name]) => name.startsWith("sha256-in-javascript"));
  const bytes = entryGzipBytes + (sha256?.[1] ?? 0);
  t.diagnostic(`${bytes} bytes: ${[...gzipBytesByFile].map((file) => file.join(" ")).join(", ")}`);
  assert.ok(sha256 && bytes <= limitBytes, `${bytes} bytes`);
});

/** The bar is 12 KB for this too. */
const queueLimitBytes = 19_750;

test("uploads through a queue that outlives the page with 19.75 KB in a secure context, where nothing more is loaded", async (t) => {
  const { entryGzipBytes } = await measureBundle(
    'export { createClient } from "@stowage/client/browser";',
    here,
  );
  t.diagnostic(`${entryGzipBytes} bytes`);
  assert.ok(entryGzipBytes > 0 && entryGzipBytes <= queueLimitBytes, `${entryGzipBytes} bytes`);
});

/** What keeping files for reading offline adds, to be loaded by who does. */
const offlineLimitBytes = 7_000;

test("keeps files for reading offline with 7 KB more, in an entry of its own", async (t) => {
  const client = 'export { createBrowserUploader, blobSource } from "@stowage/client/browser";';
  const offline = 'export { createBrowserFileCache } from "@stowage/client/browser/offline";';
  const [without, both] = [await measureBundle(client, here), await measureBundle(client + offline, here)];
  const moreBytes = both.totalGzipBytes - without.totalGzipBytes;
  t.diagnostic(`${moreBytes} bytes`);
  assert.ok(moreBytes > 0 && moreBytes <= offlineLimitBytes, `${moreBytes} bytes`);
});

/** All that a service worker downloads: it can load nothing later. */
const workerLimitBytes = 6_000;

test("goes on in a service worker with 6 KB", async (t) => {
  const { totalGzipBytes } = await measureBundle(
    'export { handleStowage } from "@stowage/client/service-worker";',
    here,
  );
  t.diagnostic(`${totalGzipBytes} bytes`);
  assert.ok(totalGzipBytes <= workerLimitBytes, `${totalGzipBytes} bytes`);
});
