import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { createSqliteMetadataStore } from "./create-sqlite-metadata-store.ts";
import { createOf, makeTestFolder, newItem, newOwner, type TestFolder } from "./database.testing.ts";
import { DatabaseTooNewError } from "./migrate.ts";
import { openSqlite } from "./sqlite-connection.ts";

let folder: TestFolder;

beforeEach(() => {
  folder = makeTestFolder();
});
afterEach(() => folder.remove());

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

test("the database and its journals are readable by their owner only", async () => {
  const store = await createSqliteMetadataStore({ file: folder.file });
  await newOwner(store);
  assert.deepEqual(
    ["", "-wal", "-shm"].map((suffix) => modeOf(folder.file + suffix)),
    ["600", "600", "600"],
  );
  await store.close();
});

test("a database that others could read is theirs no longer", async () => {
  writeFileSync(folder.file, "", { mode: 0o644 });
  await (await createSqliteMetadataStore({ file: folder.file })).close();
  assert.equal(modeOf(folder.file), "600");
});

test("what was written is there when the database is opened again", async () => {
  const first = await createSqliteMetadataStore({ file: folder.file });
  const ownerId = await newOwner(first);
  const item = newItem();
  await first.createUploads(createOf(ownerId, [item]));
  await first.close();
  const second = await createSqliteMetadataStore({ file: folder.file });
  assert.equal((await second.findUpload(item.id))?.name, item.name);
  await second.close();
});

test("a database of a newer Stowage is refused and left as it is", async () => {
  await (await createSqliteMetadataStore({ file: folder.file })).close();
  const connection = openSqlite(folder.file);
  connection.exec("PRAGMA user_version = 1000");
  connection.close();
  await assert.rejects(createSqliteMetadataStore({ file: folder.file }), (error) => {
    assert.ok(error instanceof DatabaseTooNewError);
    assert.equal(error.code, "database-too-new");
    assert.match(error.message, /1000/);
    return true;
  });
  const after = openSqlite(folder.file);
  assert.deepEqual({ ...after.get<object>("PRAGMA user_version") }, { user_version: 1000 });
  after.close();
});

test("what is no database is refused", async () => {
  writeFileSync(folder.file, "This is a letter, not a database. ".repeat(100));
  await assert.rejects(createSqliteMetadataStore({ file: folder.file }), /not a database/);
});

test("a folder that does not exist is refused", async () => {
  await assert.rejects(createSqliteMetadataStore({ file: `${folder.file}/nowhere/metadata.db` }));
});

test("processes that open a new database at once all find it ready", async () => {
  const exits = Array.from({ length: 3 }, () => {
    const child = spawn(
      process.execPath,
      ["--conditions=source", fileURLToPath(new URL("writer.testing.ts", import.meta.url)), folder.file, "5"],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    return new Promise<number | null>((resolve) => child.on("exit", resolve));
  });
  assert.deepEqual(await Promise.all(exits), [0, 0, 0]);
  const store = await createSqliteMetadataStore({ file: folder.file });
  const events = await store.listAuditEvents({ afterSequence: 0, limit: 100 });
  assert.equal(events.length, 15);
  await store.close();
});

test("threads that open new databases at the same moment all succeed", async () => {
  const rounds = 60;
  const openers = 4;
  const gate = new SharedArrayBuffer(4);
  const workers = Array.from(
    { length: openers },
    () =>
      new Worker(new URL("./open-at-once.testing.ts", import.meta.url), {
        workerData: { file: folder.file, gate, rounds, openers },
      }),
  );
  const failures = await Promise.all(workers.map(async (worker) => (await once(worker, "message"))[0]));
  assert.deepEqual(failures, Array(openers).fill([]));
});
