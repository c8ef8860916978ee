import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { setTimeout as nextTurn } from "node:timers/promises";
import { IssuerDirectoryError } from "./errors.ts";
import { openIssuerDatabase } from "./issuer-database.ts";
import { migrate, newestVersion } from "./migrations.ts";

function newDirectory(t: TestContext): { directory: string; path: string } {
  const directory = mkdtempSync(join(tmpdir(), "stowage-issuer-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return { directory, path: join(directory, "issuer.sqlite") };
}

test("a new database is in WAL mode at the newest version, and nobody else's to read", async (t) => {
  const { directory } = newDirectory(t);
  const { connection, close } = await openIssuerDatabase(directory);
  t.after(close);
  assert.equal(connection.prepare("PRAGMA journal_mode").get()?.journal_mode, "wal");
  assert.equal(connection.prepare("PRAGMA synchronous").get()?.synchronous, 2);
  assert.equal(connection.prepare("PRAGMA user_version").get()?.user_version, newestVersion);
  const files = readdirSync(directory);
  assert.ok(files.includes("issuer.sqlite-wal"), files.join());
  for (const file of files) assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file);
});

test("a database that others may read is made private again", async (t) => {
  const { directory, path } = newDirectory(t);
  (await openIssuerDatabase(directory)).close();
  chmodSync(path, 0o644);
  (await openIssuerDatabase(directory)).close();
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("a database of a newer Stowage is refused as it is", async (t) => {
  const { directory, path } = newDirectory(t);
  (await openIssuerDatabase(directory)).close();
  const newer = new DatabaseSync(path);
  newer.exec("PRAGMA user_version = 99");
  newer.close();
  await assert.rejects(
    openIssuerDatabase(directory),
    (error) =>
      error instanceof IssuerDirectoryError && error.path === path && /version 99/.test(error.message),
  );
});

test("a file that is no database is refused as it is", async (t) => {
  const { directory, path } = newDirectory(t);
  const bytes = "not a database, but long enough to be looked at as one".repeat(100);
  writeFileSync(path, bytes);
  await assert.rejects(openIssuerDatabase(directory), IssuerDirectoryError);
  assert.equal(readFileSync(path, "utf8"), bytes);
});

test("an opening waits for whoever is writing the new database", async (t) => {
  const { directory, path } = newDirectory(t);
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  let isSettled = false;
  const opening = openIssuerDatabase(directory).finally(() => {
    isSettled = true;
  });
  for (let turn = 0; turn < 20 && !isSettled; turn += 1) await nextTurn(5);
  assert.equal(isSettled, false);
  other.exec("COMMIT");
  (await opening).close();
});

test("what another process migrates first is not migrated again", async (t) => {
  const { directory, path } = newDirectory(t);
  const { connection, close } = await openIssuerDatabase(directory);
  t.after(close);
  const before = { get: () => ({ user_version: 0 }) } as unknown as StatementSync;
  t.mock.method(connection, "prepare", () => before, { times: 1 });
  migrate(connection, path);
  assert.equal(connection.prepare("PRAGMA user_version").get()?.user_version, newestVersion);
  assert.equal(connection.isTransaction, false);
});

test("a write waits for another connection's to end, and an error undoes it", async (t) => {
  const { directory, path } = newDirectory(t);
  const database = await openIssuerDatabase(directory);
  t.after(database.close);
  const { connection } = database;
  connection.exec("CREATE TABLE t (x INTEGER) STRICT");

  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  let runs = 0;
  const write = database.write(() => {
    runs += 1;
    connection.exec("INSERT INTO t VALUES (1)");
  });
  assert.equal(runs, 0);
  other.exec("COMMIT");
  await write;
  assert.equal(runs, 1);

  const failure = new Error("no");
  await assert.rejects(
    database.write(() => {
      connection.exec("INSERT INTO t VALUES (2)");
      throw failure;
    }),
    failure,
  );
  assert.deepEqual(
    connection
      .prepare("SELECT x FROM t")
      .all()
      .map((row) => row.x),
    [1],
  );
});

test("reads go on while another connection writes", async (t) => {
  const { directory, path } = newDirectory(t);
  const database = await openIssuerDatabase(directory);
  t.after(database.close);
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  const count = database.read(() => database.connection.prepare("SELECT count(*) AS n FROM accounts").get());
  assert.equal(count?.n, 0);
  other.exec("ROLLBACK");
});
