import assert from "node:assert/strict";
import { test } from "node:test";
import { findForeignParts, type SchemaPart, schemaPartsQuery } from "./find-foreign-parts.ts";
import { knownSchemaVersion, migrate } from "./migrate.ts";
import { openSqliteInMemory, type SqliteConnection } from "./sqlite-connection.ts";

const partsOf = (connection: SqliteConnection) =>
  findForeignParts(connection.all<SchemaPart>(schemaPartsQuery));

function withDatabase(work: (connection: SqliteConnection) => void): void {
  const connection = openSqliteInMemory();
  try {
    work(connection);
  } finally {
    connection.close();
  }
}

for (let begin = 1; begin <= knownSchemaVersion; begin += 1)
  test(`a database that was made at version ${begin}, and came here by each later one, has nothing foreign`, () => {
    withDatabase((connection) => {
      for (let version = begin; version <= knownSchemaVersion; version += 1) migrate(connection, version);
      assert.deepEqual(partsOf(connection), []);
    });
  });

test("what SQLite adds by itself is not foreign, and what was named like it is", () => {
  withDatabase((connection) => {
    migrate(connection);
    connection.exec("INSERT INTO principals (id, issuer, subject, created_at) VALUES ('a', 'i', 's', 0)");
    connection.exec("ANALYZE");
    assert.ok(connection.get("SELECT 1 FROM sqlite_stat1"));
    assert.deepEqual(partsOf(connection), []);
  });
  const sql = "CREATE INDEX sqlite_stat4 ON audit_events (at)";
  const named = { type: "index", name: "sqlite_stat4", table: "audit_events" };
  withDatabase((connection) => {
    migrate(connection);
    const parts = [...connection.all<SchemaPart>(schemaPartsQuery), { ...named, sql }];
    assert.deepEqual(findForeignParts(parts), [{ ...named, isMissing: false }]);
  });
});

for (const [what, sql, expected] of [
  ["a table", "CREATE TABLE other (x)", ["table other false"]],
  ["an index", "CREATE INDEX other ON audit_events (at)", ["index other false"]],
  ["a unique index", "CREATE UNIQUE INDEX other ON audit_events (actor, at)", ["index other false"]],
  ["a view", "CREATE VIEW other AS SELECT 1", ["view other false"]],
  ["a trigger", "CREATE TRIGGER other AFTER INSERT ON files BEGIN SELECT 1; END", ["trigger other false"]],
  ["an index that is gone", "DROP INDEX audit_events_unchained", ["index audit_events_unchained true"]],
  [
    "an index that finds less",
    `DROP INDEX audit_events_unchained;
     CREATE INDEX audit_events_unchained ON audit_events (sequence) WHERE number IS NULL AND actor <> 'x'`,
    ["index audit_events_unchained false"],
  ],
  [
    "a column",
    "ALTER TABLE audit_events ADD COLUMN z INTEGER GENERATED ALWAYS AS (1) VIRTUAL",
    ["table audit_events false"],
  ],
  [
    "a view in a table's place",
    "ALTER TABLE audit_chains RENAME TO other; CREATE VIEW audit_chains AS SELECT * FROM other",
    ["table other false", "view audit_chains false", "table audit_chains true"],
  ],
] as const)
  test(`${what} is told`, () => {
    withDatabase((connection) => {
      migrate(connection);
      connection.exec(sql);
      const told = partsOf(connection).map(({ type, name, isMissing }) => `${type} ${name} ${isMissing}`);
      assert.deepEqual(told, expected);
    });
  });
