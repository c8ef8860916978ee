import { open } from "node:fs/promises";

/** An end record without a comment, and the longest comment (PKWARE APPNOTE 6.3.10, section 4.3.16). */
const endRecordBytes = 22;
const longestCommentBytes = 65_535;
const directoryMagic = 0x02014b50;
const endMagic = Buffer.from("PK\x05\x06", "latin1");

/** Readers take a PDF whose header comes within so many bytes. */
const pdfHeaderWithinBytes = 1024;

/**
 * Which other type the bytes are as well: one file that programs take for two is of no use to anybody but those who want
 * a check to see the one and a victim the other. Metadata with markup in it makes no other type: only a program that
 * guesses would read it so, and nothing here is served to be guessed at.
 *
 * @param contentType - what the file is by its beginning
 */
export async function secondTypeOf(path: string, contentType: string): Promise<"ZIP" | "PDF" | undefined> {
  if (!/^(?:image|video|audio)\/|^application\/pdf$/.test(contentType)) return undefined;
  await using file = await open(path);
  const { size } = await file.stat();
  const head = Buffer.alloc(Math.min(size, pdfHeaderWithinBytes));
  await file.read(head, 0, head.length, 0);
  if (contentType !== "application/pdf" && head.includes("%PDF-")) return "PDF";
  const tail = Buffer.alloc(Math.min(size, endRecordBytes + longestCommentBytes));
  await file.read(tail, 0, tail.length, size - tail.length);
  for (
    let at = tail.lastIndexOf(endMagic);
    at >= 0;
    at = at === 0 ? -1 : tail.lastIndexOf(endMagic, at - 1)
  ) {
    if (at + endRecordBytes > tail.length) continue;
    if (isZip64(tail, at)) return "ZIP";
    // The directory ends where its end record begins, whatever was put before the archive.
    const directoryBytes = tail.readUInt32LE(at + 12);
    const directoryAt = size - tail.length + at - directoryBytes;
    if (directoryAt < 0) continue;
    const magic = Buffer.alloc(4);
    await file.read(magic, 0, 4, directoryAt);
    if (directoryBytes === 0 || magic.readUInt32LE() === directoryMagic) return "ZIP";
  }
  return undefined;
}

/** Just before the end record, where the archive is a ZIP64 one (section 4.3.15). */
const locatorMagic = Buffer.from("PK\x06\x07", "latin1");
const locatorBytes = 20;

/** Whether an end record says, by all bits set or by what is before it, that another one tells where the directory is. */
function isZip64(tail: Buffer, at: number): boolean {
  const isFull = (offset: number, bytes: number): boolean =>
    tail.subarray(at + offset, at + offset + bytes).every((byte) => byte === 0xff);
  const locator = tail.subarray(Math.max(0, at - locatorBytes), at);
  if (locator.length === locatorBytes && locator.subarray(0, 4).equals(locatorMagic)) return true;
  // Noise is no end record: its comment would end beyond the file.
  const commentBytes = tail.readUInt16LE(at + 20);
  const isSound = at + endRecordBytes + commentBytes <= tail.length;
  return isSound && (isFull(8, 2) || isFull(10, 2) || isFull(12, 4) || isFull(16, 4));
}
