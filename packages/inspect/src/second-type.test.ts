import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  assertAccepted,
  assertRejected,
  everyImage,
  inspectBytes,
  inspectorFor,
} from "./inspect-bytes.test-data.ts";
import { zip } from "./made-archives.test-data.ts";
import { film } from "./made-films.test-data.ts";
import { heic } from "./made-heics.test-data.ts";
import { quarters, withJpegSegment } from "./made-images.test-data.ts";
import { pdf } from "./made-pdfs.test-data.ts";

const inspector = inspectorFor({ after });
const allowed = { allowedContentTypes: [...everyImage, "image/heic", "application/pdf", "video/mp4"] };
const inspect = (bytes: Buffer, type: string) => inspectBytes(inspector, bytes, type, allowed);

const jpeg = await quarters(64, 48).jpeg().toBuffer();
const sound: readonly (readonly [type: string, bytes: Buffer])[] = [
  ["image/jpeg", jpeg],
  ["image/png", await quarters(64, 48).png().toBuffer()],
  ["image/gif", await quarters(64, 48).gif().toBuffer()],
  ["image/webp", await quarters(64, 48).webp().toBuffer()],
  ["image/tiff", await quarters(64, 48).tiff().toBuffer()],
  ["image/avif", await quarters(64, 48).avif().toBuffer()],
  ["image/heic", heic()],
  ["application/pdf", pdf()],
  ["video/mp4", film()],
];

for (const [type, bytes] of sound) {
  test(`${type} with an archive behind it is refused, and without it is not`, async () => {
    assertAccepted(await inspect(bytes, type));
    for (const archive of [
      zip([{ name: "META-INF/MANIFEST.MF" }, { name: "Evil.class", content: "x" }]),
      zip([]),
    ]) {
      const inspection = await inspect(Buffer.concat([bytes, archive]), type);
      assert.equal(inspection.verdict, "rejected");
      // Some formats have no room behind their end in the first place.
      if (inspection.code !== "corrupt")
        assert.match(inspection.detail, /and ZIP at once: files of two types are not taken\.$/);
    }
    const padded = Buffer.concat([bytes, zip([{ name: "x" }]), Buffer.from("a comment")]);
    assert.equal((await inspect(padded, type)).verdict, "rejected");
  });
}

test("a picture with an archive of RAR or 7-Zip behind it is refused, wherever that begins", async () => {
  const megabyte = 1024 * 1024;
  for (const [name, magic] of [
    ["RAR", "Rar!\x1a\x07\x01\x00"],
    ["7z", "7z\xbc\xaf\x27\x1c\x00\x04"],
  ] as const)
    for (const before of [0, megabyte - jpeg.length - 3, megabyte - jpeg.length, 3 * megabyte]) {
      const bytes = Buffer.concat([jpeg, Buffer.alloc(before), Buffer.from(magic, "latin1")]);
      const inspection = await inspect(bytes, "image/jpeg");
      assertRejected(inspection, "type-mismatch");
      assert.match(inspection.detail, new RegExp(`JPEG and ${name} at once`));
    }
});

test("a picture that PDF readers would open is refused", async () => {
  const both = withJpegSegment(jpeg, 0xfe, pdf());
  const inspection = await inspect(both, "image/jpeg");
  assertRejected(inspection, "type-mismatch");
  assert.equal(inspection.detail, "The file is JPEG and PDF at once: files of two types are not taken.");
});

test("a document that begins as a page does is none", async () => {
  for (const page of [
    "<html><script>alert(1)</script>",
    "<!doctype html>",
    "<svg onload=alert(1)>",
    "<?xml version='1.0'?>",
  ]) {
    const both = Buffer.concat([Buffer.from(page), pdf()]);
    assertRejected(await inspect(both, "application/pdf"), "type-mismatch");
  }
});

test("a phone's picture with its moment in motion behind it is a picture", async () => {
  assertAccepted(await inspect(Buffer.concat([jpeg, film()]), "image/jpeg"));
});

