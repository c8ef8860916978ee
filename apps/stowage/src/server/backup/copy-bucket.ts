import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import type { BucketFiles } from "@stowage/bucket";
import { isSystemError } from "../../cli/system-error.ts";
import { incomingFolder, objectPath, objectsFolder } from "./backup-place.ts";
import { type CopiedFile, copyFileDurably, syncDirectory } from "./durable-files.ts";
import type { FileList, ListedFile } from "./file-list.ts";
import { inParallel } from "./in-parallel.ts";

export interface BucketCopy {
  readonly bucket: BucketFiles;
  /** The bucket's directory. */
  readonly directory: string;
  readonly place: string;
  /** Gets what there is. */
  readonly list: FileList;
  /** What was copied before: files that are the same still are not read again. */
  readonly earlier: readonly FileList[];
  readonly signal: AbortSignal;
  /** Bytes that were read. */
  readonly onCopied: (bytes: number) => void;
  /** An object whose file is not what it was: it is copied as it is. */
  readonly onDamage: (path: string) => void;
}

/** More would make the disk's head run about; fewer would wait for each sync. */
const parallelCopies = 4;
const parallelLooks = 16;

interface Found {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly links: number;
  /** The same for all names of one file. A number of a file that is gone is soon another's: its times are not. */
  readonly identity: string;
}

const lookAt = async (path: string): Promise<Found> => {
  const { size, mtimeMs, nlink, ino } = await stat(path);
  const identity = `${ino} ${mtimeMs} ${size}`;
  return { sizeBytes: size, modifiedAtMs: Math.floor(mtimeMs), links: nlink, identity };
};

const isSame = (listed: ListedFile, found: Found): boolean =>
  listed.sizeBytes === found.sizeBytes && listed.modifiedAtMs === found.modifiedAtMs;

const unlessMissing = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work;
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") return undefined;
    throw error;
  }
};

const isCorrupt = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "object-corrupt";

/**
 * Copies every object that is in the bucket's directory and not in the list, whole or not at all: what goes away
 * meanwhile is left out. What the list has stays in it, also where it is not in the bucket any more.
 */
export async function copyBucket(copy: BucketCopy): Promise<void> {
  const { bucket, directory, list, signal } = copy;
  // Landing objects are second names of what was made of them: each is read once.
  const byIdentity = new Map<string, Promise<CopiedFile>>();

  const copyFile = async (path: string): Promise<ListedFile> => {
    const found = await lookAt(join(directory, path));
    const read = () => store(copy, join(directory, path));
    const known = found.links > 1 ? byIdentity.get(found.identity) : undefined;
    // The other name may have gone in the moment in which it was to be read.
    const copying = known === undefined ? read() : known.catch(read);
    if (found.links > 1) byIdentity.set(found.identity, copying);
    return { path, modifiedAtMs: found.modifiedAtMs, ...(await copying) };
  };

  const copyObject = async (path: string): Promise<void> => {
    if (bucket.marks.includes(path)) return list.add(await copyFile(path));
    const inParts = await bucket.partsOf(path).catch((error: unknown) => {
      if (!isCorrupt(error)) throw error;
      copy.onDamage(path);
      return undefined;
    });
    const files = [await copyFile(path)];
    for (const part of inParts?.parts ?? []) files.push(await copyFile(part));
    const [object, ...parts] = files;
    if (!object) return;
    for (const part of parts) list.add(part);
    if (inParts) list.add({ ...object, path: inParts.anchor });
    list.add({ ...object, ...(inParts && { anchor: inParts.anchor }) });
  };

  const takeOver = async (path: string): Promise<void> => {
    const found = await unlessMissing(lookAt(join(directory, path)));
    if (!found) return;
    const listed = list.find(path);
    if (listed && isSame(listed, found)) return;
    for (const earlier of copy.earlier) {
      const before = earlier.find(path);
      if (!before || !isSame(before, found)) continue;
      const files = filesOf(earlier, before);
      if (!(await areStored(copy.place, files))) continue;
      for (const file of files) list.add(file);
      return;
    }
    await unlessMissing(copyObject(path));
  };

  await inParallel(everyPath(bucket), parallelCopies, async (path) => {
    signal.throwIfAborted();
    await takeOver(path);
  });
  list.save();
}

async function* everyPath(bucket: BucketFiles): AsyncGenerator<string, void, undefined> {
  yield* bucket.marks;
  yield* bucket.walkObjects();
}

/** An object's own file, last, and what else it consists of. */
const filesOf = (list: FileList, object: ListedFile): ListedFile[] =>
  object.anchor === undefined ? [object] : [...list.below(`${posix.dirname(object.anchor)}/`), object];

async function areStored(place: string, files: readonly ListedFile[]): Promise<boolean> {
  for (const { sha256, sizeBytes } of files) if (!(await isStored(place, sha256, sizeBytes))) return false;
  return true;
}

/** Whether the place has a file under this digest, of this length. What is in it, only reading would tell. */
export async function isStored(place: string, sha256: string, sizeBytes: number): Promise<boolean> {
  const found = await unlessMissing(stat(objectPath(place, sha256)));
  return found?.size === sizeBytes;
}

async function store({ place, signal, onCopied }: BucketCopy, from: string): Promise<CopiedFile> {
  const temporary = join(incomingFolder(place), randomBytes(16).toString("hex"));
  let copied: CopiedFile;
  try {
    copied = await copyFileDurably(from, temporary, signal);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  onCopied(copied.sizeBytes);
  const target = objectPath(place, copied.sha256);
  if (await isStored(place, copied.sha256, copied.sizeBytes)) await rm(temporary);
  else {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await rename(temporary, target);
  }
  return copied;
}

/** Returns once the names of everything that was stored are on the disk. */
export async function syncObjects(place: string): Promise<void> {
  const folders = await readdir(objectsFolder(place));
  for (const folder of folders) await syncDirectory(join(objectsFolder(place), folder));
  await syncDirectory(objectsFolder(place));
}

/** About how many bytes `copyBucket` will have to read and keep: what changes meanwhile, it can't tell. */
export async function measureCopy({
  bucket,
  directory,
  earlier,
  signal,
}: Pick<BucketCopy, "bucket" | "directory" | "earlier" | "signal">): Promise<{
  readonly files: number;
  readonly newBytes: number;
}> {
  let files = 0;
  let newBytes = 0;
  const seen = new Set<string>();
  await inParallel(bucket.walkObjects(), parallelLooks, async (path) => {
    signal.throwIfAborted();
    const found = await unlessMissing(lookAt(join(directory, path)));
    if (!found) return;
    files += 1;
    if (earlier.some((list) => isSameIn(list, path, found))) return;
    if (found.links > 1) {
      if (seen.has(found.identity)) return;
      seen.add(found.identity);
      const inParts = await bucket.partsOf(path).catch(() => undefined);
      for (const part of inParts?.parts ?? [])
        newBytes += (await unlessMissing(lookAt(join(directory, part))))?.sizeBytes ?? 0;
    }
    newBytes += found.sizeBytes;
  });
  return { files, newBytes };
}

function isSameIn(list: FileList, path: string, found: Found): boolean {
  const before = list.find(path);
  return before !== undefined && isSame(before, found);
}
