import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { photo } from "../made-images.test-data.ts";
import { joinPieces, UnstrippableError } from "./pieces.ts";
import { stripJpeg } from "./strip-jpeg.ts";

const place = "Somewhere 52.5";
const original = await photo(40, 30).jpeg().toBuffer();
const pixels = (bytes: Buffer) => sharp(bytes).raw().toBuffer();
const given = (bytes: Buffer) => joinPieces(bytes, stripJpeg(bytes).pieces);

function segment(code: number, content: string | Buffer): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content, "latin1") : content;
  const head = Buffer.from([0xff, code, 0, 0]);
  head.writeUInt16BE(bytes.length + 2, 2);
  return Buffer.concat([head, bytes]);
}

const beforeEnd = (...bytes: Buffer[]) =>
  Buffer.concat([original.subarray(0, -2), ...bytes, original.subarray(-2)]);
const afterStart = (...bytes: Buffer[]) =>
  Buffer.concat([original.subarray(0, 2), ...bytes, original.subarray(2)]);

const start = Buffer.from([0xff, 0xd0]);

/** Each says the place in a way of its own. */
const hidden: Readonly<Record<string, Buffer>> = {
  "what stands after a restart that there can't be": beforeEnd(start, Buffer.from(place)),
  "what stands after a restart before another segment": beforeEnd(
    start,
    Buffer.from(place),
    segment(0xfe, place),
  ),
  "a chunk of a colour profile that is none": afterStart(segment(0xe2, `ICC_PROFILE\0\x01\x01${place}`)),
  "segments of extensions, and reserved ones": afterStart(
    segment(0xf7, place),
    segment(0xfd, place),
    segment(0x02, place),
  ),
  "Adobe's segment, where it is longer than it is": afterStart(
    segment(0xee, `Adobe\0\x64\0\0\0\0\x01${place}`),
  ),
  "a list of further pictures": afterStart(segment(0xe2, `MPF\0${place}`)),
};

for (const [where, bytes] of Object.entries(hidden))
  test(`says no place in ${where}, and shows the same`, async () => {
    assert.ok(bytes.includes(place) && !given(bytes).includes(place));
    assert.deepEqual(await pixels(given(bytes)), await pixels(original));
  });

test("keeps a colour profile that is in several segments, and none of which one is missing", async () => {
  const { icc } = await sharp(await photo(8, 8).withIccProfile("p3").jpeg().toBuffer()).metadata();
  assert.ok(icc);
  const [half, plain] = [icc.length >> 1, original];
  const part = (number: number, bytes: Buffer) =>
    segment(0xe2, Buffer.concat([Buffer.from(`ICC_PROFILE\0${String.fromCharCode(number)}\x02`), bytes]));
  const [one, two] = [part(1, icc.subarray(0, half)), part(2, icc.subarray(half))];
  const whole = Buffer.concat([plain.subarray(0, 2), one, two, plain.subarray(2)]);
  assert.ok(stripJpeg(whole).isSame);
  assert.deepEqual((await sharp(given(whole)).metadata()).icc, icc);
  for (const parts of [[one], [two], [two, one], [one, one]]) {
    const broken = Buffer.concat([plain.subarray(0, 2), ...parts, plain.subarray(2)]);
    assert.deepEqual(given(broken), plain);
  }
});

test("keeps restarts whose turn it is, in colour and of each component alone, and refuses others", async () => {
  const { data, info } = await photo(64, 48).raw().toBuffer({ resolveWithObject: true });
  for (const chromaSubsampling of ["4:2:0", "4:4:4"]) {
    const plain = await sharp(data, { raw: info }).jpeg({ chromaSubsampling }).toBuffer();
    // A restart after so many units as there are: allowed, and none comes.
    const scan = plain.indexOf(Buffer.from([0xff, 0xda]));
    const declared = Buffer.concat([
      plain.subarray(0, scan),
      segment(0xdd, Buffer.from([0, 1])),
      plain.subarray(scan),
    ]);
    const units = chromaSubsampling === "4:2:0" ? 4 * 3 : 8 * 6;
    const restarts = (count: number) =>
      Buffer.concat([
        declared.subarray(0, -2),
        ...Array.from({ length: count }, (_, index) => Buffer.from([0xff, 0xd0 + (index % 8)])),
        Buffer.from(place),
        declared.subarray(-2),
      ]);
    assert.ok(given(restarts(units - 1)).includes(place), "within what may be data");
    assert.ok(!given(restarts(units)).includes(place), "after the last one");
    const outOfTurn = Buffer.concat([
      declared.subarray(0, -2),
      Buffer.from([0xff, 0xd3]),
      declared.subarray(-2),
    ]);
    assert.throws(() => stripJpeg(outOfTurn), UnstrippableError);
  }
});

test("refuses segments that say more than their kind does, and frames of kinds that are not known", () => {
  const scan = original.indexOf(Buffer.from([0xff, 0xda]));
  const before = (bytes: Buffer) =>
    Buffer.concat([original.subarray(0, scan), bytes, original.subarray(scan)]);
  for (const bytes of [
    segment(0xdd, `\0\0${place}`),
    segment(0xdb, Buffer.concat([Buffer.alloc(65, 1), Buffer.from(place)])),
    segment(0xc4, Buffer.concat([Buffer.alloc(17), Buffer.from(place)])),
    segment(0xc0, `\x08\0\x1e\0\x28\x01\x01\x11\0${place}`),
    segment(0xc3, place),
    segment(0xde, place),
  ])
    assert.throws(() => stripJpeg(before(bytes)), UnstrippableError, bytes.toString("hex"));
});

test("refuses a million segments", () => {
  const many = afterStart(...Array.from({ length: 20_000 }, () => segment(0xfe, "")));
  assert.throws(() => stripJpeg(many), /too many segments/);
});
