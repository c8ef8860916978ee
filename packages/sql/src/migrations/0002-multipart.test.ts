import assert from "node:assert/strict";
import { test } from "node:test";
import { createSqliteMetadataStore } from "../create-sqlite-metadata-store.ts";
import { makeTestFolder } from "../database.testing.ts";
import { openSqlite } from "../sqlite-connection.ts";
import { initial } from "./0001-initial.ts";

test("what was written before uploads came in parts is as it was, and goes on to its end", async () => {
  const folder = makeTestFolder();
  const before = openSqlite(folder.file);
  before.exec(initial);
  before.exec("PRAGMA user_version = 1");
  const sha256 = "ab".repeat(32);
  before.exec(`
    INSERT INTO principals (id, issuer, subject, reserved_bytes, open_uploads, created_at)
      VALUES ('ann', 'https://issuer.example', 'ann', 10, 1, 1);
    INSERT INTO uploads (id, owner_id, ref, file_id, state, name, size_bytes, content_type, sha256, profile, metadata,
        landing_key, storage_prefix, created_at, expires_at, urls_until)
      VALUES ('old', 'ann', 'a', 'file', 'pending', 'a.jpg', 10, 'image/jpeg', '${sha256}', 'default', '{}',
        'uploads/old', 'files/old', 1, 9999999999999, 2);
    INSERT INTO upload_refs VALUES ('ann', 'a', 'old');`);
  before.close();

  const store = await createSqliteMetadataStore({ file: folder.file });
  const upload = await store.findUpload("old");
  assert.equal(upload?.sha256, sha256);
  assert.equal(upload.multipart, undefined);
  assert.deepEqual(await store.listDeclaredParts("old"), []);
  const completed = await store.completeUpload({ uploadId: "old", actor: "system" });
  assert.equal(completed.outcome, "completed");
  const claimed = await store.claimUpload({ leaseMs: 1000 });
  assert.equal(claimed?.id, "old");
  const facts = {
    key: "files/old/1/original",
    sizeBytes: 10,
    sha256,
    contentType: "image/jpeg",
    derivatives: [],
  };
  const finished = await store.finishUpload({
    uploadId: "old",
    attempt: 1,
    result: { kind: "ready", detail: "", facts },
    dooms: [],
  });
  assert.equal(finished, "finished");
  assert.equal((await store.findFile("file"))?.current.sha256, sha256);
  await store.close();
  folder.remove();
});
