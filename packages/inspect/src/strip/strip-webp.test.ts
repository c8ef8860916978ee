import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { photo } from "../made-images.test-data.ts";
import { joinPieces, UnstrippableError } from "./pieces.ts";
import { stripWebp } from "./strip-webp.ts";

const place = "Somewhere 52.5";
const given = (bytes: Buffer) => joinPieces(bytes, stripWebp(bytes).pieces);

function chunk(type: string, content: string | Buffer, padding = 0): Buffer {
  const bytes = Buffer.alloc(8 + content.length + (content.length % 2), padding);
  bytes.write(type, 0, "latin1");
  bytes.writeUInt32LE(content.length, 4);
  Buffer.from(content).copy(bytes, 8);
  return bytes;
}

function withChunks(original: Buffer, ...chunks: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat([original, ...chunks]);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  return bytes;
}

test("leaves out chunks of unknown kinds, and known ones that come again", async () => {
  const original = await photo(40, 30).withIccProfile("p3").webp().toBuffer();
  assert.ok(stripWebp(original).isSame);
  for (const added of [
    chunk("ABCD", place),
    chunk("XMP ", place),
    chunk("VP8 ", place),
    chunk("VP8L", place),
  ])
    assert.deepEqual(given(withChunks(original, added)), original);
  for (const type of ["ICCP", "VP8X", "ALPH"])
    assert.ok(!given(withChunks(original, chunk(type, place))).includes(place), type);
});

test("leaves out a colour profile that is none, and says so", async () => {
  const original = await photo(40, 30).withIccProfile("p3").webp().toBuffer();
  const at = original.indexOf("acsp");
  const broken = Buffer.from(original);
  broken.write(place, at, "latin1");
  const stripped = given(broken);
  assert.ok(!stripped.includes(place));
  assert.equal((await sharp(stripped).metadata()).icc, undefined);
  assert.equal((stripped[20] ?? 0xff) & 0x20, 0);
  const [plain, same] = [await sharp(stripped).raw().toBuffer(), await sharp(broken).raw().toBuffer()];
  assert.deepEqual(plain, same);
});

test("pads with zeros alone, and refuses headers that hold more than they should", async () => {
  const plain = await photo(40, 30).webp().toBuffer();
  const odd = withChunks(plain.subarray(0, 12), chunk("VP8 ", plain.subarray(20, plain.length - 1), 0x41));
  assert.equal(given(odd).at(-1), plain.length % 2 === 0 ? 0 : odd.at(-1));
  const long = withChunks(plain.subarray(0, 12), chunk("VP8X", Buffer.alloc(24)), plain.subarray(12));
  assert.throws(() => stripWebp(long), UnstrippableError);
});

test("leaves out frames of what does not move, and a picture beside those of what does", async () => {
  const original = await photo(40, 30).withIccProfile("p3").webp().toBuffer();
  const frame = chunk("ANMF", Buffer.concat([Buffer.alloc(16), chunk("VP8 ", place)]));
  assert.deepEqual(given(withChunks(original, chunk("ANIM", Buffer.alloc(6)), frame)), original);
  const plain = await photo(40, 30).webp().toBuffer();
  assert.deepEqual(given(withChunks(plain, frame)), plain);
  const frames = await Promise.all([1, 2].map((seed) => photo(20, 20, seed).png().toBuffer()));
  const animated = await sharp(frames, { join: { animated: true } })
    .webp()
    .toBuffer();
  assert.ok(stripWebp(animated).isSame);
  assert.deepEqual(given(withChunks(animated, chunk("VP8 ", place))), animated);
});
