import { link, mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openIssuer } from "@stowage/issuer";
import { CommandError } from "../../cli/command.ts";
import { isSystemError, sentenceOfSystemError } from "../../cli/system-error.ts";
import { formatSize } from "../../cli/terminal/format-size.ts";
import { type FoundBackup, findBackup, isWithin, objectPath } from "../backup/backup-place.ts";
import { copyFileDurably, syncDirectory } from "../backup/durable-files.ts";
import { type ListedFile, openFileList } from "../backup/file-list.ts";
import { freeBytesOf } from "../backup/free-room.ts";
import { inParallel } from "../backup/in-parallel.ts";
import { fileListName, type Manifest, ownFiles } from "../backup/manifest.ts";
import { checkOwnFiles, type DamagedObject } from "../backup/verify-backup.ts";
import { bucketDirectory, issuerDirectory } from "../data-directory-places.ts";
import { endDelegations } from "../end-delegations.ts";
import { makeDataDirectory } from "../make-data-directory.ts";
import { readSecrets } from "../secrets.ts";
import { forgetLostMultiparts } from "./forget-lost-multiparts.ts";
import { recordRestore } from "./record-restore.ts";
import { assertRestored, unfinishedRestore } from "./unfinished-restore.ts";

export interface RestoreOptions {
  /** A place for backups, or one backup's folder in it. */
  readonly backup: string;
  /** Absent, or an empty folder. */
  readonly dataDir: string;
  /** Whether who was signed in at the time of the backup is signed in again. */
  readonly keepsSignIns: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (copiedBytes: number, allBytes: number) => void;
  /** An object that the backup has not, or not as it was: it is left out. */
  readonly onDamage: (damage: DamagedObject) => void;
}

export interface Restored {
  readonly backup: FoundBackup;
  readonly manifest: Manifest;
}

const parallelCopies = 4;

/**
 * Puts a backup into an empty data directory. Databases and keys are held to their digests before anything is written,
 * the bucket's files while they are copied.
 *
 * @throws CommandError where it can't
 */
export async function restoreDataDirectory(options: RestoreOptions): Promise<Restored> {
  const { dataDir, signal } = options;
  const backup = await findBackup(options.backup);
  if (isWithin(dataDir, backup.place) || isWithin(backup.place, dataDir))
    throw new CommandError(`The data directory can't be within the backup, nor the backup within it.`);
  await assertEmpty(dataDir);
  const manifest = await checkOwnFiles(backup, signal);
  try {
    await makeDataDirectory(dataDir);
    await assertRoom(dataDir, manifest);
    await writeFile(unfinishedRestore(dataDir), "", { mode: 0o600 });
    await syncDirectory(dataDir);
    await restoreBucket(options, backup, manifest);
    await restoreOwnFiles(dataDir, backup, manifest, signal);
    await forgetLostMultiparts(dataDir, await masterKeyOf(dataDir));
    await recordRestore(dataDir, { name: backup.name, takenAt: manifest.takenAt });
    // What was revoked since the backup must not come back.
    if (!options.keepsSignIns) await endDelegations(dataDir, "everybody");
    if (!options.keepsSignIns && Object.hasOwn(manifest.files, ownFiles.accounts.name))
      await endSignIns(dataDir);
    await rm(unfinishedRestore(dataDir));
    await syncDirectory(dataDir);
    await syncDirectory(dirname(dataDir)).catch(() => undefined);
  } catch (error) {
    if (isSystemError(error))
      throw new CommandError(`${error.path ?? dataDir}: ${sentenceOfSystemError(error)}`, 1, {
        cause: error,
      });
    throw error;
  }
  return { backup, manifest };
}

/** @throws CommandError for a folder that has something in it */
async function assertEmpty(dataDir: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(dataDir);
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") return;
    if (!isSystemError(error)) throw error;
    throw new CommandError(`${dataDir}: ${sentenceOfSystemError(error)}`, 1, { cause: error });
  }
  await assertRestored(dataDir);
  if (names.some((name) => name !== "lost+found"))
    throw new CommandError(
      `${dataDir} is not empty, and a restore never writes over anything: give --data an empty folder, or one that does not exist yet.`,
    );
}

/** Files take whole blocks, each of them. */
const blockBytes = 4096;

