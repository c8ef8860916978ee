import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { getContent, openTestStore, putContent } from "../testing/stored-content.ts";
import { filesBelow, temporaryDirectory } from "../testing/temporary-directory.ts";
import { watchFileOperations } from "../testing/watched-file-operations.ts";
import { MasterKeyMismatchError } from "./master-key-check.ts";
import { segmentOffset } from "./object-file.ts";
import { ObjectExistsError } from "./publish-object.ts";
import { ObjectCorruptError, segmentBytes } from "./segment-cipher.ts";

const patterned = (sizeBytes: number): Buffer => {
  const content = Buffer.alloc(sizeBytes);
  for (let index = 0; index < sizeBytes; index += 1) content[index] = (index * 31 + (index >> 8)) & 0xff;
  return content;
};

/** Sizes at and around the edges of segments and of what one read or write takes. */
const edgySize = fc
  .tuple(fc.constantFrom(0, 1, 2, 4, 5, 8, 9), fc.integer({ min: -17, max: 17 }))
  .map(([segments, extra]) => Math.max(0, segments * segmentBytes + extra));

test("what goes in comes out, whatever its size and however it arrives", async (t) => {
  const store = await openTestStore(join(await temporaryDirectory(t), "data"));
  await fc.assert(
    fc.asyncProperty(edgySize, fc.integer({ min: 1000, max: 200_000 }), async (sizeBytes, chunkBytes) => {
      const content = patterned(sizeBytes);
      await putContent(store, "k", content, { chunkBytes });
      assert.ok((await getContent(store, "k"))?.equals(content));
      const object = await store.open("k");
      assert.equal(object?.metadata.sizeBytes, sizeBytes);
      assert.equal(object?.metadata.sha256, createHash("sha256").update(content).digest("hex"));
      await object?.close();
    }),
    { numRuns: 60 },
  );
});

test("any range is the same bytes of the content", async (t) => {
  const store = await openTestStore(join(await temporaryDirectory(t), "data"));
  const content = patterned(9 * segmentBytes + 100);
  await putContent(store, "k", content);
  await fc.assert(
    fc.asyncProperty(edgySize, edgySize, async (one, other) => {
      const start = Math.min(one, other, content.length);
      const end = Math.min(Math.max(one, other), content.length);
      assert.ok((await getContent(store, "k", { start, end }))?.equals(content.subarray(start, end)));
    }),
    { numRuns: 60 },
  );
});

test("a range reads only the segments that it touches", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const { operations, calls } = watchFileOperations();
  const store = await openTestStore(directory, operations);
  const content = patterned(20 * segmentBytes);
  await putContent(store, "k", content);
  // Spoil all of the file but the header and segment 10.
  const [path = ""] = filesBelow(join(directory, "objects"));
  const file = await readFile(path);
  file.fill(0, segmentOffset(0), segmentOffset(10));
  file.fill(0, segmentOffset(11));
  await writeFile(path, file);
  calls.length = 0;
  const range = { start: 10 * segmentBytes, end: 11 * segmentBytes };
  assert.ok((await getContent(store, "k", range))?.equals(content.subarray(range.start, range.end)));
  assert.equal(calls.filter((call) => call === "file.readAt").length, 2);
});

/** Reads everything that an attempt on the file left readable; it must be the original or an error. */
async function readsTrueOrFails(store: Awaited<ReturnType<typeof openTestStore>>, original: Buffer) {
  try {
    const content = await getContent(store, "k");
    assert.ok(content?.equals(original), "wrong bytes were given out");
    return "true";
  } catch (error) {
    assert.ok(error instanceof ObjectCorruptError, String(error));
    return "failed";
  }
}

test("a file with any byte changed is never read as something else", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  const content = patterned(50);
  await putContent(store, "k", content);
  const [path = ""] = filesBelow(join(directory, "objects"));
  const file = await readFile(path);
  for (let index = 0; index < file.length; index += 1) {
    const changed = Buffer.from(file);
    changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8));
    await writeFile(path, changed);
    assert.equal(await readsTrueOrFails(store, content), "failed", `byte ${index}`);
  }
});

