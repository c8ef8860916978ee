import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { emailKey } from "./email-key.ts";

test("an address is the same in any case, with space around it, and however its letters are composed", () => {
  for (const email of ["ann@example.com", " ANN@Example.COM\n", "\tAnn@example.com "])
    assert.equal(emailKey(email), "ann@example.com");
  assert.equal(emailKey("JOSe\u0301@example.com"), emailKey("jos\u00e9@example.com"));
});

test("no character outside of ASCII is the same as one of it, in whatever case", () => {
  const ascii = new Set(Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)));
  for (let code = 128; code <= 0x10ffff; code += 1) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const key = emailKey(`.${String.fromCodePoint(code)}.`);
    assert.ok(![...key].every((each) => ascii.has(each)), `U+${code.toString(16)}`);
  }
  assert.notEqual(emailKey("\u212aate@example.com"), emailKey("kate@example.com"));
});

const letters = fc.string({
  unit: fc.constantFrom(
    ..."kKsSiI@.\u212a\u017f\u0130\u0131\u037e;\u1fef`\u00c5\u212b\u00c9\u00e9\u0301\u1e9e\u00df",
  ),
});
const asciiLower = (text: string) =>
  text.replaceAll(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32));

test("two addresses of one key differ in the case of ASCII letters and in how characters are composed alone", () => {
  fc.assert(
    fc.property(letters, letters, (one, other) => {
      if (emailKey(one) !== emailKey(other)) return;
      assert.equal(asciiLower(one.normalize("NFC")), asciiLower(other.normalize("NFC")));
      assert.deepEqual(one.match(/[\u212a\u037e\u1fef]/g), other.match(/[\u212a\u037e\u1fef]/g));
    }),
    { numRuns: 20_000 },
  );
});

test("addresses that only some providers take for one are two", () => {
  const keys = ["ann@example.com", "a.nn@example.com", "ann+x@example.com", "ann@example.co"].map(emailKey);
  assert.equal(new Set(keys).size, keys.length);
});

test("what is compared is compared as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (email) => {
      assert.equal(emailKey(emailKey(email)), emailKey(email));
    }),
  );
});
