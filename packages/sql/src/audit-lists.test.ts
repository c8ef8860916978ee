import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTestFolder, recordedStore } from "./database.testing.ts";

test("an event that was put before the first one is in no list of the audit", async () => {
  const folder = makeTestFolder();
  const { store, connection } = recordedStore(folder.file);
  try {
    for (const sequence of ["-5", "0", "-9223372036854775807"])
      connection.run(
        `INSERT INTO audit_events (sequence, at, actor, action, target_id, chain, number, hash)
         VALUES (${sequence}, 1, 'bob', 'file.changed', 'file', '', 1, x'00')`,
      );
    for (const query of [{}, { targetId: "file" }, { actorId: "bob" }])
      assert.deepEqual(await store.listAuditEventsBack({ ...query, limit: 10 }), []);
  } finally {
    await store.close();
    folder.remove();
  }
});
