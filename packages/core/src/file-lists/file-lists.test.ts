import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareCodePoints, cutText, foldText } from "./fold-text.ts";
import { nameKey } from "./name-key.ts";
import { foundTerm, searchRanges, searchTerms } from "./search-terms.ts";

const anyName = fc
  .string({ unit: "binary", minLength: 1, maxLength: 300 })
  .filter((text) => text.isWellFormed());
const spokenName = fc
  .array(
    fc.oneof(
      fc.constantFrom("img", "image", "im", "i", "1", "12", "été", "ß", "日本", "🌈", "か\u3099"),
      fc.constantFrom(" ", "_", "-", ".", ""),
    ),
    { minLength: 1, maxLength: 80 },
  )
  .map((parts) => parts.join("") || "x");

test("folding makes one of case, accents, width and the forms of a letter", () => {
  for (const [one, other] of [
    ["ÉCOLE", "école"],
    ["e\u0301cole", "ecole"],
    ["ＩＭＧ＿１", "img_1"],
    ["Straße", "STRASSE"],
    ["STRAẞE", "strasse"],
    ["ΣΊΣΥΦΟΣ", "σισυφος"],
    ["İstanbul", "istanbul"],
    ["ﬁle", "file"],
    ["a\u200db\u202ec\ufe0f", "abc"],
    ["ｶﾞ", "カ"],
  ] as const)
    assert.equal(foldText(one), foldText(other), one);
  assert.notEqual(foldText("の"), foldText("ノ"));
});

test("every code point folds to what folds to itself", () => {
  for (let codePoint = 0; codePoint < 0x110000; codePoint += 1) {
    if (codePoint >= 0xd800 && codePoint < 0xe000) continue;
    const folded = foldText(String.fromCodePoint(codePoint));
    if (foldText(folded) !== folded) assert.fail(codePoint.toString(16));
  }
});

test("texts are compared as their UTF-8 is", () => {
  fc.assert(
    fc.property(anyName, anyName, (one, other) => {
      const expected = Buffer.compare(Buffer.from(one), Buffer.from(other));
      assert.equal(Math.sign(compareCodePoints(one, other)), expected);
    }),
  );
});

test("names are sorted as people expect: without regard to case, numbers by their value", () => {
  const sorted = [
    "(1) a",
    "2.jpg",
    "10.jpg",
    "_x",
    "Ärger",
    "bild",
    "Bild 2",
    "bild 010",
    "img_9.jpg",
    "IMG_10.jpg",
    "img_99999999999999999999.jpg",
    "img_100000000000000000000.jpg",
    "zoo",
    "日本",
    "🌈",
  ];
  const shuffled = [...sorted].reverse();
  const byKey = shuffled.sort((a, b) => compareCodePoints(nameKey(a), nameKey(b)));
  assert.deepEqual(byKey, sorted);
});

test("no name has a key or a term without bound", () => {
  const long = [
    "a".repeat(4096),
    "1".repeat(4096),
    "ﷺ".repeat(1365),
    "🌈".repeat(1024),
    "a ".repeat(2048),
    "\u0301".repeat(2048),
  ];
  for (const name of long) hold(name);
  fc.assert(fc.property(fc.oneof(anyName, spokenName), hold));

  function hold(name: string): void {
    assert.ok(Buffer.byteLength(nameKey(name)) <= 256);
    const terms = searchTerms(name);
    assert.ok(terms.length >= 1 && terms.length <= 32, `${terms.length} terms`);
    for (const term of terms) assert.ok(term.length > 2 && Buffer.byteLength(term) <= 258);
  }
});

test("a name is found by itself, by what it begins with, and from each of its first words on", () => {
  fc.assert(
    fc.property(fc.oneof(anyName, spokenName), fc.nat({ max: 80 }), (name, length) => {
      assert.ok(foundTerm(name, name), "itself");
      const beginning = cutText(name, Math.max(1, length));
      if (/[\p{L}\p{N}\p{S}]/u.test(foldText(beginning))) assert.ok(foundTerm(name, beginning), beginning);
    }),
    { numRuns: 1000 },
  );
  for (const text of ["IMG", "img_1234", "1234.jp", "jpg", "JPEG".slice(0, 2)])
    assert.ok(foundTerm("IMG_1234.jpg", text), text);
  for (const text of ["mg", "234", "img jpg", "jpgx", "_", "img1234"])
    assert.equal(foundTerm("IMG_1234.jpg", text), undefined, text);
  assert.ok(foundTerm("2024 夏の写真.jpg", "写真"));
  assert.ok(foundTerm("Urlaub🌴Strand", "strand"));
  assert.ok(foundTerm("c++ notes", "C++"));
  assert.ok(foundTerm("...", ".."));
  assert.ok(foundTerm("\u200b", "\u200b"));
});

test("whatever is looked for, a name is in one of its ranges once or in none", () => {
  fc.assert(
    fc.property(
      spokenName,
      fc.oneof(spokenName, fc.constantFrom("i", "im", "img", "e", "1")),
      (name, text) => {
        const ranges = searchRanges(text);
        const within = searchTerms(name).filter((term) =>
          ranges.some(
            ({ from, until }) => compareCodePoints(term, from) >= 0 && compareCodePoints(term, until) < 0,
          ),
        );
        assert.deepEqual(
          within,
          [foundTerm(name, text)].filter((term) => term !== undefined),
        );
      },
    ),
    { numRuns: 1000 },
  );
});
