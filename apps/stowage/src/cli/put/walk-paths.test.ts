import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { readFiles, type WalkOptions } from "./walk-paths.ts";

async function walk(cwd: string, paths: readonly string[], recursive = true) {
  const skipped: string[] = [];
  const problems: string[] = [];
  const options: WalkOptions = {
    cwd,
    recursive,
    onSkipped: (kind, path) => skipped.push(`${kind} ${path}`),
    onProblem: (path, { code }) => problems.push(`${code} ${path}`),
  };
  const files: string[] = [];
  for await (const { path, name, sizeBytes } of readFiles(paths, options))
    files.push(`${path} ${name} ${sizeBytes}`);
  return { files: files.sort(), skipped: skipped.sort(), problems: problems.sort() };
}

async function tree(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "a", "b"), { recursive: true });
  await mkdir(join(folder, "a", ".git"));
  for (const path of ["top.png", "a/one.png", "a/b/-two 🙂.png", "a/.hidden.png", "a/.git/config"])
    await writeFile(join(folder, path), path);
  return folder;
}

test("finds what is below folders, and says what it leaves out", async (t) => {
  const folder = await tree(t);
  await symlink(join(folder, "top.png"), join(folder, "a", "link.png"));
  await symlink(join(folder, "a"), join(folder, "a", "b", "circle"));
  assert.deepEqual(await walk(folder, ["a", "top.png"]), {
    files: ["a/b/-two 🙂.png -two 🙂.png 17", "a/one.png one.png 9", "top.png top.png 7"],
    skipped: ["hidden a/.git", "hidden a/.hidden.png", "link a/b/circle", "link a/link.png"],
    problems: [],
  });
});

test("takes what a person names, also where it is hidden or a link", async (t) => {
  const folder = await tree(t);
  await symlink(join(folder, "top.png"), join(folder, "link.png"));
  const { files, problems } = await walk(folder, ["a/.hidden.png", "link.png"], false);
  assert.deepEqual(files, ["a/.hidden.png .hidden.png 13", "link.png link.png 7"]);
  assert.deepEqual(problems, []);
});

test("goes on after what can't be sent", async (t) => {
  const folder = await tree(t);
  assert.deepEqual(await walk(folder, ["nothing.png", "a", "top.png/x", "top.png"], false), {
    files: ["top.png top.png 7"],
    skipped: [],
    problems: ["file-unreadable nothing.png", "file-unreadable top.png/x", "is-folder a"],
  });
});

test("never waits at a pipe", { skip: process.platform === "win32" }, async (t) => {
  const folder = await temporaryFolder(t);
  execFileSync("mkfifo", [join(folder, "pipe")]);
  assert.deepEqual(await walk(folder, [".", "pipe"]), {
    files: [],
    skipped: ["special pipe"],
    problems: ["no-file pipe"],
  });
});
