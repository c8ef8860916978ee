import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import sharp from "sharp";
import type { DecodeJob } from "./examination.ts";
import { examineHeic } from "./examine-heic.ts";
import { identifyContent } from "./identify-content.ts";
import { assertAccepted, inspectBytes, inspectorFor, temporaryDirectory } from "./inspect-bytes.test-data.ts";
import type { DerivativeSpec } from "./inspection.ts";
import { heic } from "./made-heics.test-data.ts";
import { BLUE, type Colour, GREEN, GREY, quarters, RED, seededRandom } from "./made-images.test-data.ts";

const thumbnail: DerivativeSpec = { name: "thumbnail", width: 320, height: 320, fit: "contain" };

function jobFor(t: TestContext, bytes: Buffer, options: Partial<DecodeJob> = {}): DecodeJob {
  const path = join(temporaryDirectory(t), "image");
  writeFileSync(path, bytes);
  return {
    path,
    declaredContentType: "image/heic",
    allowedContentTypes: ["image/heic"],
    derivatives: [thumbnail],
    maxPixels: 100_000_000,
    webpQuality: 80,
    webpEffort: 2,
    ...options,
  };
}

/** Colours of the four quarters, clockwise from the top left. */
async function cornersOf(bytes: Uint8Array): Promise<Colour[]> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): Colour => {
    const start = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 3;
    return [data[start] ?? 0, data[start + 1] ?? 0, data[start + 2] ?? 0];
  };
  return [at(0.2, 0.2), at(0.8, 0.2), at(0.8, 0.8), at(0.2, 0.8)];
}

function assertColours(actual: readonly Colour[], expected: readonly Colour[], tolerance = 12): void {
  const difference = Math.max(
    ...actual.flat().map((value, index) => Math.abs(value - (expected.flat()[index] ?? 0))),
  );
  assert.ok(difference <= tolerance, JSON.stringify(actual));
}

async function exifOf(orientation: string): Promise<Buffer> {
  const jpeg = await quarters(8, 8)
    .jpeg()
    .withExif({ IFD0: { Orientation: orientation }, IFD2: { DateTimeOriginal: "2024:07:01 09:30:15" } })
    .toBuffer();
  const { exif } = await sharp(jpeg).metadata();
  assert.ok(exif);
  return exif;
}

test("a phone's photo is decoded, dated and shown upright: turned by the file, and not once more by its EXIF", async (t) => {
  const photo = heic({ turns: 3, exif: await exifOf("6") });
  const examination = await examineHeic(jobFor(t, photo));
  assert.equal(examination.verdict, "accepted");
  const { image, pictures, contentType } = examination;
  assert.equal(contentType, "image/heic");
  assert.deepEqual([image?.width, image?.height, image?.takenAt], [48, 64, "2024-07-01T09:30:15.000Z"]);
  assert.match(image?.thumbhash ?? "", /^[A-Za-z0-9+/]+=*$/);
  const [picture] = pictures;
  assert.ok(picture);
  assert.deepEqual([picture.width, picture.height], [48, 64]);
  assertColours(await cornersOf(picture.bytes), [GREY, RED, GREEN, BLUE]);
  assert.equal((await sharp(picture.bytes).metadata()).exif, undefined);
});

test("tiles are put together, as phones write them", async (t) => {
  const examination = await examineHeic(jobFor(t, heic({ tiles: [3, 2] })));
  assert.equal(examination.verdict, "accepted");
  assert.deepEqual([examination.image?.width, examination.image?.height], [192, 96]);
  const [picture] = examination.pictures;
  assert.ok(picture);
  const left = await sharp(picture.bytes)
    .extract({ left: 0, top: 0, width: 64, height: 48 })
    .png()
    .toBuffer();
  const right = await sharp(picture.bytes)
    .extract({ left: 128, top: 48, width: 64, height: 48 })
    .png()
    .toBuffer();
  assertColours(await cornersOf(left), [RED, GREEN, BLUE, GREY], 30);
  assertColours(await cornersOf(right), [RED, GREEN, BLUE, GREY], 30);
});

