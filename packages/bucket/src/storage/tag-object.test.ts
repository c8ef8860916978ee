import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { getContent, openTestStore, putContent, putInParts } from "../testing/stored-content.ts";
import { filesBelow, temporaryDirectory } from "../testing/temporary-directory.ts";
import { diskFileOperations, type FileOperations } from "./file-operations.ts";
import type { ObjectTag } from "./object-file.ts";
import { ObjectChangedError } from "./object-names.ts";
import { ObjectCorruptError } from "./segment-cipher.ts";

const tags: readonly ObjectTag[] = [
  ["colour", "grün"],
  ["empty", ""],
];

test("an object gets tags, others and none, and is otherwise the same", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  const content = randomBytes(300_000);
  await putContent(store, "k", content);
  const before = await store.metadataOf("k");
  for (const given of [tags, [["other", "1"]] as const, undefined]) {
    assert.ok(await store.setTags("k", given));
    assert.deepEqual(await store.metadataOf("k"), { ...before, ...(given && { tags: given }) });
    assert.ok((await getContent(store, "k"))?.equals(content));
  }
  assert.deepEqual(filesBelow(join(directory, "incoming")), []);
  assert.equal(await store.setTags("none", tags), undefined);
  assert.equal(await store.exists("none"), false);
});

test("an object in parts gets tags without its parts being copied, and its copy keeps its own", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  const parts = [randomBytes(200_000), randomBytes(10)];
  const whole = Buffer.concat(parts);
  await putInParts(store, "k", parts);
  const before = await store.metadataOf("k");
  await store.copy("k", "copy", { onlyIfAbsent: true, accept: () => undefined });
  const inodesOf = async (name: string): Promise<Set<number>> => {
    const files = filesBelow(join(directory, "parts")).filter((path) => path.endsWith(name));
    return new Set(await Promise.all(files.map(async (path) => (await stat(path)).ino)));
  };
  await store.setTags("k", tags);
  assert.equal((await inodesOf("00001")).size, 1);
  assert.equal((await inodesOf("anchor")).size, 2);
  const { parts: place, ...after } = (await store.metadataOf("k")) ?? assert.fail();
  const { parts: oldPlace, ...old } = before ?? assert.fail();
  assert.deepEqual(after, { ...old, tags });
  assert.notEqual(place?.directory, oldPlace?.directory);
  assert.deepEqual(await store.metadataOf("copy"), before);
  for (const key of ["k", "copy"]) {
    assert.ok((await getContent(store, key))?.equals(whole));
    await store.remove(key);
  }
  assert.deepEqual(filesBelow(join(directory, "parts")), []);
  assert.deepEqual(filesBelow(join(directory, "incoming")), []);
});

/** Does `meanwhile` each time when one of the first `count` files was begun: of what was read, but not yet replaced. */
function interrupting(count: number, meanwhile: (call: number) => Promise<unknown>): FileOperations {
  let calls = 0;
  let isWithin = false;
  return {
    ...diskFileOperations,
    createFile: async (path) => {
      const file = await diskFileOperations.createFile(path);
      if (isWithin || calls >= count) return file;
      calls += 1;
      isWithin = true;
      await meanwhile(calls);
      isWithin = false;
      return file;
    },
  };
}

for (const inParts of [false, true])
  test(`what is written while tags are being set is kept and gets them (${inParts ? "in parts" : "in one"})`, async (t) => {
    const directory = join(await temporaryDirectory(t), "data");
    const store = await openTestStore(directory);
    const put = async (content: string): Promise<void> => {
      if (inParts) await putInParts(store, "k", [Buffer.from(content), Buffer.from("end")]);
      else await putContent(store, "k", Buffer.from(`${content}end`));
    };
    await put("old");
    const interrupted = await openTestStore(
      directory,
      interrupting(3, (call) => put(`new${call}`)),
    );
    assert.ok(await interrupted.setTags("k", tags));
    assert.equal(String(await getContent(store, "k")), "new3end");
    assert.deepEqual((await store.metadataOf("k"))?.tags, tags);
    await store.remove("k");
    assert.deepEqual(filesBelow(join(directory, "parts")), []);
  });

test("an object that is removed while it is tagged does not come back", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  await putInParts(store, "k", [Buffer.from("content")]);
  const interrupted = await openTestStore(
    directory,
    interrupting(1, () => store.remove("k")),
  );
  assert.equal(await interrupted.setTags("k", tags), undefined);
  assert.equal(await store.exists("k"), false);
  for (const root of ["parts", "incoming", "objects"])
    assert.deepEqual(
      filesBelow(join(directory, root)).filter((path) => !path.includes("check")),
      [],
    );
});

test("whoever is always overtaken is told so, and nothing is left of it", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  await putContent(store, "k", Buffer.from("old"));
  const operations = interrupting(1000, (call) => putContent(store, "k", Buffer.from(`new${call}`)));
  const interrupted = await openTestStore(directory, operations);
  await assert.rejects(interrupted.setTags("k", tags), ObjectChangedError);
  assert.equal((await store.metadataOf("k"))?.tags, undefined);
  assert.deepEqual(filesBelow(join(directory, "incoming")), []);
});

test("a damaged object is not made whole by tags", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const store = await openTestStore(directory);
  await putContent(store, "k", randomBytes(100_000));
  const damaging: FileOperations = {
    ...diskFileOperations,
    openFile: async (path) => {
      const file = await diskFileOperations.openFile(path);
      const readAt: typeof file.readAt = async (into, position) => {
        const read = await file.readAt(into, position);
        if (position > 0) into[0] = (into[0] ?? 0) ^ 1;
        return read;
      };
      return { ...file, readAt };
    },
  };
  const damaged = await openTestStore(directory, damaging);
  await assert.rejects(damaged.setTags("k", tags), ObjectCorruptError);
  assert.deepEqual(filesBelow(join(directory, "incoming")), []);
  assert.equal((await store.metadataOf("k"))?.tags, undefined);
});
