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
  "what stands after the last code of its scan": beforeEnd(Buffer.from(place)),
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

test("keeps a colour profile that is in several segments, whatever their order, and none of which one is missing", async () => {
  const { icc } = await sharp(await photo(8, 8).withIccProfile("p3").jpeg().toBuffer()).metadata();
  assert.ok(icc);
  const [half, plain] = [icc.length >> 1, original];
  const part = (number: number, bytes: Buffer) =>
    segment(0xe2, Buffer.concat([Buffer.from(`ICC_PROFILE\0${String.fromCharCode(number)}\x02`), bytes]));
  const [one, two] = [part(1, icc.subarray(0, half)), part(2, icc.subarray(half))];
  const whole = Buffer.concat([plain.subarray(0, 2), one, two, plain.subarray(2)]);
  assert.ok(stripJpeg(whole).isSame);
  assert.deepEqual((await sharp(given(whole)).metadata()).icc, icc);
  const swapped = Buffer.concat([plain.subarray(0, 2), two, one, plain.subarray(2)]);
  assert.deepEqual((await sharp(given(swapped)).metadata()).icc, icc);
  for (const parts of [[one], [two], [one, one]]) {
    const broken = Buffer.concat([plain.subarray(0, 2), ...parts, plain.subarray(2)]);
    assert.deepEqual(given(broken), plain);
  }
});

/** A grey picture of so many squares of 8 × 8 pixels in a row, with a restart between each two, and its restarts' places. */
async function withRestarts(squares: number): Promise<{ readonly bytes: Buffer; readonly places: number[] }> {
  const each = await Promise.all(
    Array.from({ length: squares }, async (_, index) => {
      const { data, info } = await photo(8, 8, index).greyscale().raw().toBuffer({ resolveWithObject: true });
      return sharp(data, { raw: info }).toColourspace("b-w").jpeg({ optimiseCoding: false }).toBuffer();
    }),
  );
  const [first = Buffer.of()] = each;
  const scan = first.indexOf(Buffer.from([0xff, 0xda]));
  const dataFrom = scan + 2 + first.readUInt16BE(scan + 2);
  const head = Buffer.from(first.subarray(0, scan));
  head.writeUInt16BE(squares * 8, head.indexOf(Buffer.from([0xff, 0xc0])) + 7);
  let bytes = Buffer.concat([head, segment(0xdd, Buffer.from([0, 1])), first.subarray(scan, dataFrom)]);
  const places: number[] = [];
  each.forEach((square, index) => {
    if (index > 0) {
      places.push(bytes.length);
      bytes = Buffer.concat([bytes, Buffer.from([0xff, 0xd0 + ((index - 1) % 8)])]);
    }
    bytes = Buffer.concat([bytes, square.subarray(dataFrom, -2)]);
  });
  places.push(bytes.length);
  return { bytes: Buffer.concat([bytes, Buffer.from([0xff, 0xd9])]), places };
}

test("keeps restarts whose turn it is, and nothing that stands before one or after the last", async () => {
  const { bytes, places } = await withRestarts(12);
  assert.ok(stripJpeg(bytes).isSame);
  const shown = await pixels(bytes);
  for (const at of places)
    for (const added of [
      Buffer.from(place),
      Buffer.concat([Buffer.from([0xff, 0xd7]), Buffer.from(place)]),
    ]) {
      const noisy = Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
      if (added[0] === 0xff && at !== places.at(-1)) {
        assert.throws(() => stripJpeg(noisy), UnstrippableError, "out of turn");
        continue;
      }
      assert.deepEqual(given(noisy), bytes);
      assert.deepEqual(await pixels(given(noisy)), shown);
    }
});

test("finds where the codes of a scan end, whatever its colours, sampling, scans and codes", async () => {
  for (const progressive of [false, true])
    for (const chromaSubsampling of ["4:2:0", "4:4:4"])
      for (const quality of [5, 60, 100])
        for (const [width, height] of [
          [1, 1],
          [17, 9],
          [65, 130],
        ] as const)
          for (const space of ["srgb", "b-w", "cmyk"] as const) {
            const { data, info } = await photo(width, height).raw().toBuffer({ resolveWithObject: true });
            const options = { progressive, chromaSubsampling, quality, optimiseScans: progressive };
            const bytes = await sharp(data, { raw: info }).toColourspace(space).jpeg(options).toBuffer();
            const what = JSON.stringify([options, width, height, space]);
            assert.ok(stripJpeg(bytes).isSame, what);
            for (const scan of scansOf(bytes)) {
              const noisy = Buffer.concat([
                bytes.subarray(0, scan),
                Buffer.from(place),
                bytes.subarray(scan),
              ]);
              assert.deepEqual(given(noisy), bytes, what);
            }
          }
});

/** Where the data of each scan end. */
function scansOf(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let at = 2; at < bytes.length - 2; ) {
    const isScan = bytes[at + 1] === 0xda;
    at += 2 + bytes.readUInt16BE(at + 2);
    if (!isScan) continue;
    while (bytes[at] !== 0xff || bytes[at + 1] === 0) at += 1;
    ends.push(at);
  }
  return ends;
}

test("refuses codes that stand for nothing, and pictures that don't say how high they are", () => {
  const scan = original.indexOf(Buffer.from([0xff, 0xda]));
  const noCodes = Buffer.concat([
    original.subarray(0, scan),
    segment(0xc4, Buffer.alloc(17)),
    original.subarray(scan),
  ]);
  assert.throws(() => stripJpeg(noCodes), UnstrippableError);
  const flat = Buffer.from(original);
  flat.writeUInt16BE(0, flat.indexOf(Buffer.from([0xff, 0xc0])) + 5);
  assert.throws(() => stripJpeg(flat), UnstrippableError);
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
    segment(0xc9, `\x08\0\x1e\0\x28\x01\x01\x11\0`),
    segment(0xde, place),
  ])
    assert.throws(() => stripJpeg(before(bytes)), UnstrippableError, bytes.toString("hex"));
});

test("refuses scans without end of a picture that only says that it is large", async () => {
  const bytes = await photo(8, 8).jpeg({ progressive: true, chromaSubsampling: "4:4:4" }).toBuffer();
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc2]));
  bytes.writeUInt16BE(16_000, frame + 5);
  bytes.writeUInt16BE(16_000, frame + 7);
  const scan = bytes.indexOf(Buffer.from([0xff, 0xda]));
  // Without a byte of data.
  const header = bytes.subarray(scan, scan + 2 + bytes.readUInt16BE(scan + 2));
  const times = (count: number) =>
    Buffer.concat([bytes.subarray(0, scan), ...Array.from({ length: count }, () => header)]);
  assert.throws(() => stripJpeg(times(100)), /too many scans for its size/);
  // Small ones neither.
  bytes.writeUInt32BE(0x80008, frame + 5);
  assert.throws(() => stripJpeg(times(201)), /too many scans/);
});

test("refuses a million segments", () => {
  const many = afterStart(...Array.from({ length: 20_000 }, () => segment(0xfe, "")));
  assert.throws(() => stripJpeg(many), /too many segments/);
});