async function assertRoom(dataDir: string, { files, bucketBytes, bucketFiles }: Manifest): Promise<void> {
  const ownBytes = Object.values(files).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const neededBytes = bucketBytes + bucketFiles * blockBytes + ownBytes;
  const freeBytes = await freeBytesOf(dataDir);
  if (freeBytes < neededBytes)
    throw new CommandError(
      `${dataDir} has ${formatSize(freeBytes)} free, and this backup needs about ${formatSize(neededBytes)}. Nothing was restored.`,
    );
}

/** Every file of the bucket, those with the same bytes as names of one, as they were. */
async function restoreBucket(
  o: RestoreOptions,
  { place, name }: FoundBackup,
  manifest: Manifest,
): Promise<void> {
  const directory = bucketDirectory(o.dataDir);
  const folders = new Set<string>();
  let copiedBytes = 0;
  const makeFolder = async (folder: string): Promise<void> => {
    if (folders.has(folder)) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let each = folder; each.length >= directory.length && !folders.has(each); each = dirname(each))
      folders.add(each);
  };

  const restoreNames = async (names: readonly ListedFile[]): Promise<void> => {
    const [first, ...others] = names;
    if (!first) return;
    o.signal.throwIfAborted();
    const path = join(directory, first.path);
    await makeFolder(dirname(path));
    const damage = await copyObject(place, first, path, o.signal);
    if (damage) {
      for (const each of names) o.onDamage({ ...damage, path: each.path });
      return;
    }
    for (const other of others) {
      const further = join(directory, other.path);
      await makeFolder(dirname(further));
      await link(path, further);
    }
    copiedBytes += first.sizeBytes;
    o.onProgress(copiedBytes, manifest.bucketBytes);
  };

  await makeFolder(directory);
  using list = openFileList(join(place, name, fileListName), { readOnly: true });
  await inParallel(byBytes(list.all()), parallelCopies, restoreNames);
  await inParallel(folders, parallelCopies, syncDirectory);
}

/** Files of the same bytes, which come one after the other, together. */
function* byBytes(files: Iterable<ListedFile>): Generator<readonly ListedFile[], void, undefined> {
  let same: ListedFile[] = [];
  for (const file of files) {
    if (same[0] && same[0].sha256 !== file.sha256) {
      yield same;
      same = [];
    }
    same.push(file);
  }
  if (same.length > 0) yield same;
}

/** Copies and holds what was copied to its digest: of what is not as it was, nothing is left. */
async function copyObject(
  place: string,
  { sha256, sizeBytes, modifiedAtMs }: ListedFile,
  path: string,
  signal: AbortSignal,
): Promise<Omit<DamagedObject, "path"> | undefined> {
  const file = objectPath(place, sha256);
  try {
    const copied = await copyFileDurably(file, path, signal);
    if (copied.sha256 === sha256 && copied.sizeBytes === sizeBytes) {
      // In the middle of its millisecond: a time in seconds is a float, and must not fall below it.
      const atSeconds = (modifiedAtMs + 0.5) / 1000;
      await utimes(path, atSeconds, atSeconds);
      return undefined;
    }
  } catch (error) {
    // What the backup's disk can't give, not what the other can't take.
    if (!isSystemError(error) || !["ENOENT", "EIO"].includes(error.code) || error.path === path) throw error;
    await rm(path, { force: true });
    return { file, isMissing: error.code === "ENOENT" };
  }
  await rm(path);
  return { file, isMissing: false };
}

/** The database last: without it no server starts on what is there so far. */
async function restoreOwnFiles(
  dataDir: string,
  { place, name }: FoundBackup,
  { files }: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const { database, ...others } = ownFiles;
  if (Object.hasOwn(files, ownFiles.accounts.name)) await mkdir(issuerDirectory(dataDir), { mode: 0o700 });
  for (const own of [...Object.values(others), database])
    if (Object.hasOwn(files, own.name))
      await copyFileDurably(join(place, name, own.name), join(dataDir, own.path), signal);
  if (Object.hasOwn(files, ownFiles.accounts.name)) await syncDirectory(issuerDirectory(dataDir));
  await syncDirectory(dataDir);
}

async function masterKeyOf(dataDir: string): Promise<Uint8Array> {
  const secrets = await readSecrets(dataDir);
  return Buffer.from(secrets?.masterKey ?? "", "base64");
}

/** What was revoked since the backup must not come back: a stolen sign-in, an invitation that was used. */
async function endSignIns(dataDir: string): Promise<void> {
  const issuer = await openIssuer({ directory: issuerDirectory(dataDir) });
  try {
    await issuer.endEverySignIn();
  } finally {
    issuer.close();
  }
}
