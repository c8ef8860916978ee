import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { sampleDigest } from "./sample-digest.ts";

test("tells files of one size apart by their beginning, their end or what is between", async (t) => {
  const absolutePath = join(await temporaryFolder(t), "file.bin");
  const bytes = Buffer.alloc(21_000_000, 1);
  const digest = async () => {
    await writeFile(absolutePath, bytes);
    return sampleDigest({ absolutePath, path: "file.bin", sizeBytes: bytes.length });
  };
  const digests = [await digest(), await digest()];
  assert.equal(digests[0], digests[1]);
  for (const at of [0, bytes.length - 1]) {
    bytes[at] = 2;
    digests.push(await digest());
  }
  bytes.fill(3, 10_000_000, 11_000_000);
  digests.push(await digest());
  assert.equal(new Set(digests).size, 4);
});

test("says which file can't be read", async () => {
  await assert.rejects(sampleDigest({ absolutePath: "/nowhere/file.bin", path: "file.bin", sizeBytes: 1 }), {
    code: "file-unreadable",
  });
});
