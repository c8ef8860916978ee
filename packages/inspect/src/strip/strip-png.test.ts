import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import sharp from "sharp";
import { photo } from "../made-images.test-data.ts";
import { joinPieces, UnstrippableError } from "./pieces.ts";
import { stripPng } from "./strip-png.ts";

const place = "Somewhere 52.5";
const original = await photo(40, 30).png().toBuffer();
const icc =
  (await sharp(await photo(8, 8).withIccProfile("p3").png().toBuffer()).metadata()).icc ?? Buffer.of();

function chunk(type: string, ...content: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat([type, ...content].map((part) => Buffer.from(part)));
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(body.length - 4);
  body.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(body), body.length + 4);
  return bytes;
}

/** After the header. */
const withChunks = (...chunks: readonly Buffer[]) =>
  Buffer.concat([original.subarray(0, 33), ...chunks, original.subarray(33)]);
const given = async (bytes: Buffer) => joinPieces(bytes, (await stripPng(bytes)).pieces);

test("leaves out names of palettes, and chunks that hold more than their kind does", async () => {
  for (const added of [
    chunk("sPLT", `${place}\0\x08`, Buffer.alloc(6)),
    chunk("gAMA", place),
    chunk("pHYs", Buffer.alloc(9), place),
    chunk("iCCP", `icc\0\0`, deflateSync(Buffer.concat([Buffer.alloc(200), Buffer.from(place)]))),
    chunk("iCCP", `icc\0\0${place}`),
    chunk("iCCP", place),
    chunk("zTXt", `Comment\0\0`, deflateSync(place)),
    chunk("aaAa", place),
  ])
    assert.deepEqual(await given(withChunks(added)), original);
});

test("keeps a colour profile, and neither its name nor what follows it", async () => {
  const bytes = withChunks(chunk("iCCP", `${place}\0\0`, deflateSync(icc), place));
  const stripped = await given(bytes);
  assert.ok(bytes.includes(place) && !stripped.includes(place));
  assert.deepEqual((await sharp(stripped).metadata()).icc, icc);
  assert.ok((await stripPng(stripped)).isSame);
});

test("refuses what no picture is shown without, where it holds more than its kind does", async () => {
  const ends = Buffer.concat([original.subarray(0, -12), chunk("IEND", place)]);
  await assert.rejects(stripPng(ends), UnstrippableError);
  const frame = withChunks(chunk("acTL", "\0\0\0\x01\0\0\0\0"), chunk("fcTL", place));
  await assert.rejects(stripPng(frame), UnstrippableError);
});

const ihdr = original.subarray(8, 33);
const iend = original.subarray(-12);
/** What its IDATs hold together. */
const packed = (() => {
  const parts: Buffer[] = [];
  for (let at = 33; at < original.length; at += 12 + original.readUInt32BE(at))
    if (original.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(original.subarray(at + 8, at + 8 + original.readUInt32BE(at)));
  return Buffer.concat(parts);
})();
const made = (...chunks: readonly Buffer[]) =>
  Buffer.concat([original.subarray(0, 8), ihdr, ...chunks, iend]);
const plain = made(chunk("IDAT", packed));

test("leaves out what stands after the rows of a picture, in a chunk or in further ones", async () => {
  assert.ok((await stripPng(plain)).isSame);
  for (const noisy of [
    made(chunk("IDAT", packed, place)),
    made(chunk("IDAT", packed), chunk("IDAT", place)),
    made(chunk("IDAT", packed, place), chunk("IDAT", place), chunk("IDAT", place)),
  ])
    assert.deepEqual(await given(noisy), plain);
  const halves = [chunk("IDAT", packed.subarray(0, 40)), chunk("IDAT", packed.subarray(40))] as const;
  assert.ok((await stripPng(made(...halves))).isSame);
  assert.deepEqual(await given(made(...halves, chunk("IDAT", place))), made(...halves));
});

test("refuses a picture that has more rows than it says, and rows that can't be unpacked", async () => {
  const more = Buffer.concat([inflateSync(packed), Buffer.from(place)]);
  await assert.rejects(stripPng(made(chunk("IDAT", deflateSync(more)))), /more rows/);
  await assert.rejects(stripPng(made(chunk("IDAT", place))), UnstrippableError);
});

test("knows how many rows a picture has, whatever its colours and passes", async () => {
  for (const [width, height] of [
    [1, 1],
    [3, 2],
    [5, 9],
    [33, 17],
  ] as const)
    for (const options of [
      { progressive: true },
      { progressive: false, palette: true, colours: 2 },
      { progressive: true, palette: true, colours: 16 },
    ])
      for (const space of ["srgb", "b-w", "rgb16"] as const) {
        const bytes = await photo(width, height).toColourspace(space).png(options).toBuffer();
        const told = JSON.stringify([width, height, options, space]);
        assert.ok((await stripPng(bytes)).isSame, told);
      }
});

/** A moment of an animation as large as the picture. */
function control(number: number): Buffer {
  const content = Buffer.alloc(26);
  content.writeUInt32BE(number, 0);
  content.writeUInt32BE(40, 4);
  content.writeUInt32BE(30, 8);
  return chunk("fcTL", content);
}
const numbered = (number: number) => Buffer.from([0, 0, 0, number]);
const counted = (frames: number) => chunk("acTL", numbered(frames), numbered(0));

test("keeps as many frames as it says, and none where it says of none before the picture", async () => {
  const picture = chunk("IDAT", packed);
  const second = [control(1), chunk("fdAT", numbered(2), packed)];
  const animated = made(counted(2), control(0), picture, ...second);
  assert.ok((await stripPng(animated)).isSame);
  const third = [control(3), chunk("fdAT", numbered(4), packed)];
  assert.deepEqual(await given(made(counted(2), control(0), picture, ...second, ...third)), animated);
  assert.deepEqual(await given(made(picture, control(0), chunk("fdAT", numbered(1), place))), plain);
  assert.deepEqual(
    await given(made(picture, counted(2), control(0), chunk("fdAT", numbered(1), place))),
    plain,
  );
  await assert.rejects(
    stripPng(made(counted(2), control(0), picture, control(1), chunk("fdAT", numbered(2), packed, place))),
    UnstrippableError,
  );
});
