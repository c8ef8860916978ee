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

test("the event that says up to where seals may be in no hash is found with a place and without, and only the first", async () => {
  const folder = makeTestFolder();
  const { store, connection } = recordedStore(folder.file);
  const insert = (sequence: number, action: string, place: string) =>
    connection.run(
      `INSERT INTO audit_events (sequence, at, actor, action, target_id, chain, number, hash)
       VALUES (?, 1, 'system', ?, 'audit', ${place})`,
      sequence,
      action,
    );
  const find = async () => (await store.findAuditExtent()).sealsHashedAt;
  try {
    insert(1, "file.changed", "'', 1, x'00'");
    assert.equal(await find(), 0);
    insert(2, "audit.seals-hashed", "NULL, NULL, NULL");
    assert.equal(await find(), 2);
    connection.run("UPDATE audit_events SET chain = '', number = 2, hash = x'00' WHERE sequence = 2");
    insert(3, "audit.seals-hashed", "'', 3, x'00'");
    assert.equal(await find(), 2);
  } finally {
    await store.close();
    folder.remove();
  }
});
