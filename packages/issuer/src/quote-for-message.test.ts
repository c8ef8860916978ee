import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { quoteForMessage } from "./quote-for-message.ts";

test("ordinary text of any script is quoted as it is", () => {
  assert.equal(quoteForMessage("Zoë 漢字 👍"), '"Zoë 漢字 👍"');
});

test("line breaks, escapes and bidi overrides are shown, not obeyed", () => {
  assert.equal(quoteForMessage('a\r\n\u001b[31m\u202e"\\'), '"a\\u{d}\\u{a}\\u{1b}[31m\\u{202e}\\"\\\\"');
});

test("long text is cut, never between the halves of a character", () => {
  assert.equal(quoteForMessage("👍".repeat(4096)), `"${"👍".repeat(80)}…"`);
});

test("whatever the text, the quotation is one short line that prints", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 500 }), (text) => {
      const quoted = quoteForMessage(text);
      assert.doesNotMatch(quoted, /[\p{C}\p{Zl}\p{Zp}]/u);
      assert.ok(quoted.length <= 80 * "\\u{10ffff}".length + 3);
    }),
  );
});
