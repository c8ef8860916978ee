import assert from "node:assert/strict";
import { test } from "node:test";
import { measureBundle } from "@stowage/client/testing/browser";

/** The client has a bar of its own; React and TanStack Query are the application's. */
const brought = [
  "react",
  "react/jsx-runtime",
  "@tanstack/react-query",
  "@stowage/client",
  "@stowage/client/browser",
];
const limitBytes = 6_000;

test("adds 6 KB to an application at most, hooks and components together", async (t) => {
  const all = 'export * from "@stowage/react"; export * from "@stowage/react/dom";';
  const { totalGzipBytes } = await measureBundle(all, import.meta.dirname, brought);
  const hooks = await measureBundle('export * from "@stowage/react";', import.meta.dirname, brought);
  t.diagnostic(`${totalGzipBytes} bytes, the hooks alone ${hooks.totalGzipBytes}`);
  assert.ok(totalGzipBytes > 0 && totalGzipBytes <= limitBytes, `${totalGzipBytes} bytes`);
});

const listLimitBytes = 3_000;

test("adds 3 KB at most by the list of uploads, which is an entry of its own", async (t) => {
  const own = 'export * from "@stowage/react"; ';
  const hooks = await measureBundle(own, import.meta.dirname, brought);
  const all = await measureBundle(
    `${own}export * from "@stowage/react/upload-list";`,
    import.meta.dirname,
    brought,
  );
  const addedBytes = all.totalGzipBytes - hooks.totalGzipBytes;
  t.diagnostic(`${addedBytes} bytes`);
  assert.ok(addedBytes > 0 && addedBytes <= listLimitBytes, `${addedBytes} bytes`);
});
