import assert from "node:assert/strict";
import { test } from "node:test";
import { sniffContentType } from "./sniff-content-type.ts";

const iso = (brand: string) => `\0\0\0\x20ftyp${brand}\0\0\0\0`;

const byContent: readonly (readonly [string, string])[] = [
  ["\xff\xd8\xff\xe0", "image/jpeg"],
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["GIF89a", "image/gif"],
  ["II*\0", "image/tiff"],
  ["MM\0*", "image/tiff"],
  ["RIFF\x10\0\0\0WEBPVP8 ", "image/webp"],
  ["RIFF\x10\0\0\0WAVEfmt ", "audio/wav"],
  ["%PDF-1.7", "application/pdf"],
  [iso("avif"), "image/avif"],
  [iso("heic"), "image/heic"],
  [iso("mif1"), "image/heic"],
  [iso("qt  "), "video/quicktime"],
  [iso("isom"), "video/mp4"],
  [iso("mp42"), "video/mp4"],
  [iso("M4V "), "video/mp4"],
  [iso("3gp5"), "video/3gpp"],
  ["\x1aE\xdf\xa3\x01\0\0\0B\x82\x84webm", "video/webm"],
  ["\x1aE\xdf\xa3\x01\0\0\0B\x82\x88matroska", "video/matroska"],
  ["MZ\x90", "application/x-msdownload"],
];
for (const [beginning, contentType] of byContent)
  test(`tells ${contentType} by ${JSON.stringify(beginning.slice(0, 12))}, whatever its name`, () =>
    assert.equal(sniffContentType(Buffer.from(beginning, "latin1"), "misnamed.txt"), contentType));

test("falls back to the extension, and then says that it does not know", () => {
  for (const [name, contentType] of [
    ["photo.JPG", "image/jpeg"],
    ["drawing.svg", "image/svg+xml"],
    ["letter.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    ["archive.tar.gz", "application/gzip"],
    ["Makefile", "application/octet-stream"],
    ["a.constructor", "application/octet-stream"],
  ] as const)
    assert.equal(sniffContentType(Buffer.from("words"), name), contentType);
  assert.equal(sniffContentType(Buffer.alloc(0), "empty.png"), "image/png");
});
