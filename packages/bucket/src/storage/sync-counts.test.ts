import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import {
  beginUpload,
  completeUpload,
  getContent,
  openTestStore,
  putContent,
  putPart,
} from "../testing/stored-content.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { watchFileOperations } from "../testing/watched-file-operations.ts";

test("each change syncs just what it must: content once, and each directory that it names something in", async (t) => {
  const { operations, calls, count } = watchFileOperations();
  const store = await openTestStore(join(await temporaryDirectory(t), "data"), operations);
  /** Of data, and of directories. */
  const syncsOf = async (work: () => Promise<unknown>): Promise<[number, number]> => {
    calls.length = 0;
    await work();
    return [count("file.syncData"), count("syncDirectory")];
  };
  const content = Buffer.alloc(300_000, 1);
  const free = { onlyIfAbsent: true };

  // Two new directories, whose parents are synced.
  assert.deepEqual(await syncsOf(() => putContent(store, "uploads/aa1", content, free)), [1, 3]);
  assert.deepEqual(await syncsOf(() => putContent(store, "uploads/aa2", content, free)), [1, 1]);
  assert.deepEqual(await syncsOf(() => putContent(store, "uploads/aa2", content)), [1, 1]);
  assert.deepEqual(await syncsOf(() => putContent(store, "uploads/ab1", content, free)), [1, 2]);
  const copyTo = (key: string) =>
    store.copy("uploads/aa1", key, { onlyIfAbsent: false, accept: () => undefined });
  assert.deepEqual(await syncsOf(() => copyTo("uploads/aa3")), [0, 1]);
  assert.deepEqual(await syncsOf(() => copyTo("uploads/aa2")), [0, 1]);
  const tag = (key: string) => store.setTags(key, [["tag", "1"]]);
  assert.deepEqual(await syncsOf(() => tag("uploads/aa2")), [1, 1]);
  assert.deepEqual(await syncsOf(() => getContent(store, "uploads/aa2")), [0, 0]);
  assert.deepEqual(await syncsOf(() => store.list({ prefix: "", after: "", limit: 10 })), [0, 0]);
  assert.deepEqual(await syncsOf(() => store.remove("uploads/aa1")), [0, 1]);
  assert.deepEqual(await syncsOf(() => store.remove("uploads/aa1")), [0, 1]);

  // The record; its directory's name, and its own.
  assert.deepEqual(await syncsOf(() => beginUpload(store, "uploads/aa4")), [1, 2]);
  const upload = await beginUpload(store, "uploads/aa4");
  const part = await putPart(store, upload, 1, content);
  assert.deepEqual(await syncsOf(() => putPart(store, upload, 2, content)), [1, 1]);
  assert.deepEqual(await syncsOf(() => putPart(store, upload, 2, content)), [1, 1]);
  // The list; the parts' names, their directory's, the key's, the end of the upload. However many parts.
  assert.deepEqual(await syncsOf(() => completeUpload(store, upload, [part])), [1, 4]);
  // The list again; the parts' names, their directory's, the key's.
  assert.deepEqual(await syncsOf(() => tag("uploads/aa4")), [1, 3]);
  assert.deepEqual(await syncsOf(() => getContent(store, "uploads/aa4")), [0, 0]);
  assert.deepEqual(await syncsOf(() => store.remove("uploads/aa4")), [0, 1]);
  const [aborted = assert.fail()] = await store.uploads.list("");
  assert.deepEqual(await syncsOf(() => store.uploads.abort(aborted)), [0, 1]);
});
