import assert from "node:assert/strict";
import { test } from "node:test";
import { migrate } from "../migrate.ts";
import { openSqliteInMemory } from "../sqlite-connection.ts";
import { hashedSeals } from "./0031-hashed-seals.ts";

const insert =
  "INSERT INTO audit_events (at, actor, action, target_id, sealed_by, chain, number, hash) VALUES";

for (const [what, rows, expected] of [
  ["has a place and a seal", "(1, 'a', 'file.purged', 'f', 'album', '', 1, x'00')", 1],
  ["has a seal and no place yet", "(1, 'a', 'file.purged', 'f', 'album', NULL, NULL, NULL)", 0],
  ["has a place and no seal", "(1, 'a', 'file.purged', 'f', NULL, '', 1, x'00')", 0],
] as const)
  test(`an event ${what} ${expected ? "is followed by one that says" : "needs none that says"} up to where seals may not be hashed`, () => {
    const database = openSqliteInMemory();
    migrate(database);
    database.exec(`${insert} ${rows}`);
    database.exec(hashedSeals);
    const told = database.all("SELECT number FROM audit_events WHERE action = 'audit.seals-hashed'");
    assert.equal(told.length, expected);
    database.close();
  });

test("a database that has just been made has no such event", () => {
  const database = openSqliteInMemory();
  migrate(database);
  assert.deepEqual(database.all("SELECT sequence FROM audit_events"), []);
  database.close();
});
