import assert from "node:assert/strict";
import { test } from "node:test";
import { createSqliteMetadataStore } from "../create-sqlite-metadata-store.ts";
import { createOf, makeTestFolder, newItem, newOwner } from "../database.testing.ts";
import { openSqlite } from "../sqlite-connection.ts";
import { initial } from "./0001-initial.ts";
import { multipart } from "./0002-multipart.ts";
import { fileListIndexes, fileLists } from "./0003-file-lists.ts";
import { keysByTime } from "./0004-keys-by-time.ts";
import { oneListOfUploads } from "./0005-one-list-of-uploads.ts";
import { documents } from "./0006-documents.ts";
import { versions } from "./0007-versions.ts";

const refs = [
  "0190b2c4-77aa-7def-8123-456789abcdef",
  "0190b2c477aa9def8123456789abcdef",
  "0090b2c477aa9def8123456789abcdef",
  "01",
  "03ffffff",
  "0190B2C4",
  "a ref of somebody's own \u{1f600}",
];

test("refs of before are found again, those that begin with a time and all others, each person's own alone", async () => {
  const folder = makeTestFolder();
  const before = openSqlite(folder.file);
  for (const migration of [
    initial,
    multipart,
    fileLists,
    fileListIndexes,
    keysByTime,
    oneListOfUploads,
    documents,
    versions,
  ])
    before.exec(migration);
  before.exec("PRAGMA user_version = 7");
  for (const person of ["ann", "bob"]) {
    before.run(
      "INSERT INTO principals (id, issuer, subject, created_at) VALUES (?, 'https://issuer.example', ?, 1)",
      `id-${person}`,
      person,
    );
    for (const [index, ref] of refs.entries()) {
      const id = `${person}-${index}`;
      before.run(
        `INSERT INTO uploads (id, owner_id, ref, file_id, state, name, size_bytes, content_type, sha256, profile,
           metadata, landing_key, storage_prefix, created_at, expires_at, urls_until)
         VALUES (?1, ?2, ?3, ?1, 'uploaded', 'a.jpg', 1000, 'image/jpeg', '', 'default', '{}', ?1, ?1, 1, 9, 9)`,
        id,
        `id-${person}`,
        ref,
      );
      before.run(
        "INSERT INTO upload_refs (owner_id, ref, upload_id) VALUES (?, ?, ?)",
        `id-${person}`,
        ref,
        id,
      );
    }
  }
  before.close();

  const store = await createSqliteMetadataStore({ file: folder.file });
  for (const person of ["ann", "bob"]) {
    const ownerId = await newOwner(store, person);
    const outcomes = await store.createUploads(
      createOf(
        ownerId,
        refs.map((ref) => newItem({ ref })),
      ),
    );
    assert.deepEqual(
      outcomes.map((outcome) => outcome.outcome === "existing" && outcome.upload.id),
      refs.map((_ref, index) => `${person}-${index}`),
    );
  }
  await store.close();
  folder.remove();
});
