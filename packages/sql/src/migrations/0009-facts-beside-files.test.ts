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
import { documents } from "./0006-documents.ts";
import { versions } from "./0007-versions.ts";
import { refsByTime } from "./0008-refs-by-time.ts";

const migrations = [
  initial,
  multipart,
  fileLists,
  fileListIndexes,
  keysByTime,
  oneListOfUploads,
  documents,
  versions,
  refsByTime,
];

test("a file of before shows what is known of its current version, whichever that is and becomes", async () => {
  const folder = makeTestFolder();
  const before = openSqlite(folder.file);
  for (const migration of migrations) before.exec(migration);
  before.exec("PRAGMA user_version = 8");
  before.exec(`
    INSERT INTO principals (id, issuer, subject, used_bytes, created_at)
      VALUES ('ann', 'https://issuer.example', 'ann', 12, 1);
    INSERT INTO files (id, owner_id, state, name, metadata, version, revision, created_at, type, shown_at, name_key,
        latest_version)
      VALUES ('f1', 'ann', 'ready', 'a.pdf', '{}', 2, 2, 10, 'document', 10, 'a.pdf', 3),
        ('f2', 'ann', 'ready', 'b.jpg', '{}', 1, 1, 20, 'image', 15, 'b.jpg', 1);
    INSERT INTO versions (file_id, version, upload_id, name, created_at, key, size_bytes, sha256, content_type, width,
        height, taken_at, thumbhash, page_count, password_protected, derivatives)
      VALUES ('f1', 1, 'u1', 'a.pdf', 10, 'k1', 1, 's1', 'application/pdf', NULL, NULL, NULL, NULL, 1, NULL, '[]'),
        ('f1', 2, 'u2', 'a.pdf', 11, 'k2', 2, 's2', 'application/pdf', NULL, NULL, NULL, NULL, 5, 1, '[]'),
        ('f1', 3, 'u3', 'a.pdf', 12, 'k3', 4, 's3', 'application/pdf', NULL, NULL, NULL, NULL, 9, NULL, '[]'),
        ('f2', 1, 'u4', 'b.jpg', 20, 'k4', 5, 's4', 'image/jpeg', 40, 30, 15, 'dGh1bWI', NULL, NULL,
          '[{"name":"thumbnail","key":"t4","contentType":"image/webp","sizeBytes":3}]');`);
  before.close();

  const store = await createSqliteMetadataStore({ file: folder.file });
  const [picture, document] = await store.listFiles({ ownerId: "ann", list: { by: "created" }, limit: 10 });
  assert.deepEqual(picture?.current, {
    key: "k4",
    sizeBytes: 5,
    sha256: "s4",
    contentType: "image/jpeg",
    width: 40,
    height: 30,
    takenAtMs: 15,
    thumbhash: "dGh1bWI",
    derivatives: [{ name: "thumbnail", key: "t4", contentType: "image/webp", sizeBytes: 3 }],
  });
  assert.deepEqual(document?.current, {
    key: "k2",
    sizeBytes: 2,
    sha256: "s2",
    contentType: "application/pdf",
    pageCount: 5,
    passwordProtected: true,
    derivatives: [],
  });
  const restored = await store.restoreVersion({ fileId: "f1", revision: 2, version: 1, actor: "system" });
  assert.equal(restored.outcome, "done");
  const file = await store.findFile("f1");
  assert.deepEqual(
    [file?.current.key, file?.current.pageCount, file?.current.passwordProtected],
    ["k1", 1, undefined],
  );
  assert.equal((await store.findFileVersions([{ fileId: "f1", version: 2 }]))[0]?.key, "k2");
  assert.deepEqual(await store.recountPrincipal("ann"), { outcome: "unchanged" });
  await store.close();
  folder.remove();
});
