import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { displayWidth, fitColumns } from "./display-width.ts";

test("counts columns, not characters", () => {
  for (const [text, columns] of [
    ["abc", 3],
    ["写真", 4],
    ["e\u0301", 1],
    ["👩‍🚀", 2],
    ["🇳🇱x", 3],
    ["", 0],
  ] as const)
    assert.equal(displayWidth(text), columns, text);
});

test("shortens in the middle, so that beginning and extension stay", () => {
  assert.equal(fitColumns("holiday-in-the-mountains.jpg", 13), "holida…ns.jpg");
  assert.equal(fitColumns("写真写真写真.jpg", 9), "写真….jpg");
  assert.equal(fitColumns("a", 4), "a   ");
});

test("always takes exactly the columns that it was given", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 30 }),
      fc.integer({ min: 1, max: 40 }),
      (text, columns) => {
        assert.equal(displayWidth(fitColumns(text, columns)), columns);
      },
    ),
  );
});
