import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { photo } from "../made-images.test-data.ts";
import { joinPieces } from "./pieces.ts";
import { stripGif } from "./strip-gif.ts";

const place = "Somewhere 52.5";
const original = await sharp(await Promise.all([1, 2].map((seed) => photo(20, 20, seed).png().toBuffer())), {
  join: { animated: true },
})
  .gif({ loop: 3, delay: [100, 200] })
  .toBuffer();
const given = (bytes: Buffer) => joinPieces(bytes, stripGif(bytes).pieces);
const icc =
  (await sharp(await photo(8, 8).withIccProfile("p3").png().toBuffer()).metadata()).icc ?? Buffer.of();

const block = (bytes: Buffer | string) => Buffer.concat([Buffer.from([bytes.length]), Buffer.from(bytes)]);
const blocks = (bytes: Buffer) =>
  Buffer.concat(
    Array.from({ length: Math.ceil(bytes.length / 255) }, (_, index) =>
      block(bytes.subarray(index * 255, (index + 1) * 255)),
    ),
  );

/** Where the loop is said, and where that ends. */
const loopAt = original.indexOf("NETSCAPE2.0") - 3;
const loopTo = loopAt + 19;
const instead = (...bytes: readonly Buffer[]) =>
  Buffer.concat([original.subarray(0, loopAt), ...bytes, original.subarray(loopTo)]);

test("keeps how often an animation repeats, and nothing that is said beside", async () => {
  assert.ok(stripGif(original).isSame);
  const more = instead(original.subarray(loopAt, loopTo - 1), block(place), Buffer.of(0));
  assert.deepEqual(given(more), original);
  const none = instead();
  for (const blocksOfIt of [block(place), Buffer.concat([block(`\x02${place}`), block("\x01\0\0")])]) {
    const other = instead(original.subarray(loopAt, loopAt + 14), blocksOfIt, Buffer.of(0));
    assert.deepEqual(given(other), none);
  }
});

test("keeps when a picture follows, and nothing that is said beside", () => {
  const control = original.indexOf(Buffer.from([0x21, 0xf9, 4]));
  const [before, after] = [original.subarray(0, control + 7), original.subarray(control + 7)];
  assert.deepEqual(given(Buffer.concat([before, block(place), after])), original);
});

test("keeps a colour profile, and nothing that only begins like one", () => {
  const name = Buffer.concat([Buffer.from([0x21, 0xff]), block("ICCRGBG1012")]);
  const profiled = (profile: Buffer) =>
    Buffer.concat([
      original.subarray(0, loopAt),
      name,
      blocks(profile),
      Buffer.of(0),
      original.subarray(loopAt),
    ]);
  assert.ok(stripGif(profiled(icc)).isSame);
  assert.deepEqual(given(profiled(Buffer.from(place))), original);
  assert.deepEqual(given(profiled(Buffer.concat([icc, Buffer.from(place)]))), profiled(icc));
});

test("leaves out what stands after the codes of a picture, and refuses more pixels than it has", () => {
  // The last block, the one of no bytes, and the end.
  const ending = original.subarray(0, -2);
  assert.deepEqual(original.subarray(-2), Buffer.from([0, 0x3b]));
  for (const added of [block(place), Buffer.concat([block(place), block(place)])])
    assert.deepEqual(given(Buffer.concat([ending, added, original.subarray(-2)])), original);
  // In the last block itself: where each of the blocks begins is looked for from the picture's beginning.
  let at = original.lastIndexOf(Buffer.from([0x2c, 0, 0, 0, 0, 20, 0, 20, 0]));
  at += 11 + ((original[at + 9] ?? 0) & 0x80 ? 3 * 2 ** (((original[at + 9] ?? 0) & 7) + 1) : 0);
  while (at + 1 + (original[at] ?? 0) < original.length - 2) at += 1 + (original[at] ?? 0);
  const longer = Buffer.concat([ending, Buffer.from(place), original.subarray(-2)]);
  longer[at] = (longer[at] ?? 0) + place.length;
  assert.deepEqual(given(longer), original);
  const lower = Buffer.from(original);
  lower[original.indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 20, 0, 20, 0])) + 7] = 10;
  assert.throws(() => stripGif(lower), /more pixels/);
});

test("finds where the codes of a picture end, whatever its size and colours", async () => {
  for (const [width, height] of [
    [1, 1],
    [7, 3],
    [300, 200],
  ] as const)
    for (const colours of [2, 16, 256]) {
      const bytes = await photo(width, height).gif({ colours }).toBuffer();
      assert.ok(stripGif(bytes).isSame, `${width} × ${height}, ${colours}`);
      const noisy = Buffer.concat([bytes.subarray(0, -2), block(place), bytes.subarray(-2)]);
      assert.deepEqual(given(noisy), bytes, `${width} × ${height}, ${colours}`);
    }
});
