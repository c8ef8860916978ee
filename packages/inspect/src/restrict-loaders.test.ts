import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import sharp, { type Sharp } from "sharp";
import { temporaryDirectory } from "./inspect-bytes.test-data.ts";
import { quarters } from "./made-images.test-data.ts";
import { decodableFormats, restrictLoaders } from "./restrict-loaders.ts";

/** What the installed libvips opens pictures with: the names that are in its library. */
function installedLoaders(): string[] {
  const folder = join(
    dirname(require.resolve(`@img/sharp-libvips-${process.platform}-${process.arch}/package`)),
    "lib",
  );
  const library = readdirSync(folder).find((name) => name.includes("vips-cpp")) ?? assert.fail(folder);
  const names = readFileSync(join(folder, library), "latin1").match(/VipsForeignLoad\w+(?=\0)/g) ?? [];
  return [...new Set(names)].filter((name) => /(File|Buffer|Source|Raw)$/.test(name)).toSorted();
}

const require = createRequire(import.meta.url);
const kinds = ["Csv", "Heif", "Jpeg", "Matrix", "Nsgif", "Png", "Svg", "Tiff", "Uhdr", "Vips", "Webp"];
const withoutBuffers = ["Csv", "Matrix", "Vips"];

test("these are all the loaders that there are: another one wants a look, and a sample below", {
  skip: process.platform !== "linux" && "libvips is looked into as it is built for Linux",
}, () => {
  const known = kinds.flatMap((kind) =>
    ["File", "Source", ...(withoutBuffers.includes(kind) ? [] : ["Buffer"])].map((from) => `${kind}${from}`),
  );
  const expected = [...known, "Raw"].map((name) => `VipsForeignLoad${name}`).toSorted();
  assert.deepEqual(installedLoaders(), expected);
});

/** Of each kind that sharp can be brought to open, by the name that it gives to it, before any is blocked. */
const samples = new Map<string, Buffer>();

before(async () => {
  const picture = (): Sharp => quarters(16, 16);
  for (const format of ["jpeg", "png", "webp", "gif", "tiff", "avif"] as const)
    samples.set(format === "avif" ? "heif" : format, await picture().toFormat(format).toBuffer());
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  samples.set("svg", Buffer.from(svg));
  const folder = temporaryDirectory({ after });
  await picture().toFile(join(folder, "picture.v"));
  samples.set("vips", readFileSync(join(folder, "picture.v")));
  const path = join(folder, "sample");
  for (const [format, bytes] of samples) {
    writeFileSync(path, bytes);
    assert.equal((await sharp(path).metadata()).format, format, "the sample is one");
    if (format !== "vips") assert.equal((await sharp(bytes).metadata()).format, format);
  }
  restrictLoaders();
});

test("of all that could be opened only what is named is, and from files alone", async (t) => {
  const path = join(temporaryDirectory(t), "image");
  const named = new Set(decodableFormats.values());
  assert.deepEqual(
    [...samples.keys()].filter((format) => !named.has(format)),
    ["svg", "vips"],
  );
  for (const [format, bytes] of samples) {
    writeFileSync(path, bytes);
    if (named.has(format)) assert.equal((await sharp(path).metadata()).format, format);
    else await assert.rejects(sharp(path).metadata(), /unsupported image format/, format);
    // Pictures on their way from one step to the next are TIFFs.
    if (format !== "tiff") await assert.rejects(sharp(bytes).metadata(), /unsupported image format/, format);
  }
});

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
