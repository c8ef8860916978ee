import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import {
  beginUpload,
  completeUpload,
  getContent,
  openTestStore,
  putContent,
  putInParts,
  putPart,
  testMasterKey,
} from "../testing/stored-content.ts";
import { filesBelow, temporaryDirectory } from "../testing/temporary-directory.ts";
import { waitUntil } from "../testing/wait-until.ts";
import { fileError, watchFileOperations } from "../testing/watched-file-operations.ts";
import { PartsRefusedError } from "./complete-upload.ts";
import { diskFileOperations } from "./file-operations.ts";
import { HardLinksLostError } from "./hard-links-check.ts";
import { NoSuchUploadError } from "./multipart-uploads.ts";
import { ObjectChangedError } from "./object-names.ts";
import { ObjectExistsError } from "./publish-object.ts";
import { ObjectCorruptError } from "./segment-cipher.ts";

const partsLeft = (directory: string): string[] => filesBelow(join(directory, "parts"));
const refusedAs = (code: string) => (error: unknown) =>
  error instanceof PartsRefusedError && error.code === code;

test("what goes in in parts comes out as one, in any range", async (t) => {
  const store = await openTestStore(join(await temporaryDirectory(t), "data"));
  const sizes = fc.array(fc.integer({ min: 1, max: 150_000 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (partSizes, one, other) => {
      const contents = partSizes.map((sizeBytes) => randomBytes(sizeBytes));
      const whole = Buffer.concat(contents);
      await putInParts(store, "k", contents);
      assert.ok((await getContent(store, "k"))?.equals(whole));
      const [start = 0, end = 0] = [one, other].map((at) => at % (whole.length + 1)).sort((a, b) => a - b);
      assert.ok((await getContent(store, "k", { start, end }))?.equals(whole.subarray(start, end)));
    }),
    { numRuns: 20 },
  );
});

test("completing writes a list of the parts and none of their bytes", async (t) => {
  let writtenBytes = 0;
  const { operations, calls, count } = watchFileOperations(undefined, {
    ...diskFileOperations,
    createFile: async (path) => {
      const file = await diskFileOperations.createFile(path);
      return {
        ...file,
        writeAt: (buffers, position) => {
          for (const { length } of buffers) writtenBytes += length;
          return file.writeAt(buffers, position);
        },
      };
    },
  });
  const store = await openTestStore(join(await temporaryDirectory(t), "data"), operations);
  const upload = await beginUpload(store, "k");
  const parts = [1, 2, 3].map((number) => putPart(store, upload, number, Buffer.alloc(300_000)));
  const chosen = await Promise.all(parts);
  writtenBytes = 0;
  calls.length = 0;
  await completeUpload(store, upload, chosen);
  assert.ok(writtenBytes < 2000, `${writtenBytes} bytes`);
  assert.equal(count("file.syncData"), 1);
});

test("parts last as long as one of the names of their object, whichever goes last", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  const copy = { onlyIfAbsent: false, accept: () => undefined };
  await putInParts(store, "a", [Buffer.from("one"), Buffer.from("two")]);
  await store.copy("a", "b", copy);
  await store.copy("b", "c", copy);
  await store.remove("a");
  assert.equal(String(await getContent(store, "b")), "onetwo");
  await putContent(store, "b", Buffer.from("replaced"));
  assert.equal(String(await getContent(store, "c")), "onetwo");
  assert.equal(partsLeft(directory).length, 3);
  await putInParts(store, "d", [Buffer.from("other")]);
  await store.copy("d", "c", copy);
  await store.remove("d");
  assert.equal(String(await getContent(store, "c")), "other");
  assert.equal(partsLeft(directory).length, 2);
  await store.remove("c");
  assert.deepEqual(await readdir(join(directory, "parts")), []);
});

test("a completion that is refused at the last moment leaves no parts of its own, and the upload as it was", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  const upload = await beginUpload(store, "k");
  const part = await putPart(store, upload, 1, Buffer.from("content"));
  await putContent(store, "k", Buffer.from("other"));
  const refusing = {
    onlyIfAbsent: false,
    onlyIf: () => false,
    maxObjectBytes: 100,
    accept: () => undefined,
  };
  await assert.rejects(store.uploads.complete(upload, [part], refusing), ObjectChangedError);
  assert.deepEqual(partsLeft(directory), []);
  await completeUpload(store, upload, [part]);
  assert.equal(String(await getContent(store, "k")), "content");
});

