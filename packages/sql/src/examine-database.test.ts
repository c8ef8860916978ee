import assert from "node:assert/strict";
import { closeSync, openSync, statSync, writeFileSync, writeSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { createSqliteMetadataStore } from "./create-sqlite-metadata-store.ts";
import { createOf, makeTestFolder, newItem, newOwner, type TestFolder } from "./database.testing.ts";
import { examineSqliteDatabase } from "./examine-database.ts";
import { openSqlite } from "./sqlite-connection.ts";

let folder: TestFolder;
beforeEach(() => {
  folder = makeTestFolder();
});
afterEach(() => folder.remove());

const examine = (waitingSinceMs = 0) => examineSqliteDatabase(folder.file, { waitingSinceMs });

test("a database in use is looked at: sound, current, its last event, and what waits", async () => {
  const nowMs = 1_700_000_000_000;
  const store = await createSqliteMetadataStore({ file: folder.file, clock: { nowMs: () => nowMs } });
  const fresh = examine();
  assert.deepEqual(fresh.damage, []);
  assert.equal(fresh.schemaVersion, fresh.knownSchemaVersion);
  assert.equal(fresh.lastEventAtMs, undefined);
  const items = [newItem(), newItem()];
  await store.createUploads(createOf(await newOwner(store), items));
  assert.equal(examine(nowMs).waitingUploads, 0);
  for (const { id } of items) await store.completeUpload({ uploadId: id, actor: "system" });
  assert.equal(examine(nowMs - 1).waitingUploads, 0);
  assert.equal(examine(nowMs).waitingUploads, 2);
  assert.equal(examine().lastEventAtMs, nowMs);
  await store.close();
  assert.deepEqual(examine().damage, []);
});

test("a page that was written over is damage", async () => {
  const store = await createSqliteMetadataStore({ file: folder.file });
  const ownerId = await newOwner(store);
  for (let batch = 0; batch < 5; batch += 1)
    await store.createUploads(
      createOf(
        ownerId,
        Array.from({ length: 100 }, () => newItem()),
      ),
    );
  await store.close();
  const file = openSync(folder.file, "r+");
  const pages = Math.floor(statSync(folder.file).size / 4096);
  for (let page = 3; page < pages; page += 5) writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, page * 4096);
  closeSync(file);
  assert.notDeepEqual(examine().damage, []);
});

test("a schema of a newer Stowage is told by its number, and not read", async () => {
  await (await createSqliteMetadataStore({ file: folder.file })).close();
  const connection = openSqlite(folder.file);
  connection.exec("PRAGMA user_version = 1000; DROP TABLE uploads");
  connection.close();
  assert.equal(examine().schemaVersion, 1000);
});

test("what is no database, or not there, throws and is not made", () => {
  assert.throws(() => examine(), /unable to open/);
  writeFileSync(folder.file, "This is a letter, not a database. ".repeat(100));
  assert.throws(() => examine(), /not a database/);
});
