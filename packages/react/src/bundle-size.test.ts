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
