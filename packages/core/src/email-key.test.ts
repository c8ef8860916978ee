import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { emailKey } from "./email-key.ts";

test("an address is the same in any case, with space around it, and however its letters are composed", () => {
  for (const email of ["ann@example.com", " ANN@Example.COM\n", "\tAnn@example.com "])
    assert.equal(emailKey(email), "ann@example.com");
  assert.equal(emailKey("JOSE\u0301@example.com"), emailKey("jos\u00e9@example.com"));
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
