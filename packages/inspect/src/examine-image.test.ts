import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import sharp from "sharp";
import { thumbHashToAverageRGBA } from "thumbhash";
import { decodePicture } from "./decode-picture.ts";
import type { DecodeJob } from "./examination.ts";
import { examineImage } from "./examine-image.ts";
import { temporaryDirectory } from "./inspect-bytes.test-data.ts";
import type { DerivativeSpec } from "./inspection.ts";
import { animatedGif, blackPng, photo, quarters } from "./made-images.test-data.ts";

const thumbnail: DerivativeSpec = { name: "thumbnail", width: 320, height: 320, fit: "contain" };
const preview: DerivativeSpec = { name: "preview", width: 1600, height: 1600, fit: "contain" };
const square: DerivativeSpec = { name: "square", width: 200, height: 200, fit: "cover" };

function jobFor(t: TestContext, bytes: Buffer, derivatives: readonly DerivativeSpec[] = []): DecodeJob {
  const path = join(temporaryDirectory(t), "image");
  writeFileSync(path, bytes);
  return {
    path,
    declaredContentType: "image/jpeg",
    allowedContentTypes: ["image/jpeg"],
    derivatives,
    maxPixels: 100_000_000,
    webpQuality: 80,
    webpEffort: 2,
  };
}

test("however many derivatives are asked for, the pixels of a file are decoded once", async (t) => {
  const jpeg = await photo(900, 600).jpeg().toBuffer();
  let decodes = 0;
  const counting: typeof decodePicture = (...input) => {
    decodes += 1;
    return decodePicture(...input);
  };
  const examination = await examineImage(
    jobFor(t, jpeg, [thumbnail, preview, square]),
    "image/jpeg",
    counting,
  );
  assert.equal(examination.verdict, "accepted");
  assert.equal(decodes, 1);
});

test("derivatives come in the order asked for, in their sizes, as WebP without metadata", async (t) => {
  const jpeg = await quarters(2000, 1500)
    .jpeg()
    .withIccProfile("p3")
    .withExif({ IFD0: { Artist: "Somebody" }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "51/1 30/1 0/1" } })
    .toBuffer();
  const examination = await examineImage(jobFor(t, jpeg, [thumbnail, square, preview]), "image/jpeg");
  assert.equal(examination.verdict, "accepted");
  const { pictures, image } = examination;
  assert.deepEqual([image?.width, image?.height, image?.frames], [2000, 1500, undefined]);
  assert.deepEqual(
    pictures.map(({ name, width, height }) => [name, width, height]),
    [
      ["thumbnail", 320, 240],
      ["square", 200, 200],
      ["preview", 1600, 1200],
    ],
  );
  for (const { width, height, bytes } of pictures) {
    const metadata = await sharp(bytes).metadata();
    assert.deepEqual([metadata.format, metadata.width, metadata.height], ["webp", width, height]);
    assert.deepEqual([metadata.exif, metadata.icc, metadata.xmp], [undefined, undefined, undefined]);
  }
});

test("a derivative shows what the image shows", async (t) => {
  const image = photo(800, 600);
  const examination = await examineImage(
    jobFor(t, await image.jpeg().toBuffer(), [preview, thumbnail]),
    "image/jpeg",
  );
  assert.equal(examination.verdict, "accepted");
  const small = (bytes: Uint8Array): Promise<Buffer> =>
    sharp(bytes).resize(32, 24, { fit: "fill" }).raw().toBuffer();
  const expected = await small(await photo(800, 600).png().toBuffer());
  for (const { name, bytes } of examination.pictures) {
    const actual = await small(bytes);
    const difference = actual.reduce((sum, value, at) => sum + Math.abs(value - (expected[at] ?? 0)), 0);
    assert.ok(difference / expected.length < 3, `${name}: ${difference / expected.length}`);
  }
});

test("width and height are those that are seen; the orientation is reported as stored", async (t) => {
  const jpeg = await quarters(80, 60).jpeg().withMetadata({ orientation: 6 }).toBuffer();
  const examination = await examineImage(jobFor(t, jpeg, [thumbnail]), "image/jpeg");
  assert.equal(examination.verdict, "accepted");
  const { image, pictures } = examination;
  assert.deepEqual([image?.width, image?.height, image?.orientation], [60, 80, 6]);
  assert.deepEqual([pictures[0]?.width, pictures[0]?.height], [60, 80]);
});

test("the thumbhash has the image's colour, also where the image is one pixel", async (t) => {
  for (const side of [1, 500]) {
    const png = await sharp({
      create: { width: side, height: side, channels: 3, background: { r: 200, g: 100, b: 20 } },
    })
      .png()
      .toBuffer();
    const examination = await examineImage(jobFor(t, png), "image/png");
    assert.equal(examination.verdict, "accepted");
    const { r, g, b } = thumbHashToAverageRGBA(Buffer.from(examination.image?.thumbhash ?? "", "base64"));
    for (const [actual, expected] of [
      [r, 200],
      [g, 100],
      [b, 20],
    ] as const) {
      assert.ok(Math.abs(actual * 255 - expected) < 12, `${actual * 255} is not ${expected}`);
    }
  }
});

test("an image of 256 megapixels in 33 KB is refused from its header, before anything is decoded", async (t) => {
  const bomb = blackPng(16_384, 16_384);
  assert.ok(bomb.length < 100_000);
  const neverDecode: typeof decodePicture = () => assert.fail("decoded");
  assert.deepEqual(await examineImage(jobFor(t, bomb), "image/png", neverDecode), {
    verdict: "rejected",
    code: "too-many-pixels",
    detail: "The image has 268.4 million pixels (16,384 × 16,384); up to 100 million are accepted.",
  });
});

test("all frames of an animation count, and its first one is shown", async (t) => {
  const neverDecode: typeof decodePicture = () => assert.fail("decoded");
  const bomb = jobFor(t, animatedGif(200, 200, 10_000));
  assert.deepEqual(await examineImage(bomb, "image/gif", neverDecode), {
    verdict: "rejected",
    code: "too-many-pixels",
    detail: "The image has 400 million pixels (200 × 200, 10,000 frames); up to 100 million are accepted.",
  });
  const sound = await examineImage(jobFor(t, animatedGif(100, 100, 10_000), [thumbnail]), "image/gif");
  assert.equal(sound.verdict, "accepted");
  assert.deepEqual([sound.image?.frames, sound.pictures[0]?.width], [10_000, 100]);
});

test("an image under another format's name is refused as damaged", async (t) => {
  const examination = await examineImage(jobFor(t, blackPng(8, 8)), "image/jpeg");
  assert.equal(examination.verdict === "rejected" && examination.code, "corrupt");
});
