import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sourceKey } from "./source-key.ts";

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "stowage-source-key-"));
  t.after(() => rm(made, { recursive: true, force: true }));
  await mkdir(join(made, "app"));
  await writeFile(join(made, "app", "main.tsx"), "one");
  return made;
}

test("the same content in another place has the same key", async (t) => {
  assert.equal(await sourceKey([await folder(t)], []), await sourceKey([await folder(t)], []));
});

test("a changed byte, a new file and a changed lockfile each change the key", async (t) => {
  const source = await folder(t);
  const lockfile = `${source}-lock.json`;
  t.after(() => rm(lockfile, { force: true }));
  const keys = [await sourceKey([source], [lockfile])];
  await writeFile(join(source, "app", "main.tsx"), "two");
  keys.push(await sourceKey([source], [lockfile]));
  await writeFile(join(source, "app", "more.ts"), "");
  keys.push(await sourceKey([source], [lockfile]));
  await writeFile(lockfile, "{}");
  keys.push(await sourceKey([source], [lockfile]));
  assert.equal(new Set(keys).size, 4);
});

test("tests beside the code change nothing, and a folder that is absent is empty", async (t) => {
  const source = await folder(t);
  const before = await sourceKey([source, join(source, "absent")], []);
  await writeFile(join(source, "app", "main.test.ts"), "test");
  assert.equal(await sourceKey([source, join(source, "absent")], []), before);
});
