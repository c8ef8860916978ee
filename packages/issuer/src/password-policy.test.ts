import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WeakPasswordError } from "./errors.ts";
import { assertPassword, passwordBytes } from "./password-policy.ts";

const account = { email: "annabel.lee@example.com", name: "Annabel Lee", organisation: "Kingdom by the Sea" };

const accepted: [what: string, password: string][] = [
  ["a phrase", "correct horse battery staple"],
  ["exactly 15 characters", "tr0mbone-gravel"],
  ["15 letters of another script", "мойдядясамыхчес"],
  ["symbols only", "!@#$%^&*()+={}[]|"],
  ["a phrase with a common word in it", "my password is a riverboat"],
  ["a phrase with the account's name in it", "annabel painted seven riverboats"],
  ["1,024 bytes", "abcdefgh1jkl".padEnd(1000, "correct horse battery staple ").padEnd(1024, "x")],
];
for (const [what, password] of accepted)
  test(`${what} is taken`, () => {
    assertPassword(password, account);
  });

const refused: [what: string, password: string, says: RegExp][] = [
  ["nothing", "", /fewer than 15/],
  ["14 characters", "tr0mbone-grave", /fewer than 15/],
  ["14 characters of two units each", "👍👎🐢🐇🐘🐙🐚🐛🐜🐝🐞🐟🐠🐡", /fewer than 15/],
  ["one typed character that is 18 in NFKC", "ﷺ", /fewer than 15/],
  ["15 marks that NFKC makes fewer of", "e\u0301".repeat(7).concat("x"), /fewer than 15/],
  ["one character again and again", "aaaaaaaaaaaaaaaaaaaa", /repetition/],
  ["a word again and again", "hunter2 hunter2 hunter2", /repetition/],
  ["a word almost twice", "correcthcorrect", /repetition/],
  ["the digits", "123456789012345", /run of keys/],
  ["the digits backwards", "098765432109876", /run of keys/],
  ["the alphabet", "ABCDEFGHIJKLMNOP", /run of keys/],
  ["the keyboard", "qwertyuiopasdfgh", /run of keys/],
  ["a common word twice", "passwordpassword", /little more|repetition/],
  ["a common word and digits", "Password1234567890", /little more/],
  ["the service's name", "stowage-password", /little more/],
  ["the address", "annabel.lee@example.com", /little more/],
  ["the address and a year", "Annabel.Lee@example.com26", /little more/],
  ["the name and a year", "Annabel_Lee_1849", /little more/],
  ["the organisation", "kingdom by the sea", /little more/],
  ["a closing line break", "correct horse battery staple\n", /control character/],
  ["a NUL", "correct horse\0battery staple", /control character/],
  ["a lone surrogate", "correct horse battery staple\ud800", /well-formed/],
  ["1,025 bytes", "correct horse battery staple ".repeat(50).slice(0, 1025), /longer than 1024/],
  ["more than 1,024 bytes in fewer characters", "👍👎🐢🐇🐘🐙".repeat(43), /longer than 1024/],
  ["more than 1,024 bytes in NFKC only", "ﷺ".repeat(100), /longer than 1024/],
];
for (const [what, password, says] of refused)
  test(`${what} is refused, and not repeated in the message`, () => {
    assert.throws(
      () => assertPassword(password, account),
      (error) => {
        assert.ok(error instanceof WeakPasswordError);
        assert.equal(error.code, "weak-password");
        assert.match(error.message, says);
        assert.ok(password === "" || !error.message.includes(password));
        return true;
      },
    );
  });

test("the same password typed on another keyboard has the same bytes", () => {
  assert.deepEqual(passwordBytes("zoe\u0308 ２"), passwordBytes("zoë 2"));
});

test("a password that was taken has bytes to hash", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (password) => {
      try {
        assertPassword(password, account);
      } catch (error) {
        assert.ok(error instanceof WeakPasswordError, String(error));
        return;
      }
      assert.ok(Array.from(password).length >= 15);
      assert.ok(passwordBytes(password) !== undefined);
    }),
  );
});
