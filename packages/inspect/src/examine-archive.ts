import { type FileHandle, open } from "node:fs/promises";
import { crc32, createInflateRaw } from "node:zlib";
import { type Entry, type LocalFileHeader, openPromise, type ZipFile } from "yauzl";
import { withActiveContent } from "./active-content.ts";
import { createPartSearch, type PartSearch } from "./active-in-part.ts";
import {
  faultOfHeader,
  faultOfLayout,
  findDirectory,
  isDescribedAfterwards,
  type LaidEntry,
} from "./archive-layout.ts";
import { createNameRegister } from "./archive-names.ts";
import {
  type ArchiveEntry,
  activeByName,
  faultOfEntry,
  faultOfName,
  faultOfSize,
  isFileOfItsOwn,
} from "./archive-rules.ts";
import { commonName } from "./content-type.ts";
import { createDescriptorSearch } from "./descriptor-search.ts";
import type { DecodeJob, Examination, Rejected } from "./examination.ts";
import type { ActiveContent } from "./inspection.ts";
import { opensAsPdf } from "./second-type.ts";

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
 *
 * @param content - what a ZIP file is besides: programs may look into it for that, whatever it is called
 */
export async function examineArchive(
  job: DecodeJob,
  contentType: string,
  content = contentType,
): Promise<Examination> {
  const name = commonName(contentType);
  await using file = await open(job.path);
  let archive: ZipFile | undefined;
  try {
    archive = await openPromise(job.path, { lazyEntries: true, autoClose: false, strictFileNames: true });
    const maySign = content === "application/vnd.android.package-archive";
    const entries = await listEntries(archive, file, {
      maySign,
      areNamesFolded: !javaTypes.has(contentType),
    });
    // Readers find a document that is stored in it first.
    const found = new Set<ActiveContent>((await opensAsPdf(file)) ? ["embedded-files"] : []);
    await readEntries(archive, entries, content, found);
    return { verdict: "accepted", contentType, ...withActiveContent(found), pictures: [] };
  } catch (error) {
    return refusalOf(error, name);
  } finally {
    archive?.close();
  }
}

/** Archives of programs, which no person unpacks. */
const javaTypes: ReadonlySet<string> = new Set([
  "application/java-archive",
  "application/vnd.android.package-archive",
]);

interface ListedEntry {
  readonly entry: Entry;
  /** Nothing but a descriptor behind its bytes tells those who read from the front where they end. */
  readonly isOpenEnded: boolean;
}

/** What is wrong by the directory alone is found before a byte is unpacked. */
async function listEntries(
  archive: ZipFile,
  file: FileHandle,
  { maySign, areNamesFolded }: { readonly maySign: boolean; readonly areNamesFolded: boolean },
): Promise<readonly ListedEntry[]> {
  refuseFor(faultOfSize(archive.entryCount, 0, archive.fileSize));
  const directory = await findDirectory(file, archive.fileSize);
  if (directory === undefined) throw new Error("It has no end record.");
  if (typeof directory === "string") throw new UnsafeArchiveError(directory);
  const entries: ListedEntry[] = [];
  const laid: LaidEntry[] = [];
  const names = createNameRegister(areNamesFolded);
  let unpackedBytes = 0;
  for await (const entry of archive.eachEntry()) {
    refuseFor(faultOfEntry(asRead(entry)));
    // Some programs read a field that another name is in, and some do not.
    refuseFor(faultOfName(entry.fileNameRaw.toString("latin1")));
    refuseFor(names.faultOf(entry.fileName));
    unpackedBytes += entry.uncompressedSize;
    refuseFor(faultOfSize(laid.length + 1, unpackedBytes, archive.fileSize));
    const it = asLaid(entry, await archive.readLocalFileHeaderPromise(entry));
    refuseFor(faultOfHeader(it));
    laid.push(it);
    entries.push({ entry, isOpenEnded: it.local.method === stored && isDescribedAfterwards(it.local) });
  }
  refuseFor(await faultOfLayout(file, directory, laid, maySign));
  return entries;
}

