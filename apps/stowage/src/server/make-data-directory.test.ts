import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { makeCacheDirectory, makeDataDirectory } from "./make-data-directory.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stowage-data-directory-"));
});
afterEach(() => rmSync(root, { recursive: true }));

test("what is missing on the way is made, for its owner only, and again changes nothing", async () => {
  const directory = join(root, "a", "b", "c");
  await makeDataDirectory(directory);
  await makeDataDirectory(directory);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
});

test("a file in the way is told", async () => {
  writeFileSync(join(root, "file"), "");
  await assert.rejects(makeDataDirectory(join(root, "file", "data")), /can't be made \(ENOTDIR\)/);
  await assert.rejects(makeDataDirectory(join(root, "file")), /can't be made \(EEXIST\)/);
});

test("a file system that makes nothing is told, and not asked for ever", {
  skip: process.platform !== "linux",
}, async () => {
  await assert.rejects(makeDataDirectory("/proc/stowage/data"), /\/proc\/stowage\/data can't be made/);
});

test("the cache is its owner's alone, also one that was there for everybody", {
  skip: process.platform === "win32",
}, async () => {
  const cache = join(root, "cache");
  assert.equal(await makeCacheDirectory(root), cache);
  assert.equal(statSync(cache).mode & 0o777, 0o700);
  chmodSync(cache, 0o777);
  await makeCacheDirectory(root);
  assert.equal(statSync(cache).mode & 0o777, 0o700);
});
