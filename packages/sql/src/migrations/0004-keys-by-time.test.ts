import assert from "node:assert/strict";
import { test } from "node:test";
import { createSqliteMetadataStore } from "../create-sqlite-metadata-store.ts";
import { makeTestFolder } from "../database.testing.ts";
import { openSqlite } from "../sqlite-connection.ts";
import { initial } from "./0001-initial.ts";
import { multipart } from "./0002-multipart.ts";
import { fileListIndexes, fileLists } from "./0003-file-lists.ts";

test("keys that are random to their end are found as before, of uploads under way and of files, and in order", async () => {
  const folder = makeTestFolder();
  const before = openSqlite(folder.file);
  for (const migration of [initial, multipart, fileLists, fileListIndexes]) before.exec(migration);
  before.exec("PRAGMA user_version = 3");
  before.exec(
    "INSERT INTO principals (id, issuer, subject, created_at) VALUES ('ann', 'https://issuer.example', 'ann', 1)",
  );
  const rows = [
    ["a", "pending", "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"],
    ["b", "ready", "1123456789abcdef0123456789abcdef", "eedcba9876543210fedcba9876543210"],
    ["c", "ready", "2123456789abcdef0123456789abcdef", "dedcba9876543210fedcba9876543210"],
    ["d", "aborted", "3123456789abcdef0123456789abcdef", "cedcba9876543210fedcba9876543210"],
  ] as const;
  for (const [id, state, landing, prefix] of rows) {
    before.exec(`INSERT INTO uploads (id, owner_id, file_id, state, name, size_bytes, content_type, sha256, profile,
        metadata, landing_key, storage_prefix, created_at, expires_at, urls_until)
      VALUES ('${id}', 'ann', 'f${id}', '${state}', 'a.jpg', 10, 'image/jpeg', '', 'default', '{}',
        'uploads/${landing}', 'files/${prefix}', 1, 9999999999999, 2)`);
    if (state !== "ready") continue;
    before.exec(`
      INSERT INTO files (id, owner_id, state, name, metadata, version, revision, created_at)
        VALUES ('f${id}', 'ann', 'ready', 'a.jpg', '{}', 1, 1, 1);
      INSERT INTO versions (file_id, version, upload_id, key, size_bytes, sha256, content_type, derivatives)
        VALUES ('f${id}', 1, '${id}', 'files/${prefix}/1/original', 10, '', 'image/jpeg', '[]')`);
  }
  before.close();

  const store = await createSqliteMetadataStore({ file: folder.file });
  const landingKeys = rows.map(([, , landing]) => `uploads/${landing}`);
  const found = await store.findUploadsByLandingKeys([...landingKeys, "uploads/nobodys"]);
  assert.deepEqual(found.map(({ id }) => id).sort(), ["a", "b", "c", "d"]);
  const versions = await store.listVersions({ limit: 10 });
  assert.deepEqual(
    versions.map(({ fileId }) => fileId),
    ["fc", "fb"],
  );
  const originals = rows.map(([, , , prefix]) => `files/${prefix}/1/original`);
  const known = await store.findKnownKeys([...landingKeys, ...originals]);
  assert.deepEqual([...known].sort(), [originals[0], originals[1], originals[2], landingKeys[0]].sort());
  await store.close();
  folder.remove();
});
