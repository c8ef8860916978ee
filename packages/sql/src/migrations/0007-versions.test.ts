import assert from "node:assert/strict";
import { test } from "node:test";
import { createSqliteMetadataStore } from "../create-sqlite-metadata-store.ts";
import { makeTestFolder } from "../database.testing.ts";
import { openSqlite } from "../sqlite-connection.ts";
import { initial } from "./0001-initial.ts";
import { multipart } from "./0002-multipart.ts";

test("a file of before there were several versions is its own version 1, named and dated, and can be replaced", async () => {
  const folder = makeTestFolder();
  const before = openSqlite(folder.file);
  before.exec(initial);
  before.exec(multipart);
  before.exec("PRAGMA user_version = 2");
  const sha256 = "ab".repeat(32);
  before.exec(`
    INSERT INTO principals (id, issuer, subject, used_bytes, reserved_bytes, open_uploads, created_at)
      VALUES ('ann', 'https://issuer.example', 'ann', 8, 10, 1, 1);
    INSERT INTO uploads (id, owner_id, file_id, state, name, size_bytes, content_type, sha256, profile, metadata,
        landing_key, storage_prefix, created_at, expires_at, urls_until, ended_at)
      VALUES ('u1', 'ann', 'f1', 'ready', 'sent.jpg', 5, 'image/jpeg', '${sha256}', 'default', '{}',
        'uploads/u1', 'files/u1', 1, 2, 2, 20),
      ('open', 'ann', 'f3', 'uploaded', 'open.jpg', 10, 'image/jpeg', '${sha256}', 'default', '{}',
        'uploads/open', 'files/open', 1, 2, 2, NULL);
    UPDATE uploads SET lease_until = 0 WHERE id = 'open';
    INSERT INTO files VALUES ('f1', 'ann', 'ready', 'renamed.jpg', '{}', 1, 4, 21, NULL);
    INSERT INTO files VALUES ('f2', 'ann', 'trashed', 'other.jpg', '{}', 1, 2, 30, 40);
    INSERT INTO versions (file_id, version, upload_id, key, size_bytes, sha256, content_type, derivatives)
      VALUES ('f1', 1, 'u1', 'files/u1/1/original', 5, '${sha256}', 'image/jpeg', '[]'),
      ('f2', 1, 'gone', 'files/u2/1/original', 3, '${sha256}', 'image/jpeg', '[]');`);
  before.close();

  const store = await createSqliteMetadataStore({ file: folder.file });
  const seen = async (fileId: string) =>
    (await store.listFileVersions({ fileId, limit: 10 })).map(({ version, state, name, createdAtMs }) => ({
      version,
      state,
      name,
      createdAtMs,
    }));
  assert.deepEqual(await seen("f1"), [{ version: 1, state: "current", name: "sent.jpg", createdAtMs: 20 }]);
  assert.deepEqual(await seen("f2"), [{ version: 1, state: "current", name: "other.jpg", createdAtMs: 30 }]);
  const file = await store.findFile("f1");
  assert.deepEqual(
    [file?.name, file?.revision, file?.latestVersion, file?.conflicts],
    ["renamed.jpg", 4, 1, 0],
  );
  assert.equal((await store.findUpload("open"))?.replaces, undefined);

  const create = await store.createUploads({
    ownerId: "ann",
    quotaBytes: 0,
    maxOpenUploads: 0,
    uploadLifetimeMs: 1000,
    urlLifetimeMs: 1000,
    items: [
      {
        id: "new",
        fileId: "f4",
        name: "b.jpg",
        sizeBytes: 10,
        contentType: "image/jpeg",
        sha256,
        profile: "default",
        metadata: {},
        landingKey: "uploads/new",
        storagePrefix: "files/new",
        replaces: { fileId: "f1", version: 1 },
      },
    ],
  });
  assert.equal(create[0]?.outcome, "created");
  await store.completeUpload({ uploadId: "new", actor: "system" });
  for (const id of ["open", "new"]) {
    const claimed = await store.claimUpload({ leaseMs: 60_000 });
    assert.equal(claimed?.id, id);
    const facts = {
      key: `files/${id}/1/original`,
      sizeBytes: 10,
      sha256,
      contentType: "image/jpeg",
      derivatives: [],
    };
    await store.finishUpload({
      uploadId: id,
      attempt: 1,
      result: { kind: "ready", detail: "", facts },
      dooms: [],
    });
  }
  assert.equal((await store.findFile("f3"))?.name, "open.jpg");
  assert.deepEqual(
    (await seen("f1")).map(({ version, state, name }) => `${version} ${state} ${name}`),
    ["2 current b.jpg", "1 superseded sent.jpg"],
  );
  assert.deepEqual(await store.recountPrincipal("ann"), { outcome: "unchanged" });
  await store.close();
  folder.remove();
});
