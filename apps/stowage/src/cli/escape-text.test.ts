import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { escapeText, jsonLine } from "./escape-text.ts";

test("leaves what people write in any language as it is", () => {
  for (const name of ["photo 1.jpg", "Grüße, 写真.png", "👩‍🚀 na\u0301me", "עברית.pdf"])
    assert.equal(escapeText(name), name);
});

test("shows controls, bidirectional and invisible marks by their number", () => {
  assert.equal(escapeText("a\nb\u001b[2J\u007f\u0085"), "a\\x0ab\\x1b[2J\\x7f\\x85");
  assert.equal(escapeText("invoice\u202egpj.exe"), "invoice\\u202egpj.exe");
  assert.equal(escapeText("\ufeffa\u200bb\u2028c"), "\\ufeffa\\u200bb\\u2028c");
});

const anyText = fc.string({ unit: "binary", maxLength: 40 });

test("lets nothing through that moves the cursor or the reading direction", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.doesNotMatch(escapeText(text), /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
      assert.doesNotMatch(jsonLine({ text }), /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test("writes JSON that reads as what was written", () => {
  fc.assert(
    fc.property(fc.jsonValue(), anyText, (value, text) => {
      assert.deepEqual(JSON.parse(jsonLine({ value, text })), JSON.parse(JSON.stringify({ value, text })));
    }),
  );
});
