import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { withActiveContent } from "./active-content.ts";
import {
  type ArchiveEntry,
  activeByName,
  activeByText,
  faultOfEntry,
  faultOfSize,
  isFileOfItsOwn,
  isTold,
  overlap,
  type Stretch,
  toldBytes,
} from "./archive-rules.ts";
import { commonName } from "./content-type.ts";
import type { DecodeJob, Examination, Rejected } from "./examination.ts";
import type { ActiveContent } from "./inspection.ts";

/** The directory says one thing and the file another: different programs would find different files in it. */
class UnsafeArchiveError extends Error {
  override readonly name = "UnsafeArchiveError";
}

/** What all files of this kind begin with: a file, or the end of an empty directory. */
export async function isZip(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(4));
  return ["PK\x03\x04", "PK\x05\x06"].includes(buffer.toString("latin1"));
}

/**
 * Looks through a ZIP file, or a document that is one: first at what its directory says, then at every byte that would be
 * unpacked, counted, and thrown away. Nothing is written anywhere. Archives within are not opened: they are told as
 * `embedded-files`.
 */
export async function examineArchive(job: DecodeJob, contentType: string): Promise<Examination> {
  const name = commonName(contentType);
  let archive: ZipFile | undefined;
  try {
    archive = await openPromise(job.path, { lazyEntries: true, autoClose: false, strictFileNames: true });
    const entries = await listEntries(archive);
    const found = new Set<ActiveContent>();
    await readEntries(archive, entries, found);
    return { verdict: "accepted", contentType, ...withActiveContent(found), pictures: [] };
  } catch (error) {
    return refusalOf(error, name);
  } finally {
    archive?.close();
  }
}

/** What is wrong by the directory alone is found before a byte is unpacked. */
async function listEntries(archive: ZipFile): Promise<readonly Entry[]> {
  refuseFor(faultOfSize(archive.entryCount, 0, archive.fileSize));
  const entries: Entry[] = [];
  const names = new Set<string>();
  const stretches: Stretch[] = [];
  let unpackedBytes = 0;
  for await (const entry of archive.eachEntry()) {
    refuseFor(faultOfEntry(asRead(entry)));
    const folded = entry.fileName.normalize("NFC");
    if (names.has(folded)) throw new UnsafeArchiveError("two files in it have the same name");
    names.add(folded);
    unpackedBytes += entry.uncompressedSize;
    refuseFor(faultOfSize(entries.push(entry), unpackedBytes, archive.fileSize));
    const local = await archive.readLocalFileHeaderPromise(entry);
    if (!local.fileName.equals(entry.fileNameRaw) || local.compressionMethod !== entry.compressionMethod)
      throw new UnsafeArchiveError("its list of contents is not of what it contains");
    stretches.push({
      from: entry.relativeOffsetOfLocalHeader,
      to: local.fileDataStart + entry.compressedSize,
    });
  }
  if (overlap(stretches)) throw new UnsafeArchiveError("files in it share their bytes");
  return entries;
}

function asRead(entry: Entry): ArchiveEntry {
  return {
    name: entry.fileName,
    compressedBytes: entry.compressedSize,
    sizeBytes: entry.uncompressedSize,
    method: entry.compressionMethod,
    isEncrypted: entry.isEncrypted(),
    unixMode: entry.externalFileAttributes >>> 16,
  };
}

function refuseFor(fault: string | undefined): void {
  if (fault !== undefined) throw new UnsafeArchiveError(fault);
}

/** yauzl holds each entry to the size that the directory gives, so that all together hold to their sum. */
async function readEntries(
  archive: ZipFile,
  entries: readonly Entry[],
  found: Set<ActiveContent>,
): Promise<void> {
  for (const entry of entries) {
    const byName = activeByName(entry.fileName);
    if (byName) found.add(byName);
    const kept: Buffer[] = [];
    let room = isTold(entry.fileName) ? toldBytes : 8;
    let checksum = 0;
    for await (const chunk of (await archive.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
      checksum = crc32(chunk, checksum);
      if (room > 0) kept.push(chunk.subarray(0, room));
      room -= chunk.length;
    }
    if (checksum !== entry.crc32) throw new Error("A file in it is not as its checksum says.");
    const beginning = Buffer.concat(kept);
    if (isFileOfItsOwn(beginning.toString("latin1", 0, 8))) found.add("embedded-files");
    if (isTold(entry.fileName))
      for (const each of activeByText(entry.fileName, beginning.toString("utf8"))) found.add(each);
  }
}

/** What yauzl says of names that it refuses itself, and of sizes that are not as the directory gives them. */
const unsafeByYauzl = new Map<RegExp, string>([
  [
    /absolute path|invalid relative path|invalid characters in fileName/,
    "a file in it has a name that leads out of the folder it is unpacked into",
  ],
  [/too many bytes in the stream/, "a file in it becomes larger than it says"],
  [/strong encryption/, "files in it are encrypted, and can't be looked into"],
]);

function refusalOf(error: unknown, name: string): Rejected {
  const message = error instanceof Error ? error.message : String(error);
  const byYauzl = [...unsafeByYauzl].find(([pattern]) => pattern.test(message))?.[1];
  const unsafe = error instanceof UnsafeArchiveError ? message : byYauzl;
  if (unsafe !== undefined) {
    const detail = `The ${name} file is not safe to unpack: ${unsafe}.`;
    return { verdict: "rejected", code: "archive-unsafe", detail };
  }
  const detail = `The ${name} file is damaged or incomplete: it can't be unpacked to its end.`;
  return { verdict: "rejected", code: "corrupt", detail };
}
