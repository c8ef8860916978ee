import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptAlbumInviteSchema, createAlbumSchema } from "./album.ts";
import { changeMeSchema } from "./file.ts";

const token = "0123456789abcdef";
const schemas = {
  "of a person": (name: string) => changeMeSchema.safeParse({ name }).success,
  "of a guest": (name: string) => acceptAlbumInviteSchema.safeParse({ token, name }).success,
  "of an album": (name: string) => createAlbumSchema.safeParse({ name }).success,
};

for (const [whose, takes] of Object.entries(schemas))
  test(`a name ${whose} is one line that can be seen`, () => {
    for (const name of [
      "",
      "  \u00a0\u3000",
      "a\nb",
      "a\0b",
      "a\u2028b",
      "a\u2029b",
      "a\u202eb",
      "\u200b",
      "\u200d\u2060 \ufeff",
      "\u3164",
      "\u{e0041}\u{e0042}",
      "\u2800",
      `a${"\u0301".repeat(9)}`,
      `a${"\u0301".repeat(99)}`,
      `a${"\u0301\u200d".repeat(9)}`,
      `a${"\u0301\ufe0f".repeat(9)}`,
    ])
      assert.equal(takes(name), false, JSON.stringify(name));
    for (const name of [
      "Ann",
      "O'Neill <b>",
      "Ärger",
      "A\u0308rger",
      "💙".repeat(100),
      "👩‍👩‍👧‍👦",
      "❤️",
      "می‌خواهم",
      "न्‍यू",
      "กำลังใจ",
      "Nguye\u0302\u0303n",
      `a${"\u0301".repeat(8)}`,
      "👋🏽",
    ])
      assert.equal(takes(name), true, JSON.stringify(name));
  });

test("a person's name has a hundred characters at most, an album's as many as fit", () => {
  const long = "a".repeat(101);
  assert.deepEqual(
    Object.values(schemas).map((takes) => takes(long)),
    [false, false, true],
  );
});