test("a file of many segments with a byte changed, cut or grown anywhere is never read as something else", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  const content = patterned(6 * segmentBytes + 7);
  await putContent(store, "k", content);
  const [path = ""] = filesBelow(join(directory, "objects"));
  const file = await readFile(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(file.length - 1), fc.constantFrom("flip", "cut", "grow"), async (at, how) => {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ 0x80;
      await writeFile(
        path,
        how === "flip"
          ? changed
          : how === "cut"
            ? file.subarray(0, at)
            : Buffer.concat([file, file.subarray(at)]),
      );
      assert.equal(await readsTrueOrFails(store, content), "failed");
    }),
    { numRuns: 40 },
  );
  for (let segments = 0; segments <= 6; segments += 1) {
    await writeFile(path, file.subarray(0, segmentOffset(segments)));
    assert.equal(await readsTrueOrFails(store, content), "failed");
  }
});

test("segments that were reordered, or come from another object, are not read", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  const content = patterned(3 * segmentBytes);
  await putContent(store, "other", content);
  const [otherPath = ""] = filesBelow(join(directory, "objects"));
  const other = await readFile(otherPath);
  await putContent(store, "k", content);
  const path = filesBelow(join(directory, "objects")).find((name) => name !== otherPath) ?? "";
  const file = await readFile(path);
  const segment = (source: Buffer, index: number) =>
    source.subarray(segmentOffset(index), segmentOffset(index + 1));
  const header = (source: Buffer) => source.subarray(0, segmentOffset(0));
  for (const forged of [
    [header(file), segment(file, 1), segment(file, 0), segment(file, 2)],
    [header(file), segment(file, 0), segment(file, 2), segment(file, 1)],
    [header(file), segment(file, 0), segment(other, 1), segment(file, 2)],
    [header(other), segment(file, 0), segment(file, 1), segment(file, 2)],
  ]) {
    await writeFile(path, Buffer.concat(forged));
    assert.equal(await readsTrueOrFails(store, content), "failed");
  }
});

test("what lies on the disk does not show the content", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  await putContent(store, "k", Buffer.from("a sentence that nobody else may read"));
  for (const path of filesBelow(directory)) assert.ok(!(await readFile(path)).includes("sentence"));
});

test("of many objects published at the same time under a free key exactly one is", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  const contents = Array.from({ length: 16 }, () => randomBytes(1000));
  const outcomes = await Promise.allSettled(
    contents.map((content) => putContent(store, "uploads/abc", content, { onlyIfAbsent: true })),
  );
  const winners = outcomes.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : []));
  assert.equal(winners.length, 1);
  for (const outcome of outcomes)
    if (outcome.status === "rejected") assert.ok(outcome.reason instanceof ObjectExistsError);
  assert.ok((await getContent(store, "uploads/abc"))?.equals(contents[winners[0] ?? -1] ?? Buffer.of()));
  assert.equal(filesBelow(join(directory, "incoming")).length, 0);
});

test("whoever reads while an object is replaced gets one of the two, whole", async (t) => {
  const store = await openTestStore(join(await temporaryDirectory(t), "data"));
  const contents = [1, 2].map((fill) => Buffer.alloc(300_000 * fill, fill));
  await putContent(store, "k", contents[0] ?? Buffer.of());
  let isWriting = true;
  const writing = (async () => {
    for (let round = 0; round < 20; round += 1)
      await putContent(store, "k", contents[round % 2] ?? Buffer.of());
    isWriting = false;
  })();
  while (isWriting) {
    const content = await getContent(store, "k");
    assert.ok(contents.some((whole) => content?.equals(whole)));
  }
  await writing;
});

test("a copy is the same object under a second key, and outlives its source", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  const content = patterned(100_000);
  await putContent(store, "uploads/a", content);
  const copied = await store.copy("uploads/a", "files/b", { onlyIfAbsent: true, accept: () => undefined });
  assert.equal(copied?.sizeBytes, content.length);
  await store.remove("uploads/a");
  assert.equal(await getContent(store, "uploads/a"), undefined);
  assert.ok((await getContent(store, "files/b"))?.equals(content));
  assert.equal(filesBelow(join(directory, "incoming")).length, 0);
});

