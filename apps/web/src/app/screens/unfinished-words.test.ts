import assert from "node:assert/strict";
import { test } from "node:test";
import { unfinishedWords } from "./unfinished-words.ts";

for (const [files, kept, expected] of [
  [1, 1, "One file has not arrived. It is kept on this device and goes on when you sign in here again."],
  [3, 3, "3 files have not arrived. They are kept on this device and go on when you sign in here again."],
  [1, 0, "One file has not arrived: sign in again and add it once more."],
  [
    3,
    2,
    "3 files have not arrived. 2 are kept on this device and go on when you sign in here again; add the other once more.",
  ],
] as const)
  test(`of ${files} that have not arrived, ${kept} are kept: who was signed out reads what to do`, () => {
    assert.equal(unfinishedWords({ files, kept }), expected);
  });
