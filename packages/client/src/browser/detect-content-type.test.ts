import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { detectContentType, typeOfBytes } from "./detect-content-type.ts";

const begins = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(text.padEnd(80, "\0"), "latin1"));
const fileType = (major: string, ...compatible: string[]) => {
  const brands = [major, "\0\0\0\0", ...compatible].join("");
  return `\0\0\0${String.fromCharCode(8 + brands.length)}ftyp${brands}`;
};

const known: readonly (readonly [what: string, bytes: string, contentType: string | undefined])[] = [
  ["a JPEG", "\xff\xd8\xff\xe1..Exif", "image/jpeg"],
  ["a PNG", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"],
  ["a GIF", "GIF89a", "image/gif"],
  ["a WebP", "RIFF\x10\0\0\0WEBPVP8 ", "image/webp"],
  ["a TIFF", "MM\0*", "image/tiff"],
  ["an AVIF", fileType("avif", "mif1", "miaf"), "image/avif"],
  ["an AVIF that says so only at the end", fileType("mif1", "miaf", "avif"), "image/avif"],
  ["a phone's HEIC", fileType("heic", "mif1", "heic"), "image/heic"],
  ["a PDF", "%PDF-1.7", "application/pdf"],
  ["an MP4", fileType("isom", "iso2", "avc1", "mp41"), "video/mp4"],
  ["a QuickTime film", fileType("qt  "), "video/quicktime"],
  ["an old phone's film", fileType("3gp5", "isom"), "video/3gpp"],
  ["a song", fileType("M4A ", "mp42"), "audio/mp4"],
  [
    "a WebM",
    "\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm",
    "video/webm",
  ],
  ["a Matroska film", "\x1aE\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska", "video/matroska"],
  ["a sound of the same container as WebP", "RIFF\x10\0\0\0WAVEfmt ", undefined],
  ["text", "GIF is a format of pictures", undefined],
  ["a ZIP, which may be a document", "PK\x03\x04", undefined],
];

for (const [what, bytes, contentType] of known)
  test(`${contentType ? "knows" : "leaves to its name"} ${what}`, () => {
    assert.equal(typeOfBytes(begins(bytes)), contentType);
  });

test("does not look for brands beyond their box", () => {
  assert.equal(typeOfBytes(begins(`${fileType("isom", "mp41")}avif`)), "video/mp4");
});

test("reads any bytes without a fault", () => {
  const somewhat = fc.constantFrom("RIFF", "\x1aE\xdf\xa3", "\0\0\0\x18ftyp", "\xff\xff\xff\xffftyp", "");
  fc.assert(
    fc.property(somewhat, fc.uint8Array({ maxLength: 64 }), (prefix, rest) => {
      const type = typeOfBytes(Uint8Array.from([...Buffer.from(prefix, "latin1"), ...rest]));
      assert.ok(type === undefined || /^(image|video|audio|application)\/[a-z0-9]+$/.test(type));
    }),
  );
});

const detect = (bytes: string, type: string, name: string) =>
  detectContentType(new Blob([begins(bytes)], { type }), name);

test("believes the bytes before the browser, which goes by the name", async () => {
  assert.equal(await detect("\x89PNG\r\n\x1a\n", "image/jpeg", "scan.jpg"), "image/png");
  assert.equal(await detect("%PDF-1.4", "", "letter"), "application/pdf");
});

test("believes the browser where the bytes say nothing", async () => {
  assert.equal(await detect("hello", "image/jpeg", "notes.jpg"), "image/jpeg");
  assert.equal(await detect("hello", "Text/HTML; charset=UTF-8", "page.html"), "text/html");
});

test("goes by the extension where neither knows", async () => {
  assert.equal(await detect("hello", "", "README.MD"), "text/markdown");
  assert.equal(await detect("hello", "application/octet-stream", "a.csv"), "text/csv");
  assert.equal(await detect("hello", "", "hello"), "application/octet-stream");
  assert.equal(await detect("hello", "nonsense", "__proto__.constructor"), "application/octet-stream");
});

test("leaves a camera's raw format, which is a TIFF too, what the browser calls it", async () => {
  assert.equal(await detect("II*\0", "image/x-canon-cr2", "IMG_1.CR2"), "image/x-canon-cr2");
  assert.equal(await detect("II*\0", "", "scan.tif"), "image/tiff");
});