test("a copy onto a taken key replaces it, or is refused; onto a copy of itself it changes nothing", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  const accept = () => undefined;
  await putContent(store, "a", Buffer.from("new"));
  await putContent(store, "b", Buffer.from("old"));
  await assert.rejects(store.copy("a", "b", { onlyIfAbsent: true, accept }), ObjectExistsError);
  assert.equal(String(await getContent(store, "b")), "old");
  for (let times = 0; times < 2; times += 1) await store.copy("a", "b", { onlyIfAbsent: false, accept });
  assert.equal(String(await getContent(store, "b")), "new");
  assert.equal(await store.copy("missing", "c", { onlyIfAbsent: false, accept }), undefined);
  assert.equal(filesBelow(join(directory, "incoming")).length, 0);
});

test("a corrupt object is not copied", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  await putContent(store, "a", Buffer.from("content"));
  const [path = ""] = filesBelow(join(directory, "objects"));
  const file = await readFile(path);
  file[100] = (file[100] ?? 0) ^ 1;
  await writeFile(path, file);
  await assert.rejects(
    store.copy("a", "b", { onlyIfAbsent: true, accept: () => undefined }),
    ObjectCorruptError,
  );
  assert.equal(await store.exists("b"), false);
  assert.equal(filesBelow(join(directory, "incoming")).length, 0);
});

test("removing takes an object away, and is the same where there is none", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  await putContent(store, "a/b", Buffer.from("content"));
  await store.remove("a/b");
  await store.remove("a/b");
  await store.remove("never/was");
  assert.equal(await store.exists("a/b"), false);
  assert.equal(filesBelow(join(directory, "objects")).length, 0);
});

test("a listing goes on where the page before ended, and sees each object once", async (t) => {
  const store = await openTestStore(join(await temporaryDirectory(t), "data"));
  const keys = ["a", "a/b", "a/bc", "a/bcd", "a0", "B", "é", "x/1", "x/10", "x/2"];
  for (const key of keys) await putContent(store, key, Buffer.from(key));
  const seen: string[] = [];
  for (let after = ""; ; ) {
    const page = await store.list({ prefix: "", after, limit: 3 });
    seen.push(...page.objects.map((object) => object.key));
    if (!page.isTruncated) break;
    after = page.last ?? "";
  }
  assert.deepEqual(
    seen,
    keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
  const [found] = (await store.list({ prefix: "x/10", after: "", limit: 10 })).objects;
  assert.deepEqual([found?.key, found?.sizeBytes], ["x/10", 4]);
  assert.deepEqual((await store.list({ prefix: "", after: "", limit: 0 })).objects, []);
});

test("a corrupt object is listed, without what its header would have said", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  await putContent(store, "k", patterned(70_000));
  const [path = ""] = filesBelow(join(directory, "objects"));
  await writeFile(path, (await readFile(path)).fill(0, 0, 8));
  const { objects } = await store.list({ prefix: "", after: "", limit: 10 });
  assert.deepEqual(
    objects.map(({ key, sizeBytes, etag }) => [key, sizeBytes, etag]),
    [["k", 70_000, undefined]],
  );
});

test("another master key than the first one is refused at the start", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  await openTestStore(directory);
  await openTestStore(directory);
  await assert.rejects(openTestStore(directory, undefined, new Uint8Array(32)), MasterKeyMismatchError);
});

test("what a dead process left in the middle of an upload is removed at the start, what a live one writes is not", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  await openTestStore(directory);
  const names = { abandoned: "4194999-0-dead", alive: `${process.ppid}-0-alive`, foreign: "something" };
  for (const name of Object.values(names)) await writeFile(join(directory, "incoming", name), "part");
  await openTestStore(directory);
  assert.deepEqual(filesBelow(join(directory, "incoming")), [join(directory, "incoming", names.alive)]);
});
