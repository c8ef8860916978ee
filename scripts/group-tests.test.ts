import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { groupTests, ownProcess, writeGroups } from "./group-tests.ts";

test("every file is in one group, slow ones by themselves, quick ones with those of their package", () => {
  const quick = ["core", "sql"].flatMap((name) =>
    Array.from({ length: 30 }, (_, at) => `packages/${name}/src/${at}.test.ts`),
  );
  const slow = [...ownProcess, "packages/core/src/a.test-slow.ts", "acceptance/src/b.test-full.ts"];
  const groups = groupTests([...quick, ...slow]);
  assert.deepEqual(groups.flat().sort(), [...quick, ...slow].sort());
  for (const file of slow) assert.ok(groups.some((group) => group.length === 1 && group[0] === file));
  for (const group of groups) {
    assert.ok(group.length <= 12);
    assert.equal(new Set(group.map((file) => file.split("/")[1])).size, 1);
  }
  assert.ok(groups.length <= slow.length + 6, `${groups.length} groups`);
});

test("a file that is kept to itself is there", () => {
  for (const file of ownProcess) assert.ok(existsSync(join(import.meta.dirname, "..", file)), file);
});

test("files of a group keep their hooks to themselves, and one that fails fails the run by its name", () => {
  const root = mkdtempSync(join(tmpdir(), "stowage-groups-"));
  try {
    const file = (name: string, body: string): string => {
      writeFileSync(
        join(root, name),
        `import { beforeEach, test } from "node:test";
         beforeEach((context) => console.log("${name} before " + context.name));
         ${body}`,
      );
      return name;
    };
    const run = (files: string[]) => {
      const [program = ""] = writeGroups([files], { root, directory: root });
      const { NODE_TEST_CONTEXT, ...env } = process.env;
      return spawnSync(process.execPath, ["--test", "--test-reporter=tap", program], {
        cwd: root,
        env,
        encoding: "utf8",
      });
    };
    const good = [file("a.mjs", `test("one", () => {});`), file("b.mjs", `test("two", () => {});`)];
    const passed = run(good);
    assert.equal(passed.status, 0, passed.stdout);
    assert.match(passed.stdout, /# pass 2/);
    assert.match(passed.stdout, /a\.mjs before one/);
    assert.match(passed.stdout, /b\.mjs before two/);
    assert.doesNotMatch(passed.stdout, /a\.mjs before two|b\.mjs before one/);

    for (const body of [`test("three", () => { throw new Error(); });`, `throw new Error("unreadable");`]) {
      const failed = run([...good, file("c.mjs", body)]);
      assert.equal(failed.status, 1, failed.stdout);
      assert.match(failed.stdout, /not ok .* c\.mjs/);
      assert.match(failed.stdout, /# pass 2/);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
