import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLineOfText } from "./line-of-text.ts";

test("a name keeps its script and its joiners, in NFC, without space around it", () => {
  assert.deepEqual(parseLineOfText("  Zoe\u0308 علی\u200cرضا 👩‍🔬\n", 200), {
    value: "Zoë علی\u200cرضا 👩‍🔬",
  });
});

test("length is counted in code points", () => {
  assert.deepEqual(parseLineOfText("👍".repeat(5), 5), { value: "👍".repeat(5) });
  assert.deepEqual(parseLineOfText("👍".repeat(6), 5), { problem: "is longer than 5 characters" });
});

test("nothing but space is empty", () => {
  assert.deepEqual(parseLineOfText(" \t\r\n", 5), { problem: "is empty" });
});

for (const [what, text] of [
  ["a line break", "a\r\nb"],
  ["a NUL", "a\0b"],
  ["a terminal escape", "a\u001b[2Jb"],
  ["a line separator", "a\u2028b"],
  ["a bidi override", "a\u202eb"],
  ["a lone surrogate", "a\ud800b"],
] as const)
  test(`${what} within is refused`, () => {
    assert.ok("problem" in parseLineOfText(text, 200));
  });
