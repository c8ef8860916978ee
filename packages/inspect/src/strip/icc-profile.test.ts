import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { photo } from "../made-images.test-data.ts";
import { keptProfile } from "./icc-profile.ts";
import { bytesSource } from "./iso-boxes.ts";
import { tagsOf, withTags } from "./made-profiles.test-data.ts";
import { joinPieces } from "./pieces.ts";
import { stripHeif } from "./strip-heif.ts";
import { stripJpeg } from "./strip-jpeg.ts";
import { stripPng } from "./strip-png.ts";
import { stripWebp } from "./strip-webp.ts";

const place = "Somewhere 52.5";
const icc =
  (await sharp(await photo(8, 8).withIccProfile("p3").png().toBuffer()).metadata()).icc ?? Buffer.of();
const element = (type: string, content: string | Buffer) =>
  Buffer.concat([Buffer.from(type), Buffer.alloc(4), Buffer.from(content)]);
const told = withTags(
  icc,
  ["mmod", element("mmod", Buffer.concat([Buffer.alloc(8), Buffer.from("4711"), Buffer.alloc(20)]))],
  ["priv", element("text", `${place}\0`)],
  ["dmdd", element("text", `${place}\0`)],
);

test("keeps a profile as it is that has nothing but colours and what they are called", () => {
  assert.deepEqual(keptProfile(icc), icc);
  assert.deepEqual(keptProfile(Buffer.concat([icc, Buffer.from(place)])), icc);
});

test("leaves of a profile its colours, description and copyright, where they were, and nothing of its device", () => {
  const kept = keptProfile(told);
  assert.ok(kept && told.includes(place) && told.includes("4711"));
  assert.equal(kept.length, told.length);
  assert.deepEqual(tagsOf(kept), tagsOf(icc));
  assert.ok(!kept.includes(place) && !kept.includes("4711"));
  assert.deepEqual(keptProfile(kept), kept);
});

test("leaves no bytes that no tag uses: behind curves and numbers, between elements, in the header", () => {
  const longer = withTags(icc, [
    "bkpt",
    Buffer.concat([element("XYZ ", Buffer.alloc(12)), Buffer.from(place)]),
  ]);
  for (const at of [4, 48, 52, 80, 84, 100, 114]) longer.write(place.slice(0, at < 84 ? 4 : 14), at);
  longer.write("52.5200N13.4", 24);
  const noisy = Buffer.concat([longer, Buffer.from(place)]);
  noisy.writeUInt32BE(noisy.length, 0);
  const kept = keptProfile(noisy);
  assert.ok(kept);
  assert.ok(!kept.includes(place.slice(0, 4)) && !kept.includes("52.5"), kept.toString("latin1"));
  assert.deepEqual(tagsOf(kept), ["bkpt", ...tagsOf(icc)]);
});

test("keeps a digest of itself, and none that is another's", () => {
  const own = icc.subarray(84, 100);
  assert.ok(own.some((byte) => byte !== 0));
  const another = Buffer.from(icc);
  another.fill(7, 84, 100);
  const without = Buffer.from(icc);
  without.fill(0, 84, 100);
  assert.deepEqual([keptProfile(icc), keptProfile(another)], [icc, without]);
});

test("takes no profile that readers do not take", () => {
  const changed = (at: number, text: string) => {
    const bytes = Buffer.from(icc);
    bytes.write(text, at, "latin1");
    return bytes;
  };
  for (const bytes of [
    Buffer.alloc(0),
    icc.subarray(0, -1),
    changed(0, "\0\0\0\x10"),
    changed(12, "abcd"),
    changed(16, "abcd"),
    changed(36, "abcd"),
    changed(128, "\0\xff\xff\xff"),
    // An element in the header; one beyond the end.
    changed(136, "\0\0\0\x04"),
    changed(136, "\0\xff\xff\xff"),
  ])
    assert.equal(keptProfile(bytes), undefined);
});

test("ends in a profile of the same size or in none, whatever is changed", () => {
  const change = fc.record({ at: fc.nat(told.length - 1), value: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const bytes = Buffer.from(told);
      for (const { at, value } of changes) bytes[at] = value;
      const kept = keptProfile(bytes);
      if (!kept) return;
      assert.equal(kept.length, bytes.readUInt32BE(0));
      assert.deepEqual(keptProfile(kept), kept);
    }),
    { numRuns: 2000 },
  );
});

/** As seen: in the colours of a screen. */
const shown = (bytes: Buffer) => sharp(bytes).toColourspace("srgb").raw().toBuffer();

const strips = {
  jpeg: stripJpeg,
  png: stripPng,
  webp: stripWebp,
  avif: (bytes: Buffer) => stripHeif(bytesSource(bytes)),
} as const;

for (const format of ["jpeg", "png", "webp", "avif"] as const)
  test(`shows the same colours of a ${format} without what its profile tells beside`, async () => {
    const made = await photo(24, 16).withIccProfile("p3").toFormat(format).toBuffer();
    const original = await withProfile(format, made);
    assert.ok(format === "png" || original.includes(place), "the original says the place");
    const given = joinPieces(original, (await strips[format](original)).pieces);
    const { icc: after } = await sharp(given).metadata();
    assert.ok(after && !given.includes(place) && !after.includes(place));
    assert.deepEqual(tagsOf(after), tagsOf(icc));
    assert.deepEqual(await shown(given), await shown(made));
    assert.ok((await strips[format](given)).isSame);
  });

/** The same picture with the profile that tells more. */
async function withProfile(format: keyof typeof strips, made: Buffer): Promise<Buffer> {
  if (format === "avif") {
    // In the header, where nothing is said: the profile must stay as long as it is.
    const at = made.indexOf(icc);
    assert.ok(at > 0);
    const bytes = Buffer.from(made);
    bytes.write(place, at + 100, "latin1");
    return bytes;
  }
  if (format === "jpeg") {
    const content = Buffer.concat([Buffer.from("ICC_PROFILE\0\x01\x01", "latin1"), told]);
    const at = made.indexOf("ICC_PROFILE") - 4;
    const head = Buffer.of(0xff, 0xe2, (content.length + 2) >> 8, (content.length + 2) & 255);
    return Buffer.concat([
      made.subarray(0, at),
      head,
      content,
      made.subarray(at + 2 + made.readUInt16BE(at + 2)),
    ]);
  }
  if (format === "png") {
    const at = made.indexOf("iCCP") - 4;
    const body = Buffer.concat([Buffer.from("iCCPicc\0\0", "latin1"), deflateSync(told)]);
    const [head, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    head.writeUInt32BE(body.length - 4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([
      made.subarray(0, at),
      head,
      body,
      sum,
      made.subarray(at + 12 + made.readUInt32BE(at)),
    ]);
  }
  const at = made.indexOf("ICCP");
  const head = Buffer.from("ICCP\0\0\0\0", "latin1");
  head.writeUInt32LE(told.length, 4);
  const oldBytes = made.readUInt32LE(at + 4);
  const bytes = Buffer.concat([
    made.subarray(0, at),
    head,
    told,
    Buffer.alloc(told.length & 1),
    made.subarray(at + 8 + oldBytes + (oldBytes & 1)),
  ]);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  return bytes;
}
