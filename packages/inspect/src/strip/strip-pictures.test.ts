import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import sharp from "sharp";
import { photo } from "../made-images.test-data.ts";
import { bytesSource } from "./iso-boxes.ts";
import { joinPieces, type Stripped, UnstrippableError } from "./pieces.ts";
import { stripGif } from "./strip-gif.ts";
import { stripHeif } from "./strip-heif.ts";
import { stripJpeg } from "./strip-jpeg.ts";
import { stripPng } from "./strip-png.ts";
import { stripWebp } from "./strip-webp.ts";

const camera = "Camera of somebody";
const place = "Somewhere 52.5";

/** What a camera and a phone write. */
const written = {
  exif: {
    IFD0: { Make: camera },
    IFD3: {
      GPSLatitudeRef: "N",
      GPSLatitude: "52/1 30/1 0/1",
      GPSLongitudeRef: "E",
      GPSLongitude: "13/1 24/1 0/1",
    },
  },
  xmp: `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:City="${place}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`,
};

type Format = "jpeg" | "png" | "webp" | "avif";
const strip: Record<Format, (bytes: Buffer) => Stripped | Promise<Stripped>> = {
  jpeg: stripJpeg,
  png: stripPng,
  webp: stripWebp,
  avif: (bytes) => stripHeif(bytesSource(bytes)),
};

async function taken(format: Format, orientation: number): Promise<Buffer> {
  const { exif, xmp } = written;
  const { data, info } = await photo(64, 48).raw().toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: info })
    .withMetadata({ orientation })
    .withIccProfile("p3")
    .withExifMerge(exif)
    .withXmp(xmp)
    .toFormat(format)
    .toBuffer();
}

const pixels = (bytes: Buffer) => sharp(bytes).autoOrient().raw().toBuffer();

for (const format of Object.keys(strip) as Format[])
  test(`leaves of a ${format} its pixels, colours and turn, and neither camera nor place`, async () => {
    for (let orientation = 1; orientation <= 8; orientation += 1) {
      const original = await taken(format, orientation);
      const told = await sharp(original).metadata();
      assert.ok(told.exif?.includes(camera) && told.xmp?.includes(place), "the original names both");
      const { pieces, isSame } = await strip[format](original);
      const given = joinPieces(original, pieces);
      assert.ok(!isSame);
      assert.ok(!given.includes(camera), "camera");
      assert.ok(!given.includes(place), "place");
      const [before, after] = [await sharp(original).metadata(), await sharp(given).metadata()];
      assert.deepEqual(after.icc, before.icc);
      // An item of a HEIF file is blank rather than gone.
      assert.ok(!after.xmp?.some((byte) => byte !== 0), "XMP");
      assert.deepEqual(after.autoOrient, before.autoOrient);
      assert.ok((await pixels(given)).equals(await pixels(original)), "pixels");
      // Once more changes nothing.
      const again = await strip[format](given);
      assert.deepEqual([again.isSame, joinPieces(given, again.pieces).equals(given)], [true, true]);
    }
  });

test("gives out what holds nothing but a picture as it is", async () => {
  for (const format of Object.keys(strip) as Format[]) {
    const original = await photo(40, 30).toFormat(format).toBuffer();
    assert.ok((await strip[format](original)).isSame, format);
  }
  assert.ok(stripGif(await photo(40, 30).gif().toBuffer()).isSame);
});

test("leaves out what follows a picture: a film, another picture, anything", async () => {
  for (const format of ["jpeg", "png", "webp"] as const) {
    const original = await photo(40, 30).toFormat(format).toBuffer();
    const longer = Buffer.concat([original, await taken("jpeg", 1)]);
    assert.deepEqual(joinPieces(longer, (await strip[format](longer)).pieces), original, format);
  }
  const gif = await photo(40, 30).gif().toBuffer();
  const longer = Buffer.concat([gif, Buffer.from(place)]);
  assert.deepEqual(joinPieces(longer, stripGif(longer).pieces), gif);
});