test("an object that is removed while it is read is read to its end, and then gone", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  await putInParts(store, "k", [Buffer.from("one"), Buffer.from("two")]);
  const object = await store.open("k");
  assert.ok(object);
  await store.remove("k");
  assert.equal(await store.open("k"), undefined);
  const read: Buffer[] = [];
  for await (const batch of object.read(0, 6)) read.push(...batch);
  assert.equal(String(Buffer.concat(read)), "onetwo");
  await object.close();
  assert.deepEqual(partsLeft(directory), []);
});

test("parts stay until the removal of their object's every name is durable, not only of the last", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const { promise: isFast, resolve: speedUp } = Promise.withResolvers<void>();
  let isSlow = false;
  let waiting = 0;
  const { operations } = watchFileOperations((call, path) => {
    if (!isSlow || call !== "syncDirectory" || !path.includes("d.aa")) return undefined;
    waiting += 1;
    return isFast;
  });
  const store = await openTestStore(directory, operations);
  await putInParts(store, "k/aa1", [Buffer.from("one")]);
  await store.copy("k/aa1", "k/bb1", { onlyIfAbsent: true, accept: () => undefined });
  isSlow = true;
  const removal = store.remove("k/aa1");
  await waitUntil(() => waiting === 1, "the slow sync");
  await store.remove("k/bb1");
  // A power cut here would bring k/aa1 back.
  assert.equal(partsLeft(directory).length, 2);
  speedUp();
  await removal;
  assert.deepEqual(partsLeft(directory), []);
});

test("many who copy and remove one object at the same time leave no part behind and lose none", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  await putInParts(store, "k", [Buffer.from("one"), Buffer.from("two")]);
  const copy = { onlyIfAbsent: false, accept: () => undefined };
  await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      await store.copy("k", `c${index % 4}`, copy);
      assert.ok([undefined, "onetwo"].includes((await getContent(store, `c${index % 4}`))?.toString()));
      if (index % 2 === 1) await store.remove(`c${index % 4}`);
    }),
  );
  assert.equal(String(await getContent(store, "k")), "onetwo");
  for (const key of ["k", "c0", "c1", "c2", "c3"]) await store.remove(key);
  assert.deepEqual(partsLeft(directory), []);
});

test("a part that is sent again replaces the one before", async (t) => {
  const store = await openTestStore(join(await temporaryDirectory(t), "data"));
  const upload = await beginUpload(store, "k");
  const old = await putPart(store, upload, 1, Buffer.from("old"));
  const part = await putPart(store, upload, 1, Buffer.from("new"));
  await assert.rejects(completeUpload(store, upload, [old]), refusedAs("InvalidPart"));
  await completeUpload(store, upload, [part]);
  assert.equal(String(await getContent(store, "k")), "new");
});

test("a refused completion leaves the upload as it was, and nothing else", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory, undefined, testMasterKey, 4);
  await putContent(store, "k", Buffer.from("taken"));
  const upload = await beginUpload(store, "k");
  const small = await putPart(store, upload, 1, Buffer.from("one"));
  const part = await putPart(store, upload, 2, Buffer.from("four"));
  await assert.rejects(completeUpload(store, upload, [small, part]), refusedAs("EntityTooSmall"));
  await assert.rejects(completeUpload(store, upload, [{ ...part, etag: "x" }]), refusedAs("InvalidPart"));
  await assert.rejects(completeUpload(store, upload, [{ ...part, number: 3 }]), refusedAs("InvalidPart"));
  await assert.rejects(completeUpload(store, upload, [part], true), ObjectExistsError);
  const limits = { onlyIfAbsent: false, maxObjectBytes: 3, accept: () => undefined };
  await assert.rejects(store.uploads.complete(upload, [part], limits), refusedAs("EntityTooLarge"));
  assert.deepEqual(await readdir(join(directory, "parts")), []);
  assert.deepEqual(filesBelow(join(directory, "incoming")), []);
  assert.equal(String(await getContent(store, "k")), "taken");
  await completeUpload(store, upload, [part, { ...small, number: 1 }].slice(0, 1));
  assert.equal(String(await getContent(store, "k")), "four");
});

test("an upload that is over takes no part and no completion, also one that was under way", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  const upload = await beginUpload(store, "k");
  const part = await putPart(store, upload, 1, Buffer.from("one"));
  const late = await store.uploads.receivePart(upload, 2, { sizeBytes: 0, withMd5: false });
  await late.finish();
  await store.uploads.abort(upload);
  await assert.rejects(late.publish(), NoSuchUploadError);
  await assert.rejects(completeUpload(store, upload, [part]), NoSuchUploadError);
  await assert.rejects(store.uploads.abort(upload), NoSuchUploadError);
  await assert.rejects(store.uploads.find("k", upload.uploadId), NoSuchUploadError);
  assert.deepEqual(await readdir(join(directory, "uploads")), []);
  assert.deepEqual(await readdir(join(directory, "parts")), []);
  assert.deepEqual(filesBelow(join(directory, "incoming")), []);
});

