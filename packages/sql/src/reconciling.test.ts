import assert from "node:assert/strict";
import { test } from "node:test";
import { createOf, makeTestFolder, newItem, newOwner, recordedStore } from "./database.testing.ts";

test("counters that are wrong are seen, and set to what the rows add up to, once", async () => {
  const folder = makeTestFolder();
  const { store, connection } = recordedStore(folder.file);
  try {
    const ownerId = await newOwner(store);
    await store.createUploads(createOf(ownerId, [newItem({ sizeBytes: 70 }), newItem({ sizeBytes: 7 })]));
    connection.run("UPDATE principals SET used_bytes = 5, reserved_bytes = 6, open_uploads = 1");
    const before = { usedBytes: 5, reservedBytes: 6, openUploads: 1 };
    const after = { usedBytes: 0, reservedBytes: 77, openUploads: 2 };
    assert.deepEqual(await store.listCounters({ limit: 10 }), [
      { principalId: ownerId, recorded: before, counted: after },
    ]);
    assert.deepEqual(await store.recountPrincipal(ownerId), { outcome: "recounted", before, after });
    assert.deepEqual(await store.recountPrincipal(ownerId), { outcome: "unchanged" });
    assert.deepEqual(await store.listCounters({ limit: 10 }), [
      { principalId: ownerId, recorded: after, counted: after },
    ]);
    const events = await store.listAuditEvents({ afterSequence: 0, limit: 100 });
    assert.deepEqual(
      events
        .filter(({ action }) => action === "principal.recounted")
        .map(({ actor, targetId }) => [actor, targetId]),
      [["system", ownerId]],
    );
  } finally {
    await store.close();
    folder.remove();
  }
});
