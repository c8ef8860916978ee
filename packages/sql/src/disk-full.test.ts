import assert from "node:assert/strict";
import { test } from "node:test";
import { MetadataUnavailableError } from "@stowage/core";
import { createOf, makeTestFolder, newItem, newOwner, recordedStore } from "./database.testing.ts";

test("where the database can't grow, creates are answered as unavailable, reads go on, and space mends it", async () => {
  const folder = makeTestFolder();
  const { store, connection } = recordedStore(folder.file);
  try {
    const ownerId = await newOwner(store);
    const page = connection.get<{ page_count: number }>("PRAGMA page_count")?.page_count ?? 0;
    connection.exec(`PRAGMA max_page_count = ${page + 4}`);
    const long = () => newItem({ name: "x".repeat(4000) });
    const created: string[] = [];
    let error: unknown;
    while (error === undefined) {
      const item = long();
      try {
        await store.createUploads(createOf(ownerId, [item]));
        created.push(item.id);
      } catch (thrown) {
        error = thrown;
      }
    }
    assert.ok(error instanceof MetadataUnavailableError);
    assert.ok(error.cause instanceof Error);
    assert.ok(created.length > 0);
    const settled = await Promise.allSettled([
      store.createUploads(createOf(ownerId, [long(), long(), long()])),
      store.checkHealth(),
    ]);
    assert.equal(settled[0]?.status, "rejected");
    const owner = await store.findPrincipal(ownerId);
    assert.deepEqual([owner?.openUploads, owner?.reservedBytes], [created.length, created.length * 1000]);
    assert.equal((await store.findUploads(created)).length, created.length);
    connection.exec("PRAGMA max_page_count = 100000");
    await store.checkHealth();
    const [outcome] = await store.createUploads(createOf(ownerId, [long()]));
    assert.equal(outcome?.outcome, "created");
  } finally {
    await store.close();
    folder.remove();
  }
});

test("a database that may not be written is not healthy", async () => {
  const folder = makeTestFolder();
  const { store, connection } = recordedStore(folder.file);
  try {
    connection.exec("PRAGMA query_only = ON");
    await assert.rejects(store.checkHealth(), MetadataUnavailableError);
    connection.exec("PRAGMA query_only = OFF");
    await store.checkHealth();
  } finally {
    await store.close();
    folder.remove();
  }
});
