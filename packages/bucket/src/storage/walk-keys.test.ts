import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { watchFileOperations } from "../testing/watched-file-operations.ts";
import { diskFileOperations } from "./file-operations.ts";
import { pathComponents, toByteString } from "./key-path.ts";
import { walkKeys } from "./walk-keys.ts";

const keyText = fc
  .array(fc.constantFrom("a", "b", "ab", "/", "A", ".", "-", "0", "é", "\uffff", "😀", "x".repeat(79)), {
    minLength: 1,
    maxLength: 7,
  })
  .map((pieces) => pieces.join(""));

async function makeKeys(root: string, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const { directories, file } = pathComponents(toByteString(key));
    await mkdir(join(root, ...directories), { recursive: true });
    await writeFile(join(root, ...directories, file), "");
  }
}

test("keys come in the order of their UTF-8 bytes, from any point and under any prefix", async (t) => {
  const directory = await temporaryDirectory(t);
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(keyText, { maxLength: 25 }),
      fc.oneof(fc.constant(""), keyText),
      fc.oneof(fc.constant(""), keyText),
      async (keys, prefixText, after) => {
        round += 1;
        const root = join(directory, String(round));
        await mkdir(root);
        await makeKeys(root, keys);
        // A prefix of a key more often than not.
        const prefix = [...(keys[0] ?? prefixText)].slice(0, prefixText.length).join("");
        const expected = keys
          .filter((key) => key.startsWith(prefix) && Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)
          .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
          .map(toByteString);
        const walked: string[] = [];
        const wanted = { prefix: toByteString(prefix), after: toByteString(after) };
        for await (const { key } of walkKeys(diskFileOperations, root, wanted)) walked.push(key);
        assert.deepEqual(walked, expected);
      },
    ),
    { numRuns: 60 },
  );
});

test("a page reads only the directories that it needs", async (t) => {
  const root = await temporaryDirectory(t);
  const keys = Array.from(
    { length: 2048 },
    (_, index) => `uploads/${(index % 256).toString(16).padStart(2, "0")}${index}`,
  ).sort();
  await makeKeys(root, [...keys, "files/aa1", "other/bb2"]);
  const { operations, count } = watchFileOperations();
  const page: string[] = [];
  for await (const { key } of walkKeys(operations, root, { prefix: "uploads/", after: keys[1000] ?? "" })) {
    page.push(key);
    if (page.length === 16) break;
  }
  assert.deepEqual(page, keys.slice(1001, 1017));
  // The root, uploads/, the one that the page begins in, and two more of eight keys each.
  assert.ok(count("list") <= 5, `${count("list")} directories`);
});
