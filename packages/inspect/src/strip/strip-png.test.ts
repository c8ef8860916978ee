import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
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
const given = (bytes: Buffer) => joinPieces(bytes, stripPng(bytes).pieces);

test("leaves out names of palettes, and chunks that hold more than their kind does", () => {
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
    assert.deepEqual(given(withChunks(added)), original);
});

test("keeps a colour profile, and neither its name nor what follows it", async () => {
  const bytes = withChunks(chunk("iCCP", `${place}\0\0`, deflateSync(icc), place));
  const stripped = given(bytes);
  assert.ok(bytes.includes(place) && !stripped.includes(place));
  assert.deepEqual((await sharp(stripped).metadata()).icc, icc);
  assert.ok(stripPng(stripped).isSame);
});

test("refuses what no picture is shown without, where it holds more than its kind does", () => {
  const ends = Buffer.concat([original.subarray(0, -12), chunk("IEND", place)]);
  assert.throws(() => stripPng(ends), UnstrippableError);
  assert.throws(() => stripPng(withChunks(chunk("acTL", place))), UnstrippableError);
});
