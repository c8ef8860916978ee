import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { FileList, FilePosition } from "@stowage/core";
import { makeTestFolder, recordedStore } from "./database.testing.ts";
import { initial } from "./migrations/0001-initial.ts";
import { multipart } from "./migrations/0002-multipart.ts";
import { openSqlite } from "./sqlite-connection.ts";

const files = 6000;
/** Files of a list that holds few lie so far apart, each on a page of its own. */
const apart = 20;
const limit = 50;

const lists: readonly (readonly [FileList, FilePosition])[] = [
  [{ by: "created" }, { key: files / 2, id: "a" }],
  [{ by: "taken" }, { key: files / 2, id: "a" }],
  [
    { by: "taken", type: "video" },
    { key: files / 2, id: "a" },
  ],
  [{ by: "name" }, { key: "c", id: "" }],
  [
    { by: "metadata", name: "album", value: "7" },
    { key: files / 2, id: "a" },
  ],
  [
    { by: "search", text: "beach" },
    { key: "00beach 3", id: "" },
  ],
  [{ by: "trashed" }, { key: files / 2, id: "a" }],
];

/** Reads of this process so far (man 5 proc_pid_io): of a database, one a page. */
const readsOfProcess = (): number => Number(/syscr: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);

// Where files lie scattered, what a page of a list costs beyond a small database's is the pages that are read for it.
test("a page of a list reads one page of the database a file at most, two where words or metadata find it, and a few that lead there", {
  skip: existsSync("/proc/self/io") ? false : "this system doesn't count what a process reads",
}, async () => {
  const folder = makeTestFolder();
  fill(folder.file);
  const { store, connection } = recordedStore(folder.file);
  for (const [list, after] of lists) {
    connection.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA shrink_memory");
    const before = readsOfProcess();
    const page = await store.listFiles({ ownerId: "ann", list, after, limit });
    const reads = readsOfProcess() - before;
    assert.equal(page.length, limit, JSON.stringify(list));
    // What is found in a table beside goes by its id, whose key is on a page of its own at worst.
    const perFile = list.by === "metadata" || list.by === "search" ? 2 : 1;
    assert.ok(reads <= limit * perFile + 15, `${JSON.stringify(list)}: ${reads} reads`);
  }
  await store.close();
  folder.remove();
});

/** A database of before there were lists, which opening it brings up to date, with rows as long as those of a service. */
function fill(file: string): void {
  const before = openSqlite(file);
  before.exec(initial);
  before.exec(multipart);
  before.exec(`
    INSERT INTO principals (id, issuer, subject, created_at) VALUES ('ann', 'https://issuer.example', 'ann', 1);
    CREATE TEMP TABLE numbers AS
      WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${files - 1})
      SELECT i, iif(i % ${apart} = 7, 1, 0) AS is_few, iif(i % ${apart} = 3, 1, 0) AS is_trashed,
        (i * 7919) % ${files} AS scattered FROM n;
    INSERT INTO files SELECT printf('0198a000-0000-7000-8000-%012d', i), 'ann', iif(is_trashed, 'trashed', 'ready'),
      iif(is_few, 'beach ' || scattered || '.mp4', char(97 + scattered % 26) || ' of somewhere ' || i || '.jpg'),
      iif(is_few, '{"album":"7"}', '{}'), 1, 1, i, iif(is_trashed, scattered, NULL) FROM numbers;
    INSERT INTO versions (file_id, version, upload_id, key, size_bytes, sha256, content_type, taken_at, derivatives)
      SELECT printf('0198a000-0000-7000-8000-%012d', i), 1, printf('0198a000-0000-7000-9000-%012d', i),
        printf('files/%044d/1/original', i), 1000000, '${"ab".repeat(32)}', iif(is_few, 'video/mp4', 'image/jpeg'),
        scattered, '[{"name":"thumbnail","key":"${"k".repeat(70)}"},{"name":"preview","key":"${"k".repeat(70)}"}]'
      FROM numbers;
    PRAGMA user_version = 2`);
  before.close();
}