/** Of an entry in the directory, without its name and what follows that (4.3.12). */
const listedEntryBytes = 46;

function asLaid(entry: Entry, local: LocalFileHeader): LaidEntry {
  return {
    from: entry.relativeOffsetOfLocalHeader,
    dataFrom: local.fileDataStart,
    listedBytes: listedEntryBytes + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength,
    listed: {
      name: entry.fileNameRaw,
      extra: entry.extraFieldRaw,
      flags: entry.generalPurposeBitFlag,
      method: entry.compressionMethod,
      crc: entry.crc32,
      compressedBytes: entry.compressedSize,
      sizeBytes: entry.uncompressedSize,
    },
    local: {
      name: local.fileName,
      extra: local.extraField,
      flags: local.generalPurposeBitFlag,
      method: local.compressionMethod,
      crc: local.crc32,
      compressedBytes: local.compressedSize,
      sizeBytes: local.uncompressedSize,
    },
  };
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

async function readEntries(
  archive: ZipFile,
  entries: readonly ListedEntry[],
  contentType: string,
  found: Set<ActiveContent>,
): Promise<void> {
  const onEncrypted = (): never => {
    throw new UnsafeArchiveError("files in it are encrypted, and can't be looked into");
  };
  for (const listed of entries) {
    const { entry } = listed;
    const byName = activeByName(entry.fileName, contentType);
    if (byName) found.add(byName);
    const search = createPartSearch(contentType, entry.fileName, found, onEncrypted);
    await readEntry(archive, listed, found, search);
    if (search?.wantsAll) {
      for await (const chunk of unpack(archive, entry)) search.read(chunk);
      search.end();
    }
  }
}

const stored = 0;
const unpackedChunkBytes = 64 * 1024;

/**
 * All that programs find of an entry is as long as the directory says, packed and unpacked, so that all together hold to their
 * sum, and nothing is behind the end of what is packed: who reads from the front goes on there.
 */
async function* unpack(archive: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  const packed = await archive.openReadStreamPromise(entry, { decodeFileData: false });
  if (entry.compressionMethod === stored) {
    yield* packed as AsyncIterable<Buffer>;
    return;
  }
  const inflate = createInflateRaw({ chunkSize: unpackedChunkBytes });
  packed.once("error", (error) => inflate.destroy(error));
  let sizeBytes = 0;
  try {
    for await (const chunk of packed.pipe(inflate) as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > entry.uncompressedSize)
        throw new UnsafeArchiveError("a file in it becomes larger than it says");
      yield chunk;
    }
  } finally {
    packed.destroy();
  }
  if (sizeBytes !== entry.uncompressedSize) throw new Error("A file in it is smaller than it says.");
  if (inflate.bytesWritten !== entry.compressedSize)
    throw new UnsafeArchiveError("a file in it has bytes behind its end");
}

async function readEntry(
  archive: ZipFile,
  { entry, isOpenEnded }: ListedEntry,
  found: Set<ActiveContent>,
  search: PartSearch | undefined,
): Promise<void> {
  let beginning = Buffer.alloc(0);
  let checksum = 0;
  const descriptors = isOpenEnded ? createDescriptorSearch() : undefined;
  for await (const chunk of unpack(archive, entry)) {
    checksum = crc32(chunk, checksum);
    if (beginning.length < 8) beginning = Buffer.concat([beginning, chunk.subarray(0, 8)]);
    search?.lookOver(chunk);
    descriptors?.lookOver(chunk);
  }
  if (checksum !== entry.crc32) throw new Error("A file in it is not as its checksum says.");
  if (descriptors?.hasFound) throw new UnsafeArchiveError("a file in it has two ends");
  if (isFileOfItsOwn(beginning.toString("latin1", 0, 8))) found.add("embedded-files");
}

/** What yauzl says of names and of encryption that it refuses itself. */
const unsafeByYauzl = new Map<RegExp, string>([
  [
    /absolute path|invalid relative path|invalid characters in fileName/,
    "a file in it has a name that leads out of the folder it is unpacked into",
  ],
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
