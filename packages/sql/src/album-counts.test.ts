import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTestFolder, newOwner, recordedStore } from "./database.testing.ts";
import { sendToAlbum } from "./run-album-methods.testing.ts";

test("an album that counts otherwise than its files are is seen, and set right once; so is a file that is listed wrongly", async () => {
  const folder = makeTestFolder();
  const { store, connection } = recordedStore(folder.file);
  try {
    const ownerId = await newOwner(store);
    await store.createAlbum({ id: "a", ownerId, name: "a" });
    const fileId = await sendToAlbum(store, ownerId, "a");
    const counts = async () => (await store.listAlbumCounts({ limit: 10 }))[0];
    connection.run("UPDATE albums SET file_count = 7");
    assert.deepEqual(await counts(), { albumId: "a", recorded: 7, counted: 1 });
    assert.equal(await store.recountAlbum("a"), "recounted");
    assert.equal(await store.recountAlbum("a"), "unchanged");
    connection.run("DELETE FROM file_audiences");
    assert.deepEqual(await store.reindexFile(fileId), { outcome: "reindexed" });
    assert.deepEqual(await counts(), { albumId: "a", recorded: 1, counted: 1 });
  } finally {
    await store.close();
    folder.remove();
  }
});
