import assert from "node:assert/strict";
import { test } from "node:test";
import { createSqliteMetadataStore } from "./create-sqlite-metadata-store.ts";
import { makeTestFolder } from "./database.testing.ts";
import { initial } from "./migrations/0001-initial.ts";
import { listNeededObjects } from "./needed-objects.ts";
import { openSqlite } from "./sqlite-connection.ts";

test("a page that was made is needed, one that waits to be made is not", async () => {
  const folder = makeTestFolder();
  await (await createSqliteMetadataStore({ file: folder.file })).close();
  const database = openSqlite(folder.file);
  database.exec(`
    INSERT INTO derivative_makes (file_id, version, name, page, owner_id, state, made_as, lease_until, key, made_key)
    VALUES ('f', 1, 'page', 2, 'ann', 'made', 'x', 0, NULL, 'files/f/m/1-k/page-2'),
      ('f', 1, 'page', 3, 'ann', 'waiting', 'x', 0, 'files/f/m/1-k/page-3', NULL)`);
  database.close();
  assert.deepEqual(
    [...listNeededObjects(folder.file)],
    [{ key: "files/f/m/1-k/page-2", file: { id: "f", version: 1 } }],
  );
  folder.remove();
});

test("a database of before there were such pages is read as well", () => {
  const folder = makeTestFolder();
  const database = openSqlite(folder.file);
  database.exec(initial);
  database.close();
  assert.deepEqual([...listNeededObjects(folder.file)], []);
  folder.remove();
});
