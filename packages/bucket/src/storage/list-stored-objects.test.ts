import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { openTestStore, putContent } from "../testing/stored-content.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { watchFileOperations } from "../testing/watched-file-operations.ts";
import type { DiskStore } from "./disk-store.ts";

const inOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What S3 documents, over all the keys at once. */
function modelOf(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const lines = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      return at === -1 ? key : key.slice(0, at + delimiter.length);
    });
  return [...new Set(lines)].sort(inOrder);
}

async function listAll(
  store: DiskStore,
  prefix: string,
  delimiter: string,
  limit: number,
): Promise<{ lines: string[]; pages: number }> {
  const lines: string[] = [];
  let after = "";
  for (let pages = 1; ; pages += 1) {
    const page = await store.list({ prefix, delimiter, after, limit });
    const keys = page.objects.map(({ key }) => key);
    assert.ok(keys.length + page.commonPrefixes.length <= limit);
    lines.push(...[...keys, ...page.commonPrefixes].sort(inOrder));
    if (!page.isTruncated) return { lines, pages };
    assert.ok(page.last !== undefined && (after === "" || inOrder(page.last, after) > 0));
    after = page.last;
  }
}

test("whatever the keys, delimiter and page size, a listing says what S3 documents, each thing once", async (t) => {
  const directory = await temporaryDirectory(t);
  const text = (maxLength: number, minLength = 0) =>
    fc
      .array(fc.constantFrom("a", "b", "/", "//", "ab", "é", "😀", "x".repeat(79)), { minLength, maxLength })
      .map((pieces) => pieces.join(""));
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(text(6, 1), { maxLength: 14 }),
      text(2),
      fc.constantFrom("/", "a", "b/", "é", ""),
      fc.integer({ min: 1, max: 5 }),
      async (keys, prefix, delimiter, limit) => {
        round += 1;
        const home = join(directory, String(round));
        await mkdir(home);
        const store = await openTestStore(join(home, "data"));
        for (const key of keys) await putContent(store, key, Buffer.from(key));
        const expected = modelOf(keys, prefix, delimiter);
        const { lines, pages } = await listAll(store, prefix, delimiter, limit);
        assert.deepEqual(lines, expected);
        assert.equal(pages, Math.max(1, Math.ceil(expected.length / limit)));
      },
    ),
    { numRuns: 40 },
  );
});

test("of a folder only as much is read as shows that something is in it", async (t) => {
  const { operations, count, calls } = watchFileOperations();
  const store = await openTestStore(join(await temporaryDirectory(t), "data"), operations);
  const hex = (index: number) => index.toString(16).padStart(2, "0");
  for (let index = 0; index < 100; index += 1)
    for (const folder of ["files", "photos", "uploads"])
      await putContent(store, `${folder}/${hex(index)}0123`, Buffer.of());
  await putContent(store, "readme", Buffer.of());
  calls.length = 0;
  const page = await store.list({ prefix: "", delimiter: "/", after: "", limit: 1000 });
  assert.deepEqual(page.commonPrefixes, ["files/", "photos/", "uploads/"]);
  assert.deepEqual(
    page.objects.map(({ key }) => key),
    ["readme"],
  );
  // The root, and of each folder its own directory and the first one in it.
  assert.equal(count("list"), 7);
  assert.equal(count("openFile"), 1);

  calls.length = 0;
  const rest = await store.list({ prefix: "", delimiter: "/", after: "photos/", limit: 1000 });
  assert.deepEqual([rest.commonPrefixes, rest.objects.length], [["uploads/"], 1]);
  assert.ok(count("list") <= 4, `${count("list")} directories`);
});
