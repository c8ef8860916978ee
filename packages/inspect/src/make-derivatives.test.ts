import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
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
