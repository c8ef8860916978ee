import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { photo } from "../made-images.test-data.ts";
import { keptExif, readOrientation } from "./orientation-exif.ts";
import { joinPieces } from "./pieces.ts";
import { stripJpeg } from "./strip-jpeg.ts";

const [byte, short, long, signed] = [1, 3, 4, 8];

interface Entry {
  readonly tag?: number;
  readonly type?: number;
  readonly count?: number;
  readonly value: number;
}

function exif(
  entries: readonly Entry[],
  { isLittle = false, from = 8, count = entries.length } = {},
): Buffer {
  const tiff = Buffer.alloc(from + 2 + entries.length * 12);
  const uint16 = (value: number, at: number) =>
    isLittle ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at);
  const uint32 = (value: number, at: number) =>
    isLittle ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at);
  tiff.write(isLittle ? "II*\0" : "MM\0*", "latin1");
  uint32(from, 4);
  uint16(count, from);
  entries.forEach(({ tag = 0x0112, type = short, count = 1, value }, index) => {
    const at = from + 2 + index * 12;
    uint16(tag, at);
    uint16(type, at + 2);
    uint32(count, at + 4);
    if (type === long) uint32(value, at + 8);
    else if (type === byte) tiff[at + 8] = value;
    else uint16(value, at + 8);
  });
  return tiff;
}

// Each was shown to Chromium 156 in a JPEG and a PNG of 320 × 240 pixels, and was turned by it or not.
const read: Readonly<Record<string, readonly [tiff: Buffer, orientation: number | undefined]>> = {
  "a number of two bytes": [exif([{ value: 6 }]), 6],
  "the other byte order": [exif([{ value: 8 }], { isLittle: true }), 8],
  "a directory that begins later": [exif([{ value: 6 }], { from: 20 }), 6],
  "a directory that says that it is longer": [exif([{ value: 6 }], { count: 5 }), 6],
  "what comes behind tags with a higher number": [exif([{ tag: 0x8769, value: 0 }, { value: 6 }]), 6],
  "the first of two": [exif([{ value: 1 }, { value: 6 }]), 1],
  "the first that is one of the eight": [exif([{ value: 9 }, { value: 6 }]), 6],
  "the first of two bytes": [exif([{ type: byte, value: 3 }, { value: 6 }]), 6],
  "no number of one byte": [exif([{ type: byte, value: 6 }]), undefined],
  "no number of four bytes": [exif([{ type: long, value: 6 }]), undefined],
  "no number with a sign": [exif([{ type: signed, value: 6 }]), undefined],
  "no two numbers": [exif([{ count: 2, value: 6 }]), undefined],
  "no number that is none": [exif([{ count: 0, value: 6 }]), undefined],
  "no other order": [Buffer.from("XX\0*\0\0\0\x08\0\0"), undefined],
};
for (const [what, [tiff, orientation]] of Object.entries(read))
  test(`reads as Chromium does ${what}`, () => {
    assert.equal(readOrientation(tiff), orientation);
  });

test("leaves of EXIF an orientation that can be read again, or nothing, whatever it holds", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, isLittle) => {
      const tiff = Buffer.concat([Buffer.from(isLittle ? "II*\0" : "MM\0*", "latin1"), bytes]);
      const [told, kept] = [readOrientation(tiff), keptExif(tiff)];
      assert.equal(kept === undefined, told === undefined || told === 1);
      if (kept) assert.deepEqual([readOrientation(kept), kept.length], [told, 26]);
    }),
  );
  assert.equal(keptExif(exif([{ value: 7 }]))?.includes(7), true);
});

const original = await photo(40, 30).jpeg().toBuffer();
const withSegments = (...contents: readonly Buffer[]) =>
  Buffer.concat([
    original.subarray(0, 2),
    ...contents.flatMap((content) => [Buffer.of(0xff, 0xe1, 0, content.length + 2), content]),
    original.subarray(2),
  ]);
const named = (name: string, tiff: Buffer) => Buffer.concat([Buffer.from(name, "latin1"), tiff]);

test("takes of a JPEG the first EXIF in which there is something, whatever fills up its name", () => {
  const [turned, upright] = [exif([{ value: 6 }]), exif([{ value: 1 }])];
  const kept = (...contents: readonly Buffer[]) => {
    const bytes = withSegments(...contents);
    const at = joinPieces(bytes, stripJpeg(bytes).pieces);
    return at[3] === 0xe1 ? readOrientation(at.subarray(12)) : undefined;
  };
  assert.equal(kept(named("Exif\0\0", turned)), 6);
  assert.equal(kept(named("Exif\0\xff", turned)), 6);
  assert.equal(kept(named("Exif\0\0", Buffer.of()), named("Exif\0\0", turned)), 6);
  assert.equal(kept(named("Exif\0\0", Buffer.from("M")), named("Exif\0\0", turned)), undefined);
  assert.equal(kept(named("Exifx\0", turned)), undefined);
  assert.equal(kept(named("Exif\0\0", upright), named("Exif\0\0", turned)), undefined);
  assert.equal(kept(named("Exif\0\0", exif([])), named("Exif\0\0", turned)), undefined);
});