test("a picture that has words about scripts in its metadata is a picture", async () => {
  assertAccepted(
    await inspect(withJpegSegment(jpeg, 0xfe, Buffer.from("<script>alert(1)</script>")), "image/jpeg"),
  );
});

test("bytes that look like an archive's end here and there make none", async () => {
  for (const noise of [
    "PK\x05\x06",
    `PK\x05\x06${"\xff".repeat(18)}`,
    `PK\x01\x02 PK\x05\x06${"\x01".repeat(30)}`,
  ])
    assertAccepted(await inspect(Buffer.concat([jpeg, Buffer.from(noise, "latin1")]), "image/jpeg"));
});

/** Of which the end record says otherwise where the directory is, or has something before or behind it. */
function misplaced(archive: Buffer, before: number): readonly (readonly [what: string, archive: Buffer])[] {
  const at = archive.lastIndexOf("PK\x05\x06", undefined, "latin1");
  const changed = (change: (copy: Buffer) => void): Buffer => {
    const copy = Buffer.from(archive);
    change(copy);
    return copy;
  };
  const offset = archive.readUInt32LE(at + 16);
  const absolute = changed((copy) => copy.writeUInt32LE(before + offset, at + 16));
  const spaced = (archive: Buffer): Buffer =>
    Buffer.concat([archive.subarray(0, at), Buffer.from("JUNKJUNK!!"), archive.subarray(at)]);
  const sized = (archive: Buffer, change: (bytes: number) => number): Buffer => {
    const copy = Buffer.from(archive);
    copy.writeUInt32LE(change(copy.readUInt32LE(at + 12)), at + 12);
    return copy;
  };
  return [
    ["its place in the file, and junk before the end record", spaced(absolute)],
    ["its place in the archive, and junk before the end record", spaced(archive)],
    ["too small a size", sized(absolute, (bytes) => bytes - 4)],
    ["a size of one", sized(absolute, () => 1)],
    ["too large a size", sized(absolute, (bytes) => bytes + 7)],
    ["too large a size, and a place that is none", sized(archive, () => 0x7fffffff)],
    ["its size on other disks", changed((copy) => copy.writeUInt32LE(0x00070007, at + 4))],
    ["its size, with a comment that is cut", changed((copy) => copy.writeUInt16LE(9, at + 20))],
  ];
}

for (const [type, bytes] of sound.filter(([each]) => /jpeg|pdf|mp4/.test(each)))
  for (const [what, archive] of misplaced(zip([{ name: "evil.html", content: "x" }]), bytes.length))
    test(`${type} with an archive behind it that says ${what} is refused`, async () => {
      assertRejected(await inspect(Buffer.concat([bytes, archive]), type), "type-mismatch");
    });

test("an end record with nothing that it could lead to makes no archive, wherever it points", async () => {
  const record = zip([{ name: "x" }]).subarray(-22);
  for (const bytes of [1, 46, 0x7fffffff]) {
    const lonely = Buffer.from(record);
    lonely.writeUInt32LE(bytes, 12);
    assertAccepted(await inspect(Buffer.concat([jpeg, lonely]), "image/jpeg"));
  }
});

test("a picture that is a ZIP64 archive as well is refused, by its locator or by fields that are full", async () => {
  const archive = zip([{ name: "evil.html" }]);
  const at = archive.lastIndexOf("PK\x05\x06", undefined, "latin1");
  const locator = Buffer.alloc(20);
  locator.write("PK\x06\x07", "latin1");
  const located = Buffer.concat([archive.subarray(0, at), locator, archive.subarray(at)]);
  // A directory that could not be found by what the end record says.
  located.writeUInt32LE(0x7fffffff, at + 20 + 12);
  const full = Buffer.from(archive);
  full.writeUInt32LE(0xffffffff, at + 12);
  for (const bytes of [located, full]) {
    const inspection = await inspect(Buffer.concat([jpeg, bytes]), "image/jpeg");
    assertRejected(inspection, "type-mismatch");
  }
});
