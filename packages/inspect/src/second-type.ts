import { type FileHandle, open } from "node:fs/promises";

/** An end record without a comment (PKWARE APPNOTE 6.3.10, section 4.3.16). */
const endRecordBytes = 22;
const directoryMagic = Buffer.from("PK\x01\x02", "latin1");
const endMagic = Buffer.from("PK\x05\x06", "latin1");
/** Just before the end record, where the archive is a ZIP64 one (section 4.3.15). */
const locatorMagic = Buffer.from("PK\x06\x07", "latin1");
const locatorBytes = 20;
/** Programs look for an end record as far back as the longest comment goes, some a little further. */
const endWithinBytes = 128 * 1024;

/** Archives that their programs find behind whatever is before them. */
const foundAnywhere = [
  ["RAR", Buffer.from("Rar!\x1a\x07", "latin1")],
  ["7z", Buffer.from("7z\xbc\xaf\x27\x1c", "latin1")],
] as const;

/** Readers take a PDF whose header comes within so many bytes. */
const pdfHeaderWithinBytes = 1024;

export type SecondType = "ZIP" | "PDF" | "RAR" | "7z";

/**
 * Which other type the bytes are as well: one file that programs take for two is of no use to anybody but those who want
 * a check to see the one and a victim the other. Metadata with markup in it makes no other type: only a program that
 * guesses would read it so, and nothing here is served to be guessed at.
 *
 * @param contentType - what the file is by its beginning
 */
export async function secondTypeOf(path: string, contentType: string): Promise<SecondType | undefined> {
  if (!/^(?:image|video|audio)\/|^application\/pdf$/.test(contentType)) return undefined;
  await using file = await open(path);
  const { size } = await file.stat();
  if (contentType !== "application/pdf" && (await opensAsPdf(file))) return "PDF";
  if (await isArchiveAtItsEnd(file, size)) return "ZIP";
  // Films are large, and documents hold others as they are.
  if (!contentType.startsWith("image/")) return undefined;
  for await (const { bytes } of overlapping(file, size))
    for (const [name, magic] of foundAnywhere) if (bytes.includes(magic)) return name;
  return undefined;
}

/** Whether PDF readers take it, whatever else it is. */
export async function opensAsPdf(file: FileHandle): Promise<boolean> {
  const { buffer } = await file.read(Buffer.alloc(pdfHeaderWithinBytes), 0, pdfHeaderWithinBytes, 0);
  return buffer.includes("%PDF-");
}

/**
 * Whether an end record leads anybody to a directory. Programs differ in where they take it to be: where the record says, or
 * as far before the record as it says the directory is long (Python, Java), both (Info-ZIP), or at the first entry from there
 * on (libarchive). A comment may be cut, or have something behind it.
 */
async function isArchiveAtItsEnd(file: FileHandle, sizeBytes: number): Promise<boolean> {
  const tail = Buffer.alloc(Math.min(sizeBytes, endWithinBytes));
  await file.read(tail, 0, tail.length, sizeBytes - tail.length);
  let firstEntryAt: number | undefined;
  for (let at = tail.indexOf(endMagic); at >= 0; at = tail.indexOf(endMagic, at + 1)) {
    if (at + endRecordBytes > tail.length) return false;
    const locator = tail.subarray(Math.max(0, at - locatorBytes), at);
    if (locator.subarray(0, 4).equals(locatorMagic)) return true;
    const endAt = sizeBytes - tail.length + at;
    const bytes = tail.readUInt32LE(at + 12);
    if (bytes === 0) return true;
    for (const from of [endAt - bytes, tail.readUInt32LE(at + 16)])
      if (await isEntry(file, from, endAt)) return true;
    // Those who search for it want a single disk, which noise hardly ever says.
    if (tail.readUInt32LE(at + 4) !== 0) continue;
    firstEntryAt ??= await findEntry(file, sizeBytes);
    if (firstEntryAt < endAt) return true;
  }
  return false;
}

async function isEntry(file: FileHandle, at: number, endAt: number): Promise<boolean> {
  if (at < 0 || at >= endAt) return false;
  const { buffer } = await file.read(Buffer.alloc(directoryMagic.length), 0, directoryMagic.length, at);
  return buffer.equals(directoryMagic);
}

/** Where the first entry of any directory is; at the end of the file where there is none. */
async function findEntry(file: FileHandle, sizeBytes: number): Promise<number> {
  for await (const { at, bytes } of overlapping(file, sizeBytes)) {
    const found = bytes.indexOf(directoryMagic);
    if (found >= 0) return at + found;
  }
  return sizeBytes;
}

const chunkBytes = 1024 * 1024;
/** No signature here is longer. */
const overlapBytes = 8;

/** All of a file in chunks, and where they are: what lies across the end of one is in the next. Good until that is asked for. */
async function* overlapping(
  file: FileHandle,
  sizeBytes: number,
): AsyncGenerator<{ readonly at: number; readonly bytes: Buffer }> {
  const chunk = Buffer.alloc(chunkBytes);
  for (let at = 0; at < sizeBytes; at += chunkBytes - overlapBytes) {
    const { bytesRead } = await file.read(chunk, 0, chunkBytes, at);
    yield { at, bytes: chunk.subarray(0, bytesRead) };
  }
}
