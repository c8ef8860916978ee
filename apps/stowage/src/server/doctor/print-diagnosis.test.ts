import assert from "node:assert/strict";
import { test } from "node:test";
import { printDiagnosis } from "./print-diagnosis.ts";

test("a diagnosis is a mark, a name, its sentences and its fix, in columns", () => {
  const diagnosis = {
    check: "free-space",
    status: "failed",
    detail: "Only 12.0 MB are free on the disk that holds the data directory of Stowage.",
    fix: "Make room.",
  } as const;
  assert.deepEqual(printDiagnosis(diagnosis, 60), [
    "✗ free-space          Only 12.0 MB are free on the disk that",
    "                      holds the data directory of Stowage.",
    "                      → Make room.",
  ]);
});

test("a long name has a line of its own, and what others wrote can't move the cursor", () => {
  const check = "bucket-complete-if-none-match";
  assert.deepEqual(printDiagnosis({ check, status: "ok", detail: "a\u001b[2Jb" }, 80), [
    `✓ ${check}`,
    "                      a\\x1b[2Jb",
  ]);
});
