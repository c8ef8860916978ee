import assert from "node:assert/strict";
import { test } from "node:test";
import { blank, fill, patched } from "./blank.ts";
import { bytesSource } from "./iso-boxes.ts";
import { joinPieces } from "./pieces.ts";

const over = async (original: string, ...patches: Parameters<typeof patched>[1]) => {
  const bytes = Buffer.from(original, "latin1");
  const { pieces, isSame } = await patched(bytesSource(bytes), patches);
  return { text: joinPieces(bytes, pieces).toString("latin1"), isSame, count: pieces.length };
};

test("patches lie over the original, in whatever order they are given; the one that begins first counts", async () => {
  assert.deepEqual(
    await over("abcdefgh", ...blank(4, 6), { from: 0, bytes: Buffer.from("xy") }, ...fill(1, 5, 0x7a)),
    { text: "xyzzz\0gh", isSame: false, count: 4 },
  );
});

test("a patch that changes nothing is none", async () => {
  const { isSame } = await over("ab\0\0\xff\xffgh", ...blank(2, 4), ...fill(4, 6, 0xff), ...blank(3, 3));
  assert.equal(isSame, true);
});

test("a blank stretch is one piece, however long", async () => {
  const long = "x".repeat(5_000_000);
  const { count } = await over(long, ...blank(10, 4_999_990));
  assert.equal(count, 3);
});
