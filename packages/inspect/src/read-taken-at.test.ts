import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import sharp, { type Exif } from "sharp";
import { quarters } from "./made-images.test-data.ts";
import { readTakenAt } from "./read-taken-at.ts";

async function exifOf(photo: Exif["IFD2"]): Promise<Buffer | undefined> {
  const jpeg = await quarters(8, 8)
    .jpeg()
    .withExif({ IFD2: photo ?? {} })
    .toBuffer();
  return (await sharp(jpeg).metadata()).exif;
}

test("the time a photo was taken is that of its camera's offset", async () => {
  const exif = await exifOf({ DateTimeOriginal: "2024:07:01 09:30:15", OffsetTimeOriginal: "+02:00" });
  assert.equal(readTakenAt(exif), "2024-07-01T07:30:15.000Z");
  const west = await exifOf({ DateTimeOriginal: "2024:07:01 22:30:15", OffsetTimeOriginal: "-03:30" });
  assert.equal(readTakenAt(west), "2024-07-02T02:00:15.000Z");
});

test("without an offset it is read as UTC", async () => {
  assert.equal(
    readTakenAt(await exifOf({ DateTimeOriginal: "2024:07:01 09:30:15" })),
    "2024-07-01T09:30:15.000Z",
  );
});

test("a clock that was never set, an unreadable date or no date at all give no time", async () => {
  assert.equal(readTakenAt(await exifOf({ DateTimeOriginal: "0000:00:00 00:00:00" })), undefined);
  assert.equal(readTakenAt(await exifOf({ DateTimeOriginal: "last summer" })), undefined);
  assert.equal(readTakenAt(await exifOf({ UserComment: "no date" })), undefined);
  assert.equal(readTakenAt(undefined), undefined);
});

test("no EXIF, however damaged, makes it throw", async () => {
  const exif = await exifOf({ DateTimeOriginal: "2024:07:01 09:30:15", OffsetTimeOriginal: "+02:00" });
  assert.ok(exif);
  const edits = fc.array(fc.tuple(fc.nat(exif.length - 1), fc.integer({ min: 0, max: 255 })), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(edits, fc.nat(exif.length), (changes, length) => {
      const damaged = Buffer.from(exif);
      for (const [at, value] of changes) damaged[at] = value;
      const takenAt = readTakenAt(damaged.subarray(0, length));
      assert.ok(takenAt === undefined || !Number.isNaN(Date.parse(takenAt)));
    }),
  );
});
