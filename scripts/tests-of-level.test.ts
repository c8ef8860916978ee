import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isLeftByDefault, patternsOfLevel } from "./tests-of-level.ts";

const root = join(import.meta.dirname, "..");
const filesOf = (level: string): string[] => globSync([...(patternsOfLevel(level) ?? [])], { cwd: root });

test("each level has all files of the one before it", () => {
  const [quick = [], standard = [], full = []] = ["quick", "default", "full"].map(filesOf);
  assert.ok(quick.length > 100 && quick.length < standard.length && standard.length < full.length);
  assert.deepEqual(
    [quick.filter((file) => !standard.includes(file)), standard.filter((file) => !full.includes(file))],
    [[], []],
  );
  assert.equal(patternsOfLevel("everything"), undefined);
});

test("what remains after the default level is what is of the full one alone, or does more there", () => {
  const standard = new Set(filesOf("default"));
  const left = filesOf("full").filter((file) =>
    isLeftByDefault(file, readFileSync(join(root, file), "utf8")),
  );
  assert.deepEqual(
    left.filter((file) => !standard.has(file)).sort(),
    filesOf("full")
      .filter((file) => !standard.has(file))
      .sort(),
  );
  for (const file of ["acceptance/src/kills/kills.test-full.ts", "packages/inspect/src/hostile.test-slow.ts"])
    assert.ok(left.includes(file), file);
  assert.ok(!left.includes("scripts/group-tests.test.ts"));
});
