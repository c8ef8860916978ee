import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import sharp, { type Sharp } from "sharp";
import { decodePicture, type Picture } from "./decode-picture.ts";
import { temporaryDirectory } from "./inspect-bytes.test-data.ts";
import {
  BLUE,
  type Colour,
  GREEN,
  GREY,
  photo,
  quarters,
  RED,
  seededRandom,
  withJpegSegment,
} from "./made-images.test-data.ts";

async function decode(t: TestContext, bytes: Buffer, width = 40, height = 30): Promise<Picture> {
  const path = join(temporaryDirectory(t), "image");
  writeFileSync(path, bytes);
  return decodePicture(path, await sharp(path).metadata(), { width, height }, 1e8);
}

/** The colours of the four quarters, each at its middle, clockwise from the top left. */
function corners({ data, width, height, channels }: Picture): Colour[] {
  const at = (x: number, y: number): Colour => {
    const start = (Math.floor(y * height) * width + Math.floor(x * width)) * channels;
    const [red = 0, green = 0, blue = 0] = data.subarray(start, start + 3);
    return [red, green, blue];
  };
  return [at(0.25, 0.25), at(0.75, 0.25), at(0.75, 0.75), at(0.25, 0.75)];
}

function assertNear(actual: readonly Colour[], expected: readonly Colour[], tolerance: number): void {
  for (const [index, colour] of expected.entries()) {
    for (const [channel, value] of colour.entries()) {
      const difference = Math.abs((actual[index]?.[channel] ?? Number.NaN) - value);
      assert.ok(difference <= tolerance, `${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
    }
  }
}

const upright = [RED, GREEN, BLUE, GREY];
const source = (): Sharp => quarters(80, 60);

test("the same picture comes out of every format, bit depth and palette", async (t) => {
  const encoded: [name: string, image: Sharp][] = [
    ["jpeg", source().jpeg({ quality: 95 })],
    ["progressive jpeg", source().jpeg({ quality: 95, progressive: true })],
    ["cmyk jpeg", source().toColourspace("cmyk").jpeg({ quality: 95 })],
    ["png", source().png()],
    ["interlaced png", source().png({ progressive: true })],
    ["palette png", source().png({ palette: true, colours: 8 })],
    ["16-bit png", source().toColourspace("rgb16").png()],
    ["webp", source().webp({ quality: 95 })],
    ["lossless webp", source().webp({ lossless: true })],
    ["gif", source().gif()],
    ["lzw tiff", source().tiff({ compression: "lzw" })],
    ["tiled jpeg tiff", source().tiff({ compression: "jpeg", tile: true, quality: 95 })],
    ["avif", source().avif({ quality: 95, effort: 0 })],
  ];
  for (const [name, image] of encoded) {
    await t.test(name, async (t) => {
      const picture = await decode(t, await image.toBuffer());
      assert.deepEqual([picture.width, picture.height], [40, 30]);
      assert.equal(picture.data.length, 40 * 30 * picture.channels);
      // The CMYK profile of print holds no colours this bright.
      assertNear(corners(picture), upright, name === "cmyk jpeg" ? 90 : 14);
    });
  }
});

test("grey images of 8 and 16 bits become grey RGB", async (t) => {
  const ramp = photo(80, 60).greyscale();
  const eight = await decode(t, await ramp.clone().png().toBuffer());
  const sixteen = await decode(t, await ramp.clone().toColourspace("grey16").png().toBuffer());
  assertNear(corners(sixteen), corners(eight), 2);
  for (const [red, green, blue] of corners(eight)) assert.ok(red === green && green === blue);
});

test("alpha stays, and does not bleed its hidden colour into what is seen", async (t) => {
  const half = Buffer.alloc(80 * 60 * 4);
  for (let at = 0; at < half.length; at += 4) {
    // Left half: transparent white. Right half: opaque red.
    half.set((at / 4) % 80 < 40 ? [255, 255, 255, 0] : [200, 0, 0, 255], at);
  }
  const png = await sharp(half, { raw: { width: 80, height: 60, channels: 4 } })
    .png()
    .toBuffer();
  const { data, channels, width } = await decode(t, png, 20, 15);
  assert.equal(channels, 4);
  for (let x = 0; x < width; x += 1) {
    const [, green, blue, alpha = 0] = data.subarray(x * 4, x * 4 + 4);
    if (alpha > 0) assert.deepEqual([green, blue], [0, 0], `white shines through at ${x}`);
  }
  assert.equal(data[3], 0);
  assert.deepEqual([...data.subarray(width * 4 - 4, width * 4)], [200, 0, 0, 255]);
});

test("all eight EXIF orientations come out upright", async (t) => {
  // What a camera stores for each orientation, so that the quarters are upright once turned.
  const mirrored = (turned: Buffer): Sharp => sharp(turned).flop();
  const left = await source().rotate(270).png().toBuffer();
  const right = await source().rotate(90).png().toBuffer();
  const stored = new Map([
    [1, source()],
    [2, source().flop()],
    [3, source().rotate(180)],
    [4, source().flip()],
    [5, mirrored(right)],
    [6, sharp(left)],
    [7, mirrored(left)],
    [8, sharp(right)],
  ]);
  for (const [orientation, image] of stored) {
    const jpeg = await image.jpeg({ quality: 95 }).withMetadata({ orientation }).toBuffer();
    assertNear(corners(await decode(t, jpeg)), upright, 14);
  }
});

test("a wide-gamut photo is converted to sRGB, from 8 and from 16 bits", async (t) => {
  const colours: Colour[] = [RED, GREEN, BLUE, GREY];
  const p3 = source().withIccProfile("p3");
  const eight = await p3.clone().jpeg({ quality: 98, chromaSubsampling: "4:4:4" }).toBuffer();
  assertNear(corners(await decode(t, eight)), colours, 10);
  const sixteen = await source().toColourspace("rgb16").withIccProfile("srgb").png().toBuffer();
  assert.equal((await sharp(sixteen).metadata()).hasProfile, true);
  assertNear(corners(await decode(t, sixteen)), colours, 4);
});

test("an embedded profile that is rubbish does not keep the picture from being shown", async (t) => {
  const rubbish = Buffer.concat([Buffer.from("ICC_PROFILE\0\x01\x01", "latin1"), Buffer.alloc(600, 0x5a)]);
  const jpeg = withJpegSegment(await source().jpeg({ quality: 95 }).toBuffer(), 0xe2, rubbish);
  assertNear(corners(await decode(t, jpeg)), upright, 14);
});

const formats: [name: string, encode: (image: Sharp) => Sharp][] = [
  ["jpeg", (image) => image.jpeg()],
  ["progressive jpeg", (image) => image.jpeg({ progressive: true })],
  ["png", (image) => image.png({ compressionLevel: 1 })],
  ["webp", (image) => image.webp({ effort: 0 })],
  ["gif", (image) => image.gif({ effort: 1 })],
  ["tiff", (image) => image.tiff({ compression: "lzw" })],
  ["avif", (image) => image.avif({ effort: 0 })],
];

test("a file cut short anywhere is refused, also where it is decoded at an eighth of its size", async (t) => {
  for (const [name, encode] of formats) {
    const bytes = await encode(photo(320, 240)).toBuffer();
    for (const part of [0.2, 0.9, 0.99]) {
      await assert.rejects(decode(t, bytes.subarray(0, bytes.length * part), 32, 24), `${name} ${part}`);
    }
  }
});

test("any flipped bit is found in formats with checksums", async (t) => {
  const random = seededRandom(11);
  const bytes = await photo(160, 120).png({ compressionLevel: 1 }).toBuffer();
  for (let round = 0; round < 25; round += 1) {
    const damaged = Buffer.from(bytes);
    const at = 60 + Math.floor(random() * (bytes.length - 80));
    damaged[at] = (damaged[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    await assert.rejects(decode(t, damaged), `bit at ${at}`);
  }
});

test("overwritten data is found in JPEG, which has no checksums", async (t) => {
  const random = seededRandom(5);
  for (const progressive of [false, true]) {
    const bytes = await photo(320, 240).jpeg({ progressive }).toBuffer();
    for (const part of [0.2, 0.4, 0.6, 0.8]) {
      const damaged = Buffer.from(bytes);
      const start = Math.floor(bytes.length * part);
      for (let at = start; at < start + 2048; at += 1) damaged[at] = Math.floor(random() * 256);
      await assert.rejects(decode(t, damaged, 64, 48), `${progressive ? "progressive" : "baseline"} ${part}`);
    }
  }
});

test("stray bytes between a JPEG's segments, as some phones write them, do not make it damaged", async (t) => {
  const jpeg = await source().jpeg({ quality: 95 }).toBuffer();
  const stray = Buffer.concat([jpeg.subarray(0, 20), Buffer.from([1, 2, 3]), jpeg.subarray(20)]);
  await assert.rejects(sharp(stray, { failOn: "warning" }).raw().toBuffer(), /extraneous bytes/);
  assertNear(corners(await decode(t, stray)), upright, 14);
});
