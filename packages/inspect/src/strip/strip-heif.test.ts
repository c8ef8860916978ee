import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import sharp from "sharp";
import { box, fullBox, heic } from "../made-heics.test-data.ts";
import { photo } from "../made-images.test-data.ts";
import { openHeic } from "../open-heic.ts";
import { bytesSource } from "./iso-boxes.ts";
import { joinPieces, UnstrippableError } from "./pieces.ts";
import { stripHeif } from "./strip-heif.ts";

const place = "Somewhere 52.5";
const placeBytes = Buffer.from(place);

async function strip(original: Buffer): Promise<{ readonly given: Buffer; readonly isSame: boolean }> {
  const { pieces, isSame } = await stripHeif(bytesSource(original));
  const given = joinPieces(original, pieces);
  assert.equal(given.length, original.length);
  const again = await stripHeif(bytesSource(given));
  assert.ok(again.isSame, "once more changes nothing");
  return { given, isSame };
}

async function pixels(bytes: Buffer): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "stowage-heif-"));
  try {
    writeFileSync(join(folder, "picture"), bytes);
    return (await openHeic(join(folder, "picture"), 1e6)).decode();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const thumbnail = await photo(20, 20)
  .withExif({ IFD0: { Make: place } })
  .jpeg()
  .toBuffer();
const user = (text: string) =>
  Buffer.from([39 << 1, 1, 5, 16 + text.length, ...Buffer.alloc(16, 7), ...Buffer.from(text), 0x80]);

/** Each says the place in a way of its own. */
const hidden: Readonly<Record<string, Buffer>> = {
  "an item EXIF": heic({ exif: Buffer.concat([Buffer.from("Exif\0\0MM\0*\0\0\0\x08"), placeBytes]) }),
  "an item of text": heic({ beside: [{ type: "mime", data: placeBytes, reference: "cdsc" }] }),
  "a JPEG with EXIF as its thumbnail": heic({
    beside: [{ type: "jpeg", data: thumbnail, reference: "thmb" }],
  }),
  "a picture that is none": heic({ beside: [{ type: "hvc1", data: placeBytes, reference: "thmb" }] }),
  "bytes that no item has": heic({ unclaimed: thumbnail }),
  "names of items and of the handler": heic({ called: place }),
  "a description": heic({ properties: [fullBox("udes", 0, Buffer.from(`en\0${place}\0\0\0`))] }),
  "a property of an unknown kind": heic({ properties: [box("uuid", Buffer.alloc(16, 1), placeBytes)] }),
  "a property of another size than its kind has": heic({ properties: [fullBox("pasp", 0, placeBytes)] }),
  "a colour profile that is none": heic({ icc: Buffer.concat([Buffer.alloc(140), placeBytes]) }),
  "the name of an auxiliary picture's kind": heic({
    properties: [fullBox("auxC", 0, Buffer.from(`${place}\0`))],
  }),
  "what follows a known name of one": heic({
    properties: [fullBox("auxC", 0, Buffer.from(`urn:mpeg:hevc:2015:auxid:1\0${place}`))],
  }),
  "messages of HEVC": heic({ message: user(place) }),
  "boxes beside its lists": heic({
    metaBoxes: [
      box("free", placeBytes),
      box("uuid", placeBytes, placeBytes),
      box("dinf", fullBox("dref", 0, Buffer.from([0, 0, 0, 1]), fullBox("url ", 0, placeBytes))),
    ],
  }),
  "groups of items": heic({ metaBoxes: [box("grpl", fullBox("albc", 0, placeBytes))] }),
  "boxes of the file": heic({
    fileBoxes: [box("free", placeBytes), box("mpvd", placeBytes), box("mdat", placeBytes)],
  }),
};

for (const [where, original] of Object.entries(hidden))
  test(`says no place in ${where}, and shows the same`, async () => {
    assert.ok(original.includes(place));
    const { given } = await strip(original);
    assert.ok(!given.includes(place));
    assert.deepEqual(await pixels(given), await pixels(original));
  });

test("keeps tiles, turns and colours as they are", async () => {
  const icc = (await sharp(await photo(8, 8).withIccProfile("p3").jpeg().toBuffer()).metadata()).icc;
  assert.ok(icc);
  for (const options of [{ turns: 1 as const }, { tiles: [2, 2] as const, icc }]) {
    const original = heic(options);
    const { given } = await strip(original);
    assert.deepEqual(await pixels(given), await pixels(original), JSON.stringify(options));
    assert.deepEqual((await sharp(given).metadata()).icc, (await sharp(original).metadata()).icc);
  }
});

test("keeps nothing of a picture that is not the primary one", async () => {
  const another = Buffer.concat([Buffer.from([0, 0, 0, 16, 2 << 1, 1]), placeBytes]);
  const original = heic({ before: another });
  const { given } = await strip(original);
  assert.ok(original.includes(place) && !given.includes(place));
  assert.deepEqual(await pixels(given), await pixels(original));
});

test("keeps the transparency of an AVIF, and leaves out its EXIF", async () => {
  const { data, info } = await photo(64, 48).ensureAlpha(0.5).raw().toBuffer({ resolveWithObject: true });
  const original = await sharp(data, { raw: info })
    .withExif({ IFD0: { Make: place } })
    .avif()
    .toBuffer();
  const { given } = await strip(original);
  assert.ok(original.includes(place) && !given.includes(place));
  assert.equal((await sharp(given).metadata()).hasAlpha, true);
  assert.deepEqual(await sharp(given).raw().toBuffer(), await sharp(original).raw().toBuffer());
});

test("takes films, other codings and pictures that share bytes with what is none for nothing it knows", async () => {
  await assert.rejects(
    stripHeif(bytesSource(heic({ fileBoxes: [box("moov", placeBytes)] }))),
    UnstrippableError,
  );
  await assert.rejects(
    stripHeif(bytesSource(heic({ message: Buffer.concat([Buffer.from([48 << 1, 1]), placeBytes]) }))),
    UnstrippableError,
  );
  const shared = heic({ beside: [{ type: "Exif", data: placeBytes, reference: "cdsc" }] });
  const jpeg = Buffer.from(shared);
  jpeg.write("jpeg", jpeg.indexOf("hvc1"), "latin1");
  await assert.rejects(stripHeif(bytesSource(jpeg)), UnstrippableError);
  // The second item, of EXIF, is told to lie where the first one, the picture, does.
  const iloc = shared.indexOf("iloc") + 4 + 4 + 2 + 2;
  shared.copy(shared, iloc + 14 + 6, iloc + 6, iloc + 10);
  await assert.rejects(stripHeif(bytesSource(shared)), /shares bytes/);
});

test("ends in a refusal, or in a picture of the same size, whatever is cut or flipped", async () => {
  const originals = [
    heic({ tiles: [2, 1], called: place, unclaimed: placeBytes }),
    hidden["an item EXIF"] ?? Buffer.of(),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...originals),
      fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { maxLength: 6 }),
      fc.double({ min: 0.5, max: 1, noNaN: true }),
      async (original, changes, share) => {
        const bytes = Buffer.from(original.subarray(0, Math.ceil(original.length * share)));
        for (const { at, value } of changes) bytes[at % bytes.length] = value;
        try {
          const { pieces } = await stripHeif(bytesSource(bytes));
          assert.equal(joinPieces(bytes, pieces).length, bytes.length);
        } catch (error) {
          assert.ok(error instanceof UnstrippableError, String(error));
        }
      },
    ),
    { numRuns: 1000 },
  );
});
