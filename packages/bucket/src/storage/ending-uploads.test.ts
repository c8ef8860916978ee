import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  beginUpload,
  completeUpload,
  getContent,
  openTestStore,
  putContent,
  putInParts,
  putPart,
} from "../testing/stored-content.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { fileError } from "../testing/watched-file-operations.ts";
import { diskFileOperations, type FileOperations } from "./file-operations.ts";
import { NoSuchUploadError } from "./multipart-uploads.ts";

/** The machine's disk, on which the first call that `isIt` waits until it is let go. */
function pausingDisk(name: "link" | "rename", isIt: (to: string) => boolean) {
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const operations: FileOperations = {
    ...diskFileOperations,
    async [name](from: string, to: string) {
      if (isIt(to)) {
        reached.resolve();
        await goOn.promise;
      }
      await diskFileOperations[name](from, to);
    },
  };
  return { operations, reached: reached.promise, goOn: goOn.resolve };
}

test("of an abort and a completion at the same time one is told that it worked", async (t) => {
  const isObject = (to: string): boolean => to.endsWith("o.k");
  const { operations, reached, goOn } = pausingDisk("rename", isObject);
  const store = await openTestStore(join(await temporaryDirectory(t), "data"), operations);
  const upload = await beginUpload(store, "k");
  const part = await putPart(store, upload, 1, Buffer.from("content"));
  const completing = completeUpload(store, upload, [part]);
  await reached;
  const aborting = assert.rejects(store.uploads.abort(upload), NoSuchUploadError);
  goOn();
  await completing;
  await aborting;
  assert.equal(String(await getContent(store, "k")), "content");
});

test("who completes an upload that another process completes meanwhile is told that there is none", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const { operations, reached, goOn } = pausingDisk("link", (to) => to.endsWith("00001"));
  const store = await openTestStore(directory, operations);
  const other = await openTestStore(directory);
  const upload = await beginUpload(store, "k");
  const part = await putPart(store, upload, 1, Buffer.from("content"));
  const completing = assert.rejects(completeUpload(store, upload, [part]), NoSuchUploadError);
  await reached;
  await completeUpload(other, upload, [part]);
  goOn();
  await completing;
  assert.equal((await readdir(join(directory, "parts"))).length, 1);
});

test("pages of parts end, also where all of a page are damaged", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  const upload = await beginUpload(store, "k");
  for (const number of [1, 2, 3]) await putPart(store, upload, number, Buffer.from("content"));
  const path = join(directory, "uploads", upload.uploadId, "00001");
  const damaged = await readFile(path);
  damaged[500] = (damaged[500] ?? 0) ^ 1;
  await writeFile(path, damaged);
  const page = await store.uploads.listParts(upload, { after: 0, limit: 1 });
  assert.deepEqual(page, { parts: [], isTruncated: true, last: 1 });
});

test("an object in parts is read, and not copied, where its file has as many names as it may", async (t) => {
  let isFull = false;
  const operations: FileOperations = {
    ...diskFileOperations,
    link: async (from, to) => {
      if (isFull) throw fileError("EMLINK");
      await diskFileOperations.link(from, to);
    },
  };
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory, operations);
  await putInParts(store, "k", [Buffer.from("content")]);
  await putContent(store, "other", Buffer.from("other"));
  isFull = true;
  assert.equal(String(await getContent(store, "k")), "content");
  const copying = store.copy("other", "copy", { onlyIfAbsent: false, accept: () => undefined });
  await assert.rejects(copying, { code: "EMLINK" });
  assert.deepEqual(await readdir(join(directory, "incoming")), []);
});
