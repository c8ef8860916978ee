import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("every small change of the predicates is noticed by their tests, or explained", () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=source", join(dirname(fileURLToPath(import.meta.url)), "mutate-policy.ts")],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  const counts = [...stdout.matchAll(/: (\d+) mutants/g)].map(([, count]) => Number(count));
  assert.ok(counts.length >= 6 && counts.reduce((sum, count) => sum + count, 0) > 400, stdout);
});
