import assert from "node:assert/strict";
import { scryptSync } from "node:crypto";
import { test } from "node:test";
import { RefusedError } from "@stowage/core";
import { createScryptPassphrases } from "./scrypt-passphrases.ts";

test("a passphrase is known again, and no other, by a hash that is another each time and holds nothing of it", async () => {
  const passphrases = createScryptPassphrases();
  const [one, other] = await Promise.all([
    passphrases.hash("correct horse"),
    passphrases.hash("correct horse"),
  ]);
  assert.notEqual(one, other);
  assert.doesNotMatch(one, /correct|horse/);
  for (const hash of [one, other]) assert.equal(await passphrases.isRight("correct horse", hash), true);
  for (const wrong of ["correct horse ", "Correct horse", "", "correct"])
    assert.equal(await passphrases.isRight(wrong, one), false);
});

test("one that was made at another cost is checked at that one", async () => {
  const salt = Buffer.from("some salt");
  const key = scryptSync("old passphrase", salt, 32, { N: 1024, r: 8, p: 1 });
  const hash = `scrypt$1024$8$1$${salt.toString("base64url")}$${key.toString("base64url")}`;
  assert.equal(await createScryptPassphrases().isRight("old passphrase", hash), true);
  await assert.rejects(createScryptPassphrases().isRight("x", "nonsense"), /can't be read/);
});

test("more than can be checked soon are refused at once, and those that wait are answered", async () => {
  const passphrases = createScryptPassphrases();
  const cheap = "scrypt$2$1$1$c2FsdA$a2V5a2V5a2V5a2V5";
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => passphrases.isRight("x", cheap)));
  const refused = results.filter(({ status }) => status === "rejected");
  assert.equal(refused.length, 40 - 34);
  for (const result of refused)
    assert.ok(result.status === "rejected" && result.reason instanceof RefusedError);
  assert.equal(await passphrases.isRight("x", cheap), false, "their places are free again");
});