test("the picture shown is the one that the file calls its primary, not its first", async (t) => {
  const examination = await examineHeic(jobFor(t, heic({ before: Buffer.from("not a picture") })));
  assert.equal(examination.verdict, "accepted");
  const [picture] = examination.pictures;
  assert.ok(picture);
  assertColours(await cornersOf(picture.bytes), [RED, GREEN, BLUE, GREY]);
});

test("wide colours are shown as they are meant", async (t) => {
  const { icc } = await sharp(await quarters(8, 8).jpeg().withIccProfile("p3").toBuffer()).metadata();
  assert.ok(icc);
  const examination = await examineHeic(jobFor(t, heic({ icc })));
  assert.equal(examination.verdict, "accepted");
  const [picture] = examination.pictures;
  assert.ok(picture);
  const [red, green] = await cornersOf(picture.bytes);
  assert.ok(red && red[0] > RED[0] + 8, `P3's red is beyond sRGB's: ${red}`);
  assert.ok(green && green[0] < GREEN[0] - 8, `P3's green has less red in sRGB: ${green}`);
});

test("more pixels than accepted are refused before any is decoded", async (t) => {
  for (const options of [{ width: 40_000, height: 30_000 }, { tiles: [16, 16] as const }]) {
    const examination = await examineHeic(jobFor(t, heic(options), { maxPixels: 500_000 }));
    assert.equal(examination.verdict, "rejected");
    assert.equal(examination.code, "too-many-pixels", examination.detail);
  }
});

test("a picture of another size than the file says is damaged", async (t) => {
  for (const options of [
    { width: 640, height: 480 },
    { width: 32, height: 24 },
  ]) {
    const examination = await examineHeic(jobFor(t, heic(options)));
    assert.equal(examination.verdict, "rejected");
    assert.equal(examination.code, "corrupt");
    assert.equal(
      examination.detail,
      "The HEIC image is damaged or incomplete: it can't be decoded to its end.",
    );
  }
});

test("a HEIC that is cut short anywhere is refused, and changed bytes end in a verdict", async (t) => {
  const whole = heic({ exif: await exifOf("1") });
  for (let length = 24; length < whole.length; length += 61) {
    const examination = await examineHeic(jobFor(t, whole.subarray(0, length)));
    assert.equal(examination.verdict, "rejected", `${length} bytes`);
  }
  const random = seededRandom(7);
  for (let run = 0; run < 100; run += 1) {
    const changed = Buffer.from(whole);
    for (let change = 0; change < 3; change += 1)
      changed[24 + Math.floor(random() * (whole.length - 24))] = Math.floor(random() * 256);
    const { verdict } = await examineHeic(jobFor(t, changed));
    assert.ok(verdict === "accepted" || verdict === "rejected");
  }
});

test("it is a HEIC to the whole inspector, under each of its names", async (t) => {
  const inspector = inspectorFor(t);
  for (const declared of ["image/heic", "image/heif"]) {
    const inspection = await inspectBytes(inspector, heic(), declared, {
      allowedContentTypes: ["image/heic"],
      derivatives: [thumbnail],
    });
    assertAccepted(inspection);
    assert.equal(inspection.contentType, "image/heic");
    assert.equal(inspection.derivatives.length, 1);
  }
});

test("what begins with the brand of HEIC and AVIF alike is told by its others", async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "image");
  const avif = await quarters(16, 16).avif().toBuffer();
  avif.write("mif1", 8, "latin1");
  writeFileSync(path, avif);
  assert.equal(await identifyContent(path), "image/avif");
  writeFileSync(path, heic({ brand: "mif1", compatibleBrands: ["mif1", "heic"] }));
  assert.equal(await identifyContent(path), "image/heic");
});
