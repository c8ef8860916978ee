import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { CommandError } from "../../cli/command.ts";
import { withExclusiveLock } from "../../cli/sign-in/exclusive-lock.ts";
import { isSystemError, sentenceOfSystemError } from "../../cli/system-error.ts";
import { makePrivateFolder } from "../../make-private-folder.ts";
import { syncDirectory, writeFileDurably } from "./durable-files.ts";
import { manifestName } from "./manifest.ts";

/*
 * A place for backups:
 *
 *   stowage-backups.json        says that it is one
 *   objects/ab/cdef…            files of the bucket, as they lie there, by the SHA-256 of each; shared by all backups
 *   20261125T174331Z/           a backup: databases, keys, settings, and files.sqlite, which lists the bucket's files
 *                    manifest.json   comes last: a folder without it is no backup
 *   unfinished/                 one that is being made, or was broken off
 *   interrupted.sqlite          what those that were broken off had copied
 *   incoming/, lock
 */
const markName = "stowage-backups.json";
const format = 1;

export const objectsFolder = (place: string): string => join(place, "objects");
export const incomingFolder = (place: string): string => join(place, "incoming");
export const unfinishedFolder = (place: string): string => join(place, "unfinished");
export const interruptedList = (place: string): string => join(place, "interrupted.sqlite");

/** Where the file of these bytes lies. */
export const objectPath = (place: string, sha256: string): string =>
  join(objectsFolder(place), sha256.slice(0, 2), sha256.slice(2));

const backupName = /^\d{8}T\d{6}Z(?:-\d+)?$/;

/** `20261125T174331Z`. */
const nameOf = (at: Date): string => at.toISOString().replace(/[-:]|\.\d+/g, "");

/** The names of a place's complete backups, the oldest first. */
export async function listBackups(place: string): Promise<string[]> {
  const names = (await readdir(place)).filter((name) => backupName.test(name));
  const complete = await Promise.all(names.map((name) => exists(join(place, name, manifestName))));
  return names.filter((_, index) => complete[index]).sort(byName);
}

/** In the order in which they were made: of one second, by their number. */
const byName = (a: string, b: string): number => {
  const [[timeA = "", numberA = "1"], [timeB = "", numberB = "1"]] = [a.split("-"), b.split("-")];
  return timeA === timeB ? Number(numberA) - Number(numberB) : timeA < timeB ? -1 : 1;
};

/** A name that no backup of the place has, later than all of them unless the clock was set back. */
export async function newBackupName(place: string, at: Date): Promise<string> {
  const name = nameOf(at);
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!(await exists(join(place, candidate)))) return candidate;
  }
}

/**
 * Does work in a place for backups that nobody else may do meanwhile; makes the place where there is none.
 *
 * @throws CommandError where it can't be one, or another backup is at work
 */
export async function withBackupPlace<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    await openPlace(place);
    const lock = join(place, "lock");
    // SQLite would make it by the umask.
    await (await open(lock, "a", 0o600)).close();
    return await withExclusiveLock(lock, 0, async () => {
      // What a backup that was killed was writing.
      for (const name of await readdir(incomingFolder(place)))
        await rm(join(incomingFolder(place), name), { recursive: true });
      return work();
    });
  } catch (error) {
    if (error instanceof Error && error.name === "LockTimeoutError")
      throw new CommandError(`Another stowage backup is at work in ${place}.`, 1, { cause: error });
    if (isSystemError(error))
      throw new CommandError(`${error.path ?? place}: ${sentenceOfSystemError(error)}`, 1, { cause: error });
    throw error;
  }
}

async function openPlace(place: string): Promise<void> {
  await makePrivateFolder(place);
  if (!(await isBackupPlace(place))) {
    if ((await readdir(place)).some((name) => name !== "lost+found"))
      throw new CommandError(
        `${place} holds something else than backups: name an empty folder, or one that does not exist yet.`,
      );
    await writeFileDurably(join(place, markName), `${JSON.stringify({ format, id: randomUUID() })}\n`);
    await syncDirectory(dirname(place)).catch((error: unknown) => {
      // Not ours to open, hence somebody else's to have made.
      if (!(isSystemError(error) && ["EACCES", "EPERM"].includes(error.code))) throw error;
    });
  }
  for (const folder of [objectsFolder(place), incomingFolder(place)])
    await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** @throws CommandError for a place that a newer Stowage made */
async function isBackupPlace(folder: string): Promise<boolean> {
  let text: string;
  try {
    text = await readFile(join(folder, markName), "utf8");
  } catch (error) {
    if (isSystemError(error) && (error.code === "ENOENT" || error.code === "ENOTDIR")) return false;
    throw error;
  }
  const found = (JSON.parse(text) as { readonly format?: unknown }).format;
  if (found !== format)
    throw new CommandError(`${folder} was made by another Stowage (format ${found}): use that version.`);
  return true;
}

export interface FoundBackup {
  readonly place: string;
  /** Of its folder in the place. */
  readonly name: string;
}

/**
 * The backup that a path means: the newest of a place, or the one whose folder it is.
 *
 * @throws CommandError where there is none
 */
export async function findBackup(path: string): Promise<FoundBackup> {
  if (await isBackupPlace(path)) {
    const newest = (await readdir(path))
      .filter((name) => backupName.test(name))
      .sort(byName)
      .at(-1);
    if (newest === undefined) throw new CommandError(`There is no complete backup in ${path} yet.`);
    if (await exists(join(path, newest, manifestName))) return { place: path, name: newest };
    // It had one when it got its name: an older backup in its stead would pass for all that there is.
    const complete = (await listBackups(path)).at(-1);
    const instead =
      complete === undefined
        ? "There is no other."
        : `Name the one before it, if that will do: ${join(path, complete)}`;
    throw new CommandError(
      `${join(path, newest)}, the newest backup, is damaged: its ${manifestName} is not there. ${instead}`,
    );
  }
  const place = dirname(path);
  const name = path.slice(place.length).replaceAll(sep, "");
  if (!(await isBackupPlace(place)))
    throw new CommandError(`${path} is no backup: name a folder that stowage backup has written to.`);
  if (!(await exists(join(path, manifestName))))
    throw new CommandError(`${path} is no complete backup: its ${manifestName} is not there.`);
  return { place, name };
}

/** Whether one of two paths is the other, or below it. */
export function isWithin(path: string, folder: string): boolean {
  const [inner, outer] = [resolve(path), resolve(folder)];
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : `${outer}${sep}`);
}

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: unknown) => {
      if (isSystemError(error) && ["ENOENT", "ENOTDIR"].includes(error.code)) return false;
      throw error;
    },
  );