test("leaves out comments, Photoshop's and makers' segments, thumbnails and extended XMP of a JPEG", async () => {
  const original = await photo(40, 30).jpeg().toBuffer();
  const segment = (code: number, text: string) => {
    const content = Buffer.from(text, "latin1");
    const head = Buffer.from([0xff, code, 0, 0]);
    head.writeUInt16BE(content.length + 2, 2);
    return Buffer.concat([head, content]);
  };
  const jfif = original.readUInt16BE(2) === 0xffe0 ? 4 + original.readUInt16BE(4) : 2;
  const noisy = Buffer.concat([
    original.subarray(0, 2),
    segment(0xe0, `JFIF\0\x01\x01\0\0\x01\0\x01\x03\x01${place.slice(0, 9)}`),
    original.subarray(jfif === 2 ? 2 : jfif, jfif === 2 ? 2 : jfif),
    segment(0xfe, place),
    segment(0xed, `Photoshop 3.0\0${place}`),
    segment(0xe1, `http://ns.adobe.com/xmp/extension/\0${place}`),
    segment(0xe2, `MPF\0${place}`),
    segment(0xe7, place),
    segment(0xee, place),
    original.subarray(jfif),
  ]);
  const given = joinPieces(noisy, stripJpeg(noisy).pieces);
  assert.ok(!given.includes(place.slice(0, 9)));
  assert.ok((await pixels(given)).equals(await pixels(original)));
});

test("leaves out comments, XMP and private blocks of a GIF, and keeps how it moves", async () => {
  const frames = await sharp(
    await Promise.all([1, 2, 3].map((seed) => photo(20, 20, seed).png().toBuffer())),
    { join: { animated: true } },
  )
    .gif({ loop: 3, delay: [100, 200, 300] })
    .toBuffer();
  const header = 13 + 3 * 2 ** (((frames[10] ?? 0) & 7) + 1) * Number(((frames[10] ?? 0) & 0x80) !== 0);
  const block = (text: string) =>
    Buffer.concat([Buffer.from([text.length]), Buffer.from(text), Buffer.from([0])]);
  const noisy = Buffer.concat([
    frames.subarray(0, header),
    Buffer.from([0x21, 0xfe]),
    block(place),
    Buffer.from([0x21, 0xff, 11]),
    Buffer.from("XMP DataXMP"),
    block(place),
    frames.subarray(header),
  ]);
  assert.deepEqual(joinPieces(noisy, stripGif(noisy).pieces), frames);
});

test("leaves out metadata within the frames of an animated WebP", async () => {
  const original = await sharp(
    await Promise.all([1, 2].map((seed) => photo(20, 20, seed).png().toBuffer())),
    { join: { animated: true } },
  )
    .webp()
    .toBuffer();
  const at = original.indexOf("ANMF");
  const sizeBytes = original.readUInt32LE(at + 4);
  const hidden = Buffer.concat([Buffer.from("EXIF\x0e\0\0\0", "latin1"), Buffer.from(place)]);
  const noisy = Buffer.concat([
    original.subarray(0, at + 8 + sizeBytes),
    hidden,
    original.subarray(at + 8 + sizeBytes),
  ]);
  noisy.writeUInt32LE(sizeBytes + hidden.length, at + 4);
  noisy.writeUInt32LE(noisy.length - 8, 4);
  assert.deepEqual(joinPieces(noisy, stripWebp(noisy).pieces), original);
});

test("ends in a refusal or in a file that names no place, whatever is cut, flipped or exchanged", async () => {
  const originals = await Promise.all(
    (Object.keys(strip) as Format[]).map(async (format) => ({ format, original: await taken(format, 6) })),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...originals),
      fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { maxLength: 6 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async ({ format, original }, changes, share) => {
        const bytes = Buffer.from(original.subarray(0, Math.ceil(original.length * share)));
        for (const { at, value } of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
        try {
          const { pieces } = await strip[format](bytes);
          assert.ok(joinPieces(bytes, pieces).length <= bytes.length + 64);
        } catch (error) {
          assert.ok(error instanceof UnstrippableError, String(error));
        }
      },
    ),
    { numRuns: 1500 },
  );
});
