import assert from "node:assert/strict";
import { test } from "node:test";
import { createSqliteMetadataStore } from "../create-sqlite-metadata-store.ts";
import { makeTestFolder } from "../database.testing.ts";
import { openSqlite } from "../sqlite-connection.ts";
import { initial } from "./0001-initial.ts";
import { multipart } from "./0002-multipart.ts";
import { fileListIndexes, fileLists } from "./0003-file-lists.ts";
import { keysByTime } from "./0004-keys-by-time.ts";
import { oneListOfUploads } from "./0005-one-list-of-uploads.ts";

test("files that were verified before pages were counted are as they were", async () => {
  const folder = makeTestFolder();
  const before = openSqlite(folder.file);
  for (const migration of [initial, multipart, fileLists, fileListIndexes, keysByTime, oneListOfUploads])
    before.exec(migration);
  before.exec("PRAGMA user_version = 5");
  before.exec(`
    INSERT INTO files (id, owner_id, state, name, metadata, version, revision, created_at)
      VALUES ('report', 'ann', 'ready', 'report.pdf', '{}', 1, 1, 1);
    INSERT INTO versions (file_id, version, upload_id, key, size_bytes, sha256, content_type, derivatives)
      VALUES ('report', 1, 'a', 'files/a/1/original', 10, 'ab', 'application/pdf', '[]')`);
  before.close();

  const store = await createSqliteMetadataStore({ file: folder.file });
  assert.deepEqual((await store.findFile("report"))?.current, {
    key: "files/a/1/original",
    sizeBytes: 10,
    sha256: "ab",
    contentType: "application/pdf",
    derivatives: [],
  });
  await store.close();
  folder.remove();
});
