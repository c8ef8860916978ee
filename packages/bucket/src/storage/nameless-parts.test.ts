import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { renameSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  beginUpload,
  completeUpload,
  getContent,
  openTestStore,
  putContent,
  putPart,
  testMasterKey,
} from "../testing/stored-content.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { diskFileOperations } from "./file-operations.ts";
import { createObjectKey } from "./object-file.ts";
import { openObject, readWhole } from "./read-object.ts";
import { ObjectCorruptError } from "./segment-cipher.ts";
import { createObjectWriter } from "./write-object.ts";

const masterKey = createSecretKey(testMasterKey);

/** Writes a file as it was written before it said whose it is. */
async function forgetName(path: string): Promise<void> {
  const named = await openObject(diskFileOperations, masterKey, path, () => true);
  const { sizeBytes, etag, contentType, createdAtMs } = named.metadata;
  const content = await readWhole(named);
  await named.close();
  const file = await diskFileOperations.createFile(`${path}.new`);
  const writer = createObjectWriter({
    file,
    objectKey: createObjectKey(masterKey),
    sizeBytes,
    withMd5: false,
  });
  await writer.push(content);
  await writer.finish();
  await writer.seal({ etag, contentType, createdAtMs });
  await file.close();
  renameSync(`${path}.new`, path);
}

test("uploads that were begun before parts and records said whose they are go on, and are read", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  const upload = await beginUpload(store, "k");
  const parts = [
    await putPart(store, upload, 1, Buffer.from("first ")),
    await putPart(store, upload, 2, Buffer.from("second")),
  ];
  for (const name of ["00001", "00002", "upload"])
    await forgetName(join(directory, "uploads", upload.uploadId, name));
  const again = await openTestStore(directory);
  assert.deepEqual(await again.uploads.find("k", upload.uploadId), upload);
  const listed = await again.uploads.listParts(upload, { after: 0, limit: 10 });
  assert.deepEqual(
    listed.parts.map(({ number, etag }) => [number, etag]),
    parts.map(({ number, etag }) => [number, etag]),
  );
  await completeUpload(again, upload, parts);
  assert.equal(String(await getContent(again, "k")), "first second");
});

test("a key's object is no such part or record, nor is one part of an object another", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  await putContent(store, "object", Buffer.from('{"key":"k","contentType":"text/html"}'));
  const object = join(directory, "objects", "o.object");
  const upload = await beginUpload(store, "k");
  const pathOf = (name: string): string => join(directory, "uploads", upload.uploadId, name);
  const parts = [
    await putPart(store, upload, 1, Buffer.from("first ")),
    await putPart(store, upload, 2, Buffer.from("second")),
  ];
  for (const name of ["00001", "00002"]) await forgetName(pathOf(name));
  await cp(object, pathOf("00003"));
  const { parts: listed } = await store.uploads.listParts(upload, { after: 0, limit: 10 });
  assert.deepEqual(
    listed.map(({ number }) => number),
    [1, 2],
  );
  const record = await readFile(pathOf("upload"));
  await writeFile(pathOf("upload"), await readFile(object));
  await assert.rejects(store.uploads.find("k", upload.uploadId), ObjectCorruptError);
  await writeFile(pathOf("upload"), record);
  // Parts are further names of the same files: what they say is changed in both places.
  const second = await readFile(pathOf("00002"));
  await completeUpload(store, upload, parts);
  const joined = (await store.metadataOf("k"))?.parts?.directory ?? assert.fail();
  await writeFile(join(directory, "parts", joined, "00001"), second);
  await assert.rejects(getContent(store, "k"), ObjectCorruptError);
});
