import { mkdir, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { openBucketFiles } from "@stowage/bucket";
import { listNeededObjects, type NeededObject } from "@stowage/sql";
import { CommandError } from "../../cli/command.ts";
import { formatSize } from "../../cli/terminal/format-size.ts";
import { bucketDirectory, databaseFile } from "../data-directory-places.ts";
import { readRunning } from "../running.ts";
import { readSecrets } from "../secrets.ts";
import {
  exists,
  interruptedList,
  isWithin,
  listBackups,
  newBackupName,
  unfinishedFolder,
  withBackupPlace,
} from "./backup-place.ts";
import { copyBucket, measureCopy, syncObjects } from "./copy-bucket.ts";
import { copyDatabase } from "./copy-database.ts";
import {
  type CopiedFile,
  copyFileDurably,
  digestFile,
  syncDirectory,
  writeFileDurably,
} from "./durable-files.ts";
import { type FileList, mergeFileLists, openFileList } from "./file-list.ts";
import { freeBytesOf } from "./free-room.ts";
import { rememberBackup } from "./last-backup.ts";
import { fileListName, type Manifest, manifestName, ownFiles } from "./manifest.ts";
import { removeOldBackups } from "./remove-old-backups.ts";

const { version } = createRequire(import.meta.url)("../../../package.json") as { version: string };

export interface BackUpOptions {
  readonly dataDir: string;
  readonly place: string;
  /** Backups that stay, this one among them; older ones are removed. Default: all stay. */
  readonly keep?: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** How far it is: bytes copied, of about so many. */
  readonly onProgress: (copiedBytes: number, newBytes: number) => void;
  readonly onWarning: (sentence: string) => void;
  /** An object that a row needs and that is not in the bucket; one whose file is damaged. */
  readonly onFault: (fault: BackupFault) => void;
}

export type BackupFault =
  | ({ readonly kind: "missing" } & NeededObject)
  | { readonly kind: "damaged"; readonly path: string };

export interface BackedUp {
  /** The backup's own folder. */
  readonly backup: string;
  readonly manifest: Manifest;
  readonly copiedBytes: number;
  /** Names of older backups that are no more. */
  readonly removed: readonly string[];
}

/** Besides what is copied: room for the list, and for what comes meanwhile. */
const spareBytes = 64_000_000;
const listedFileBytes = 400;

/** Rows that were purged while their objects were copied go with the next copy of the database; this often. */
const maxDatabaseCopies = 6;

/**
 * Backs up a data directory, whether its server runs or not. Objects are copied first, then the database, then what has
 * come since: so whatever the database speaks of is there. Where something it speaks of was purged in between, the
 * database is copied again.
 *
 * @throws CommandError where it can't
 */
export async function backUp(options: BackUpOptions): Promise<BackedUp> {
  const { dataDir, place } = options;
  const secrets = await readSecrets(dataDir);
  if (!secrets || !(await exists(databaseFile(dataDir))))
    throw new CommandError(
      `${dataDir} holds no ${secrets ? "database" : "secrets.json"}: no server was ever started there, or it was lost. Name another directory with --data DIR.`,
    );
  if (isWithin(place, dataDir) || isWithin(dataDir, place))
    throw new CommandError(
      `A backup of ${dataDir} can't be within it, nor it within the backup: name another place.`,
    );
  const masterKey = Buffer.from(secrets.masterKey, "base64");
  return withBackupPlace(place, () => backUpInto({ ...options, masterKey }));
}

async function backUpInto(options: BackUpOptions & { readonly masterKey: Uint8Array }): Promise<BackedUp> {
  const { dataDir, place, keep, signal, now, onWarning } = options;
  const startedAt = now().toISOString();
  await warnOfPlace(options);
  const folder = await beginFolder(place);
  const directory = bucketDirectory(dataDir);
  const bucket = openBucketFiles({ directory, masterKey: options.masterKey });

  const previous = (await listBackups(place)).at(-1);
  const earlierFiles = [
    ...(previous === undefined ? [] : [join(place, previous, fileListName)]),
    ...((await exists(interruptedList(place))) ? [interruptedList(place)] : []),
  ];
  using stack = new DisposableStack();
  const earlier = earlierFiles.map((file) => stack.use(openFileList(file, { readOnly: true })));

  const { files, newBytes } = await measureCopy({ bucket, directory, earlier, signal });
  await assertRoom(options, newBytes + files * listedFileBytes);

  const list = stack.use(openFileList(join(folder, fileListName)));
  let copiedBytes = 0;
  const copyObjects = () =>
    copyBucket({
      bucket,
      directory,
      place,
      list,
      earlier,
      signal,
      onCopied: (bytes) => {
        copiedBytes += bytes;
        options.onProgress(copiedBytes, newBytes);
      },
      onDamage: (path) => options.onFault({ kind: "damaged", path }),
    });

  await copyObjects();
  let takenAt = startedAt;
  const copyDatabases = async () => {
    takenAt = now().toISOString();
    // Accounts last: an account whose person has no rows yet does no harm.
    await copyDatabase(databaseFile(dataDir), join(folder, ownFiles.database.name));
    const accounts = join(dataDir, ownFiles.accounts.path);
    if (await exists(accounts)) await copyDatabase(accounts, join(folder, ownFiles.accounts.name));
  };
  const missing = await untilWhole(copyDatabases, copyObjects, () => missingIn(folder, list, bucket.pathOf));
  for (const object of missing) options.onFault({ kind: "missing", ...object });

  for (const { name, path } of [ownFiles.secrets, ownFiles.settings, ownFiles.signingKeys])
    if (await exists(join(dataDir, path)))
      await copyFileDurably(join(dataDir, path), join(folder, name), signal);
  const { files: bucketFiles, bytes: bucketBytes } = list.total();
  stack.dispose();

  const publicUrl = (await readRunning(dataDir))?.api;
  const manifest: Manifest = {
    stowageBackup: 1,
    startedAt,
    takenAt,
    version,
    ...(publicUrl !== undefined && { publicUrl }),
    files: await digestOwnFiles(folder, signal),
    bucketFiles,
    bucketBytes,
  };
  await syncObjects(place);
  const backup = await publish(place, folder, manifest, await newBackupName(place, new Date(startedAt)));
  await rm(interruptedList(place), { force: true });
  await rememberBackup(dataDir, { backup, takenAt });
  const removed = keep === undefined ? [] : await removeOldBackups(place, keep, signal);
  if (removed.length > 0)
    onWarning(`Removed ${removed.length === 1 ? "the backup" : "the backups"} ${removed.join(", ")}.`);
  return { backup, manifest, copiedBytes, removed };
}

/** An empty folder; what one that was broken off had copied is not copied again. */
async function beginFolder(place: string): Promise<string> {
  const folder = unfinishedFolder(place);
  const left = join(folder, fileListName);
  if (await exists(left)) {
    try {
      mergeFileLists(left, interruptedList(place));
    } catch {
      // A power cut left it torn: all of it is looked at again, which only takes longer.
      await rm(interruptedList(place), { force: true });
    }
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

async function warnOfPlace({ dataDir, place, onWarning }: BackUpOptions): Promise<void> {
  const [ofData, ofPlace] = await Promise.all([stat(dataDir), stat(place)]);
  if (ofData.dev === ofPlace.dev)
    onWarning(`${place} is on the same file system as the data: what takes one takes both.`);
  if (process.platform !== "win32" && (ofPlace.mode & 0o077) !== 0)
    onWarning(
      `Other accounts of this machine may look into ${place}, which holds the key to all that is stored: chmod 700 it, or keep it on a file system that has modes.`,
    );
}

async function assertRoom({ dataDir, place }: BackUpOptions, newBytes: number): Promise<void> {
  let neededBytes = newBytes + spareBytes;
  for (const { path } of Object.values(ownFiles)) {
    const file = join(dataDir, path);
    if (await exists(file)) neededBytes += (await stat(file)).size;
  }
  const freeBytes = await freeBytesOf(place);
  if (freeBytes < neededBytes)
    throw new CommandError(
      `${place} has ${formatSize(freeBytes)} free, and this backup needs about ${formatSize(neededBytes)}. Nothing was copied.`,
    );
}

/** Rows whose objects are not listed, by key. */
function missingIn(
  folder: string,
  list: FileList,
  pathOf: (key: string) => string,
): ReadonlyMap<string, NeededObject> {
  const missing = new Map<string, NeededObject>();
  for (const needed of listNeededObjects(join(folder, ownFiles.database.name)))
    if (!list.find(pathOf(needed.key))) missing.set(needed.key, needed);
  return missing;
}

/**
 * Copies the database, then what objects have come, until nothing is missing but what was missing before: a purge takes
 * the row first, so that a row that is there after its object was looked for in vain has lost it.
 */
async function untilWhole(
  copyDatabases: () => Promise<void>,
  copyObjects: () => Promise<void>,
  findMissing: () => ReadonlyMap<string, NeededObject>,
): Promise<NeededObject[]> {
  let before: ReadonlyMap<string, NeededObject> = new Map();
  for (let copies = 1; ; copies += 1) {
    await copyDatabases();
    await copyObjects();
    const missing = findMissing();
    const isSettled = [...missing.keys()].every((key) => before.has(key));
    if (isSettled || copies === maxDatabaseCopies) return [...missing.values()];
    before = missing;
  }
}

async function digestOwnFiles(folder: string, signal: AbortSignal): Promise<Record<string, CopiedFile>> {
  const files: Record<string, CopiedFile> = {};
  for (const name of [...Object.values(ownFiles).map((file) => file.name), fileListName])
    if (await exists(join(folder, name))) files[name] = await digestFile(join(folder, name), signal);
  return files;
}

/** The folder gets its manifest, then its name: whatever happens in between, the backups before it are as they were. */
async function publish(place: string, folder: string, manifest: Manifest, name: string): Promise<string> {
  await syncDirectory(folder);
  await writeFileDurably(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  await syncDirectory(folder);
  const backup = join(place, name);
  await rename(folder, backup);
  await syncDirectory(place);
  return backup;
}