test("parts and uploads are listed a page at a time, in order", async (t) => {
  const store = await openTestStore(join(await temporaryDirectory(t), "data"));
  const upload = await beginUpload(store, "b");
  for (const number of [10_000, 2, 7]) await putPart(store, upload, number, Buffer.alloc(number));
  const first = await store.uploads.listParts(upload, { after: 0, limit: 2 });
  assert.deepEqual([first.parts.map(({ number }) => number), first.isTruncated], [[2, 7], true]);
  const rest = await store.uploads.listParts(upload, { after: 7, limit: 2 });
  assert.deepEqual([rest.parts.map(({ sizeBytes }) => sizeBytes), rest.isTruncated], [[10_000], false]);
  const again = await beginUpload(store, "b");
  await beginUpload(store, "a");
  const uploads = await store.uploads.list("");
  assert.deepEqual(
    uploads.map(({ key }) => key),
    ["a", "b", "b"],
  );
  assert.deepEqual(
    new Set((await store.uploads.list("b")).map(({ uploadId }) => uploadId)),
    new Set([upload.uploadId, again.uploadId]),
  );
});

test("a part given for another, cut or missing is noticed", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  await putInParts(store, "k", [Buffer.from("one"), Buffer.from("two")]);
  const paths = partsLeft(directory).sort();
  const [one = "", two = ""] = paths;
  const sealed = await readFile(one);
  await writeFile(one, await readFile(two));
  await assert.rejects(getContent(store, "k"), ObjectCorruptError);
  await writeFile(one, sealed.subarray(0, -1));
  await assert.rejects(getContent(store, "k"), ObjectCorruptError);
  assert.equal(String(await getContent(store, "k", { start: 3, end: 6 })), "two");
  await writeFile(one, sealed);
  assert.equal(String(await getContent(store, "k")), "onetwo");
  await diskFileOperations.remove(one);
  await assert.rejects(getContent(store, "k"), ObjectCorruptError);
});

test("parts that could not be removed are by the next start or sweep, and what is used is not", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  let isBroken = false;
  const { operations } = watchFileOperations((call, path) => {
    if (isBroken && call === "remove" && path.includes("/parts/")) throw fileError("EIO");
  });
  const store = await openTestStore(directory, operations);
  await putInParts(store, "kept", [Buffer.from("two")]);
  for (const clean of [() => openTestStore(directory, operations), () => store.sweep()]) {
    await putInParts(store, "gone", [Buffer.from("one")]);
    isBroken = true;
    await store.remove("gone");
    isBroken = false;
    assert.equal(partsLeft(directory).length, 4);
    await clean();
    assert.equal(partsLeft(directory).length, 2);
    assert.equal(String(await getContent(store, "kept")), "two");
  }
});

test("a directory that was copied without its hard links is refused, and nothing in it removed", async (t) => {
  const parent = await temporaryDirectory(t);
  const store = await openTestStore(join(parent, "data"));
  await putInParts(store, "k", [Buffer.from("one")]);
  await cp(join(parent, "data"), join(parent, "copied"), { recursive: true });
  await assert.rejects(openTestStore(join(parent, "copied")), HardLinksLostError);
  assert.equal(partsLeft(join(parent, "copied")).length, 2);
});

test("the ETag is the MD5 of the parts' ETags", async (t) => {
  const store = await openTestStore(join(await temporaryDirectory(t), "data"));
  const upload = await beginUpload(store, "k");
  const one = await putPart(store, upload, 1, Buffer.from("one"));
  const two = await putPart(store, upload, 2, Buffer.from("two"));
  const md5 = createHash("md5")
    .update(one.etag + two.etag, "hex")
    .digest("hex");
  assert.equal((await completeUpload(store, upload, [one, two])).etag, `${md5}-2`);
});

test("an upload that ends while its parts are listed is none any more, rather than one without parts", async (t) => {
  let whenEmptied: () => Promise<void> = async () => undefined;
  const { operations } = watchFileOperations(async (call) => {
    if (call === "removeDirectory") await whenEmptied();
  });
  const store = await openTestStore(join(await temporaryDirectory(t), "data"), operations);
  const upload = await beginUpload(store, "k");
  const chosen = [await putPart(store, upload, 1, Buffer.from("content"))];
  const seen: unknown[] = [];
  whenEmptied = async () => {
    seen.push(
      await store.uploads.listParts(upload, { after: 0, limit: 10 }).catch((error: unknown) => error),
    );
  };
  await completeUpload(store, upload, chosen);
  assert.ok(seen.length === 1 && seen[0] instanceof NoSuchUploadError, JSON.stringify(seen));
});
