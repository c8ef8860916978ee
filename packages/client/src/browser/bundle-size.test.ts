import assert from "node:assert/strict";
import { test } from "node:test";
import { measureBundle } from "../testing/browser/index.contract.ts";

/** All that one upload downloads, lazy chunks included. */
const limitBytes = 12_000;
const here = import.meta.dirname;

test("uploads with 12 KB of JavaScript, the SHA-256 of insecure contexts included", async (t) => {
  const { totalGzipBytes, gzipBytesByFile } = await measureBundle(
    'export { createBrowserUploader, blobSource } from "@stowage/client/browser";',
    here,
  );
  t.diagnostic(`${totalGzipBytes} bytes: ${[...gzipBytesByFile].map((file) => file.join(" ")).join(", ")}`);
  assert.equal(gzipBytesByFile.size, 2);
  assert.ok(totalGzipBytes <= limitBytes, `${totalGzipBytes} bytes`);
});

/** The bar is 12 KB for this too. */
const queueLimitBytes = 20_000;

test("uploads through a queue that outlives the page with 20 KB in a secure context, where nothing more is loaded", async (t) => {
  const { gzipBytesByFile } = await measureBundle(
    'export { createClient } from "@stowage/client/browser";',
    here,
  );
  const entryBytes = gzipBytesByFile.get("entry.js") ?? 0;
  t.diagnostic(`${entryBytes} bytes`);
  assert.ok(entryBytes > 0 && entryBytes <= queueLimitBytes, `${entryBytes} bytes`);
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
