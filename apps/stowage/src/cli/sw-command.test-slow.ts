import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Script } from "node:vm";
import { capturedRun } from "./testing/captured-run.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

test("writes a service worker that is a script of its own, and replaces its own", async (t) => {
  const cwd = await temporaryFolder(t);
  for (const args of [
    ["sw", "."],
    ["sw", ".", "--out", "worker.js"],
    ["sw", "."],
  ]) {
    const run = await capturedRun(args, { cwd });
    assert.equal(run.status, 0, run.said);
    assert.match(run.out, /\.js\n$/);
  }
  assert.deepEqual((await readdir(cwd)).sort(), ["stowage-sw.js", "worker.js"]);
  const script = await readFile(join(cwd, "stowage-sw.js"), "utf8");
  assert.match(script, /periodicsync/);
  assert.doesNotMatch(script, /^\s*(import|export)\b/m);
  assert.doesNotThrow(() => new Script(script));
});

test("replaces a file of somebody's own only by --force", async (t) => {
  const cwd = await temporaryFolder(t);
  const path = join(cwd, "stowage-sw.js");
  await writeFile(path, "self.onfetch = mine;");
  const refused = await capturedRun(["sw", "."], { cwd });
  assert.equal(refused.status, 1);
  assert.match(refused.said, /not of this command's making/);
  assert.equal(await readFile(path, "utf8"), "self.onfetch = mine;");
  assert.equal((await capturedRun(["sw", ".", "--force"], { cwd })).status, 0);
  assert.match(await readFile(path, "utf8"), /^\/\/ Stowage/);
});

test("refuses a folder that is not there, and a name that leads out of it", async (t) => {
  const cwd = await temporaryFolder(t);
  assert.equal((await capturedRun(["sw", "none"], { cwd })).status, 1);
  for (const name of ["../sw.js", "sw.html", "a/sw.js", ".js"])
    assert.equal((await capturedRun(["sw", ".", "--out", name], { cwd })).status, 2, name);
  assert.deepEqual(await readdir(cwd), []);
});
