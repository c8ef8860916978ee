import assert from "node:assert/strict";
import { test } from "node:test";
import { measureBundle } from "@stowage/client/testing/browser";

/** The client has a bar of its own; React and TanStack Query are the application's. */
const brought = [
  "react",
  "react/jsx-runtime",
  "@tanstack/react-query",
  "@stowage/client",
  "@stowage/client/albums",
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

/** What else an entry adds, with what it shares with the two above left out. */
for (const [entry, limitBytes] of [
  ["upload-list", 3_000],
  ["picture", 1_000],
  ["grid", 6_500],
  ["albums", 1_000],
] as const)
  test(`adds ${limitBytes / 1000} KB at most by ./${entry}, which is an entry of its own`, async (t) => {
    const own = 'export * from "@stowage/react"; export * from "@stowage/react/dom";';
    const without = await measureBundle(own, import.meta.dirname, brought);
    const both = await measureBundle(
      `${own} export * from "@stowage/react/${entry}";`,
      import.meta.dirname,
      brought,
    );
    const addedBytes = both.totalGzipBytes - without.totalGzipBytes;
    t.diagnostic(`${addedBytes} bytes`);
    assert.ok(addedBytes > 0 && addedBytes <= limitBytes, `${addedBytes} bytes`);
  });
