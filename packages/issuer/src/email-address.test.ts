import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { emailKeyOf, parseEmailAddress } from "./email-address.ts";
import { InvalidEmailError } from "./errors.ts";

const accepted: [what: string, text: string, email: string, key: string][] = [
  ["a plain one", "ann@example.com", "ann@example.com", "ann@example.com"],
  ["upper case", "Ann.B+x@EXAMPLE.com", "Ann.B+x@example.com", "ann.b+x@example.com"],
  [
    "every symbol of RFC 5322's atext",
    "!#$%&'*+-/=?^_`{|}~@a.b",
    "!#$%&'*+-/=?^_`{|}~@a.b",
    "!#$%&'*+-/=?^_`{|}~@a.b",
  ],
  ["a host of one label", "ann@localhost", "ann@localhost", "ann@localhost"],
  ["decomposed letters", "zoe\u0308@example.com", "zoë@example.com", "zoë@example.com"],
  ["other scripts", "用户@例子.测试", "用户@例子.测试", "用户@xn--fsqu00a.xn--0zwm56d"],
  ["an A-label", "a@xn--fsqu00a.xn--0zwm56d", "a@例子.测试", "a@xn--fsqu00a.xn--0zwm56d"],
  ["fullwidth letters in the domain", "a@ｅxample.com", "a@example.com", "a@example.com"],
  ["an emoji", "👍@example.com", "👍@example.com", "👍@example.com"],
  ["64 bytes before the @", `${"a".repeat(64)}@b.c`, `${"a".repeat(64)}@b.c`, `${"a".repeat(64)}@b.c`],
];
for (const [what, text, email, key] of accepted)
  test(`${what} is an address`, () => {
    assert.deepEqual(parseEmailAddress(text), { email, key });
  });

const refused: [what: string, text: string, says: RegExp][] = [
  ["nothing", "", /no @/],
  ["no @", "ann", /no @/],
  ["two @", "a@b@c", /more than one @/],
  ["nothing before the @", "@b.c", /nothing stands before/],
  ["nothing after the @", "a@", /not a domain name/],
  ["CRLF and a header", "ann@example.com\r\nBcc: eve@example.com", /line break/],
  ["a closing line feed", "ann@example.com\n", /line break/],
  ["a line separator", "ann\u2028@example.com", /line break/],
  ["a space", "ann b@example.com", /space/],
  ["a no-break space", "ann\u00a0b@example.com", /space/],
  ["a NUL", "ann\0@example.com", /cannot be seen/],
  ["a zero-width space", "ann\u200b@example.com", /cannot be seen/],
  ["a bidi override", "\u202enna@example.com", /cannot be seen/],
  ["a variation selector", "ann\ufe0f@example.com", /cannot be seen/],
  ["a Hangul filler", "ann\u3164@example.com", /cannot be seen/],
  ["a lone surrogate", "ann\ud800@example.com", /cannot be seen/],
  ["4 KB", `${"a".repeat(4096)}@example.com`, /longer than 254 bytes/],
  ["65 bytes before the @", `${"a".repeat(65)}@b.c`, /longer than 64 bytes/],
  ["33 letters of two bytes before the @", `${"ä".repeat(33)}@b.c`, /longer than 64 bytes/],
  ["a quoted local part", '"a.b"@example.com', /not allowed/],
  ["a display name's brackets", "<ann@example.com>", /not allowed/],
  ["a leading dot", ".a@b.c", /dot/],
  ["two dots", "a..b@b.c", /dot/],
  ["an address literal", "a@[192.0.2.1]", /domain name/],
  ["an IP address", "a@192.0.2.1", /domain name/],
  ["an IP address in one number", "a@0x7f000001", /domain name/],
  ["a percent-encoded domain", "a@%65xample.com", /domain name/],
  ["a port", "a@example.com:25", /domain name/],
  ["an empty label", "a@b..c", /domain name/],
  ["a closing dot", "a@example.com.", /domain name/],
  ["a label's leading hyphen", "a@-b.c", /domain name/],
  ["a label of 64 letters", `a@${"b".repeat(64)}.c`, /domain name/],
  ["an underscore in the domain", "a@b_c.d", /domain name/],
  ["an ideographic full stop", "a@b。c", /domain name/],
];
for (const [what, text, says] of refused)
  test(`${what} is refused with the cause`, () => {
    assert.throws(
      () => parseEmailAddress(text),
      (error) => {
        assert.ok(error instanceof InvalidEmailError);
        assert.equal(error.code, "invalid-email");
        assert.match(error.message, says);
        assert.ok(error.message.length < 250, error.message);
        return true;
      },
    );
    assert.equal(emailKeyOf(text), undefined);
  });

test("letters that only look alike, or meet in upper case, are different mailboxes", () => {
  const latin = emailKeyOf("github@example.com");
  for (const other of ["gıthub@example.com", "gİthub@example.com", "githսb@example.com"])
    assert.notEqual(emailKeyOf(other), latin);
  assert.notEqual(emailKeyOf("straße@example.com"), emailKeyOf("strasse@example.com"));
});

test("a sigma is the same letter at a word's end in capitals as in the middle", () => {
  assert.equal(emailKeyOf("ΑΣ@example.com"), emailKeyOf("ασ@example.com"));
});

test("any text is an address that reads the same again, or refused in one line that prints", () => {
  const local = fc.string({ unit: "binary", maxLength: 12 });
  const domain = fc.oneof(fc.domain(), fc.string({ unit: "grapheme", maxLength: 12 }));
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.tuple(local, domain).map((parts) => parts.join("@")),
    fc.emailAddress(),
  );
  fc.assert(
    fc.property(text, (each) => {
      try {
        const { email, key } = parseEmailAddress(each);
        assert.deepEqual(parseEmailAddress(email), { email, key });
        assert.equal(emailKeyOf(key), key);
      } catch (error) {
        assert.ok(error instanceof InvalidEmailError, String(error));
        assert.doesNotMatch(error.message, /[\p{C}\p{Zl}\p{Zp}]/u);
      }
    }),
    { numRuns: 500 },
  );
});
