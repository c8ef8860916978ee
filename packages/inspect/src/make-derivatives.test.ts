import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import type { Picture } from "./decode-picture.ts";
import type { DerivativeSpec } from "./inspection.ts";
import { makeDerivatives, planDerivatives } from "./make-derivatives.ts";

/** Stripes of one pixel each in colours that differ in nothing but their colour: what lossy WebP smears. */
function striped(side: number) {
  const data = Buffer.alloc(side * side * 3);
  for (let pixel = 0; pixel < side * side; pixel += 1)
    data.set((pixel % side) % 2 ? [255, 0, 255] : [0, 255, 255], pixel * 3);
  return { data, width: side, height: side, channels: 3 as const };
}

async function thumbnailOf(side: number) {
  const picture = striped(side);
  const plan = planDerivatives(
    picture,
    [{ name: "thumbnail", width: 320, height: 320, fit: "contain" }],
    "image",
  );
  const { pictures } = await makeDerivatives(picture, plan, { quality: 80, effort: 2 });
  const bytes = pictures[0]?.bytes;
  assert.ok(bytes);
  return { picture, pixels: await sharp(bytes).removeAlpha().raw().toBuffer() };
}

test("a tiny picture keeps every pixel's colour", async () => {
  const { picture, pixels } = await thumbnailOf(32);
  assert.deepEqual(pixels, picture.data);
});

test("a larger one is lossy, which is what keeps it small", async () => {
  const { picture, pixels } = await thumbnailOf(200);
  assert.notDeepEqual(pixels, picture.data);
});

const colours = { red: [230, 30, 30], green: [30, 200, 30], blue: [30, 30, 230], white: [255, 255, 255] };

/** Three stripes beside each other: red, green and blue. */
function tricolour(width: number, height: number, alpha?: number) {
  const channels = alpha === undefined ? 3 : 4;
  const data = Buffer.alloc(width * height * channels);
  const stripes = [colours.red, colours.green, colours.blue];
  for (let pixel = 0; pixel < width * height; pixel += 1)
    data.set(
      [
        ...(stripes[Math.floor(((pixel % width) * 3) / width)] ?? []),
        ...(alpha === undefined ? [] : [alpha]),
      ],
      pixel * channels,
    );
  return { data, width, height, channels } as const;
}

async function madeOf(picture: Picture, spec: Partial<DerivativeSpec>) {
  const specs = [{ name: "square", width: 100, height: 100, fit: "cover", ...spec } as const];
  const plan = planDerivatives(picture, specs, "image");
  const { pictures } = await makeDerivatives(picture, plan, { quality: 80, effort: 2 });
  const [made] = pictures;
  assert.ok(made);
  const { dominant } = await sharp(made.bytes).stats();
  return { ...made, dominant: [dominant.r, dominant.g, dominant.b] as const };
}

/** Encoders and the histogram's steps of 16 move a colour a little. */
function assertNear(seen: readonly number[], expected: readonly number[]): void {
  for (const [index, value] of expected.entries())
    assert.ok(Math.abs((seen[index] ?? -1000) - value) <= 24, `${seen} is not ${expected}`);
}

for (const format of ["webp", "jpeg", "avif", "png"] as const)
  test(`a derivative is encoded as ${format} where its profile says so, without metadata`, async () => {
    const { bytes, width, height, ...made } = await madeOf(tricolour(600, 300), { format });
    assert.equal(made.format, format);
    const metadata = await sharp(bytes).metadata();
    assert.equal(metadata.format, format === "avif" ? "heif" : format);
    assert.deepEqual([metadata.width, metadata.height], [width, height]);
    assert.deepEqual([metadata.exif, metadata.icc, metadata.xmp], [undefined, undefined, undefined]);
    assertNear(made.dominant, colours.green);
  });

test("what is transparent is white in JPEG, and stays transparent in the other formats", async () => {
  assertNear((await madeOf(tricolour(600, 300, 0), { format: "jpeg" })).dominant, colours.white);
  for (const format of ["webp", "avif", "png"] as const) {
    const { bytes } = await madeOf(tricolour(600, 300, 0), { format });
    assert.equal((await sharp(bytes).stats()).isOpaque, false);
  }
});

test("cover shows the middle, or what focus or crop point at", async () => {
  const picture = tricolour(900, 300);
  assertNear((await madeOf(picture, {})).dominant, colours.green);
  assertNear((await madeOf(picture, { focus: { x: 0.1, y: 0.5 } })).dominant, colours.red);
  assertNear((await madeOf(picture, { focus: { x: 0.95, y: 0 } })).dominant, colours.blue);
  const crop = { x: 0.7, y: 0.1, width: 0.25, height: 0.5 };
  assertNear((await madeOf(picture, { crop })).dominant, colours.blue);
  const { width, height } = await madeOf(picture, { fit: "contain", focus: { x: 0, y: 0 } });
  assert.deepEqual([width, height], [100, 33]);
});
