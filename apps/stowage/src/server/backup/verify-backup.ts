import { join } from "node:path";
import { CommandError } from "../../cli/command.ts";
import { isSystemError } from "../../cli/system-error.ts";
import { type FoundBackup, objectPath } from "./backup-place.ts";
import { digestFile } from "./durable-files.ts";
import { type ListedFile, openFileList } from "./file-list.ts";
import { inParallel } from "./in-parallel.ts";
import { fileListName, type Manifest, readManifest } from "./manifest.ts";

export interface DamagedObject {
  /** Where its bytes should lie. */
  readonly file: string;
  /** What it is in the bucket's directory. */
  readonly path: string;
  readonly isMissing: boolean;
}

const parallelReads = 4;

/**
 * Holds a backup's own files to its manifest.
 *
 * @throws CommandError that names what is damaged or missing
 */
export async function checkOwnFiles({ place, name }: FoundBackup, signal: AbortSignal): Promise<Manifest> {
  const folder = join(place, name);
  const manifest = await readManifest(folder);
  for (const [file, expected] of Object.entries(manifest.files)) {
    const path = join(folder, file);
    let found: Awaited<ReturnType<typeof digestFile>>;
    try {
      found = await digestFile(path, signal);
    } catch (cause) {
      if (!isSystemError(cause)) throw cause;
      throw new CommandError(`The backup is not whole: ${path} can't be read (${cause.code}).`, 1, { cause });
    }
    if (found.sizeBytes !== expected.sizeBytes)
      throw new CommandError(
        `The backup is not whole: ${path} has ${found.sizeBytes} bytes and must have ${expected.sizeBytes}.`,
      );
    if (found.sha256 !== expected.sha256)
      throw new CommandError(`The backup is damaged: ${path} is not what was written.`);
  }
  return manifest;
}

/** Reads every file that a backup has of the bucket, each once, and tells those that are not what was copied. */
export async function checkObjects(
  { place, name }: FoundBackup,
  o: {
    readonly signal: AbortSignal;
    readonly onRead: (bytes: number) => void;
    readonly onDamage: (damage: DamagedObject) => void;
  },
): Promise<void> {
  using list = openFileList(join(place, name, fileListName), { readOnly: true });
  await inParallel(onceEach(list.all()), parallelReads, async (listed) => {
    const isMissing = await isDamaged(place, listed, o.signal);
    o.onRead(listed.sizeBytes);
    if (isMissing === undefined) return;
    o.onDamage({ file: objectPath(place, listed.sha256), path: listed.path, isMissing });
  });
}

/** The first of those with the same bytes, which come one after the other. */
function* onceEach(files: Iterable<ListedFile>): Generator<ListedFile, void, undefined> {
  let last = "";
  for (const file of files) {
    if (file.sha256 !== last) yield file;
    last = file.sha256;
  }
}

/** `undefined` for what is as it was. */
async function isDamaged(
  place: string,
  { sha256, sizeBytes }: ListedFile,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  try {
    const found = await digestFile(objectPath(place, sha256), signal);
    return found.sha256 === sha256 && found.sizeBytes === sizeBytes ? undefined : false;
  } catch (error) {
    // What the disk can't read is as good as another's bytes.
    if (isSystemError(error)) return error.code === "ENOENT";
    throw error;
  }
}
