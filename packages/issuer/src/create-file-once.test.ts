import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createFileOnce } from "./create-file-once.ts";

test("of many creators one wins, and all that is there is its file, whole and private", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "stowage-issuer-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "file");
  const contents = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(10_000));
  const won = await Promise.all(contents.map((each) => createFileOnce(path, each)));
  assert.equal(won.filter(Boolean).length, 1);
  assert.equal(readFileSync(path, "utf8"), contents[won.indexOf(true)]);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(directory), ["file"]);
});

test("a failure to write is told and leaves nothing behind", async () => {
  await assert.rejects(createFileOnce(join(tmpdir(), "stowage-not-there", "file"), "x"), { code: "ENOENT" });
});
