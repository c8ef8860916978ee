import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileReason } from "./decide-file-access.ts";
import { reasonInWords } from "./reasons-in-words.ts";

/** What a sentence must tell of; every reason there is, since the compiler asks for each. */
const tellsOf: Readonly<Record<FileReason, RegExp>> = {
  owner: /\bowns?\b/,
  granted: /\bshared\b/,
  "break-glass": /\bbroke the glass\b/,
  album: /\bin an album\b/,
  organisation: /\bto your organisation\b/,
  public: /\bpublic\b/,
  link: /\bby a link\b/,
  guest: /\bguest\b/,
  sealed: /\bsealed\b/,
  ended: /\bended\b/,
  "others-only-read": /^Only its owner may do that/,
  "not-ready": /\btrash or quarantined\b/,
  "not-shared": /^(Only its owner may see|It is not shared)/,
};

for (const [reason, pattern] of Object.entries(tellsOf) as [FileReason, RegExp][])
  test(`"${reason}" is a sentence to whoever asks, and one about somebody else`, () => {
    for (const who of ["you", "they"] as const) {
      const sentence = reasonInWords(reason, who);
      assert.match(sentence, pattern);
      assert.match(sentence, /^[A-Z][^\n]+\.$/);
    }
    assert.doesNotMatch(reasonInWords(reason, "you"), /\bthe(y|m|irs?)\b/i);
    assert.doesNotMatch(reasonInWords(reason, "they"), /\byou\b/i);
  });
