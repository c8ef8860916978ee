import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileList } from "@stowage/core";
import { createSqliteMetadataStore } from "../create-sqlite-metadata-store.ts";
import { makeTestFolder } from "../database.testing.ts";
import { openSqlite } from "../sqlite-connection.ts";
import { initial } from "./0001-initial.ts";
import { multipart } from "./0002-multipart.ts";

test("files that were there before they could be listed so are in every list that they belong to", async () => {
  const folder = makeTestFolder();
  const before = openSqlite(folder.file);
  before.exec(initial);
  before.exec(multipart);
  before.exec("PRAGMA user_version = 2");
  before.exec(`
    INSERT INTO principals (id, issuer, subject, created_at) VALUES ('ann', 'https://issuer.example', 'ann', 1);
    INSERT INTO files VALUES ('1', 'ann', 'ready', 'IMG_10.jpg', '{"step":"1"}', 1, 1, 10, NULL);
    INSERT INTO files VALUES ('2', 'ann', 'ready', 'img_9.mp4', '{}', 1, 1, 20, NULL);
    INSERT INTO files VALUES ('3', 'ann', 'trashed', 'IMG_1.jpg', '{"step":"1"}', 1, 2, 30, 40);`);
  for (const [id, type, takenAt] of [
    ["1", "image/jpeg", "25"],
    ["2", "video/mp4", "NULL"],
    ["3", "image/jpeg", "NULL"],
  ])
    before.exec(`INSERT INTO versions (file_id, version, upload_id, key, size_bytes, sha256, content_type, taken_at, derivatives)
      VALUES ('${id}', 1, 'u${id}', 'k${id}', 1, '', '${type}', ${takenAt}, '[]')`);
  before.close();

  const store = await createSqliteMetadataStore({ file: folder.file });
  const ids = async (list: FileList) =>
    (await store.listFiles({ ownerId: "ann", list, limit: 10 })).map(({ id }) => id).join(" ");
  assert.equal(await ids({ by: "created" }), "2 1");
  assert.equal(await ids({ by: "taken" }), "1 2");
  assert.equal(await ids({ by: "name" }), "2 1");
  assert.equal(await ids({ by: "taken", type: "image" }), "1");
  assert.equal(await ids({ by: "search", text: "img" }), "1 2");
  assert.equal(await ids({ by: "metadata", name: "step", value: "1" }), "1");
  assert.equal(await ids({ by: "trashed" }), "3");
  await store.restoreFile({ fileId: "3", revision: 2, actor: "system" });
  assert.equal(await ids({ by: "search", text: "img" }), "3 1 2");
  await store.close();
  folder.remove();
});
