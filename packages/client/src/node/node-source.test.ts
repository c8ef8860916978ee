import assert from "node:assert/strict";
import { appendFile, mkdir, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { temporaryFolder } from "../testing/temporary-folder.contract.ts";
import { nodeSource } from "./node-source.ts";

test("says of a file its name, its size, and by its first bytes what it is", async (t) => {
  const path = join(await temporaryFolder(t), "misnamed.txt");
  await writeFile(path, "%PDF-1.7 and more");
  const source = await nodeSource(path);
  assert.equal(source.name, "misnamed.txt");
  assert.equal(source.sizeBytes, 17);
  assert.equal(source.contentType, "application/pdf");
  assert.equal(source.mtimeNs, (await stat(path, { bigint: true })).mtimeNs);
  assert.equal(await text(source.body()), "%PDF-1.7 and more");
});

test("takes another name and type, and a path below a folder", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "a.bin"), "words");
  const source = await nodeSource(join(basename(folder), "a.bin"), {
    cwd: dirname(folder),
    name: "minutes.md",
    contentType: "text/x-minutes",
  });
  assert.deepEqual([source.name, source.contentType], ["minutes.md", "text/x-minutes"]);
  assert.equal(source.absolutePath, join(folder, "a.bin"));
  assert.equal((await nodeSource(source.absolutePath, { name: "minutes.md" })).contentType, "text/markdown");
});

test("sends what it saw, and not what a file has grown by", async (t) => {
  const path = join(await temporaryFolder(t), "log.txt");
  await writeFile(path, "words");
  const stats = await stat(path, { bigint: true });
  await appendFile(path, " and more");
  const source = await nodeSource(path, { stats });
  assert.equal(await text(source.body()), "words");
  await assert.rejects(source.part(0, 5), { code: "file-changed" });
});

test("says that there is no file", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "below"));
  for (const path of [join(folder, "none.txt"), join(folder, "below")])
    await assert.rejects(nodeSource(path), { name: "FileUnreadableError", code: "file-unreadable" });
});
