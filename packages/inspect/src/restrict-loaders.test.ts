import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import sharp from "sharp";
import { temporaryDirectory } from "./inspect-bytes.test-data.ts";
import { quarters } from "./made-images.test-data.ts";
import { decodableFormats, restrictLoaders } from "./restrict-loaders.ts";

before(restrictLoaders);

test("each of the named formats is still opened from a file", async (t) => {
  const path = join(temporaryDirectory(t), "image");
  for (const [contentType, format] of decodableFormats) {
    const name = contentType.replace("image/", "") as "jpeg" | "png" | "webp" | "gif" | "tiff" | "avif";
    writeFileSync(path, await quarters(16, 16).toFormat(name).toBuffer());
    assert.equal((await sharp(path).metadata()).format, format);
  }
});

test("nothing else is opened: no SVG, no PDF, no plain-text or scientific image", async (t) => {
  const path = join(temporaryDirectory(t), "image");
  const others = [
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>',
    "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>",
    "P3\n1 1\n255\n1 2 3\n",
    "1 2 3\n4 5 6\n",
    "SIMPLE  =                    T / FITS",
    "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n\x01\x01\x01\x01",
  ];
  for (const other of others) {
    writeFileSync(path, other);
    await assert.rejects(sharp(path).metadata(), /unsupported image format/, other);
    await assert.rejects(sharp(Buffer.from(other)).metadata(), /unsupported image format/, other);
  }
});
