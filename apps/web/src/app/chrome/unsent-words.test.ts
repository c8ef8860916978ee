import assert from "node:assert/strict";
import { test } from "node:test";
import { unsentWords } from "./unsent-words.ts";

for (const [unsent, expected] of [
  [
    { files: 1, kept: 1, replacing: 0 },
    "One file has not arrived yet. Kept on this device, it will go on when you sign in here again; nobody else sees it.",
  ],
  [
    { files: 5, kept: 3, replacing: 0 },
    "5 files have not arrived yet. Kept on this device, 3 of them will go on when you sign in here again; nobody else sees them. 2 are not kept here and must be added again.",
  ],
  [{ files: 2, kept: 0, replacing: 0 }, "2 files have not arrived yet. If you sign out now, they stop."],
  [{ files: 0, kept: 0, replacing: 0 }, "All uploads have ended meanwhile."],
  [{ files: 0, kept: 0, replacing: 1 }, "One new version has not arrived and will stop."],
] as const)
  test(`who signs out with ${JSON.stringify(unsent)} reads what becomes of it`, () => {
    assert.equal(unsentWords(unsent), expected);
  });
