import fs from "node:fs";
import { promisify } from "node:util";
import { openDiskFile } from "./disk-file.ts";

/** A file that is open. Positions and sizes are in bytes; every method rejects with Node's own `fs` errors. */
export interface OpenFile {
  /** Fills `into` from `position`. Resolves with the bytes read: fewer than asked only at the file's end. */
  readAt(into: Buffer, position: number): Promise<number>;
  /** Writes all of `buffers`, one after the other, from `position` on. Once it resolves, they may be reused. */
  writeAt(buffers: readonly Buffer[], position: number): Promise<void>;
  sizeBytes(): Promise<number>;
  /** Returns once the content is on the disk (`fdatasync`). */
  syncData(): Promise<void>;
  close(): Promise<void>;
}

/**
 * All that the storage asks of a file system, so that tests can make any call fail, count the
 * syncs, or replay what a power cut would have left.
 */
export interface FileOperations {
  /** Creates a file for writing. `EEXIST` if the name is taken. */
  createFile(path: string): Promise<OpenFile>;
  /** Opens a file for reading. */
  openFile(path: string): Promise<OpenFile>;
  exists(path: string): Promise<boolean>;
  /** Milliseconds since 1970 of the last change of a file's content. */
  modifiedAtMs(path: string): Promise<number>;
  /** Milliseconds since 1970 of the last change of a file's content or of its names, or of a directory's names. */
  changedAtMs(path: string): Promise<number>;
  /** Whether two names are names of one file. */
  isSameFile(path: string, other: string): Promise<boolean>;
  /** Gives a file a second name. `EEXIST` if the name is taken: the one atomic "only if absent". */
  link(existing: string, name: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Creates one directory, whose parent exists. `EEXIST` if the name is taken. */
  createDirectory(path: string): Promise<void>;
  /** Removes an empty directory. `ENOTEMPTY` (or `EEXIST`) if it is not. */
  removeDirectory(path: string): Promise<void>;
  /** How many names a file has. */
  linkCount(path: string): Promise<number>;
  /** The names in a directory, in no order. */
  list(path: string): Promise<string[]>;
  /** Returns once the directory's names are on the disk. */
  syncDirectory(path: string): Promise<void>;
}

/** The work's result, or `undefined` where there is no such file. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isFileError(error, "ENOENT")) return undefined;
    throw error;
  }
}

export const isFileError = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && "code" in error && codes.includes(String(error.code));

const open = promisify(fs.open);
const stat = promisify(fs.stat);
const access = promisify(fs.access);
const fsync = promisify(fs.fsync);
const makeDirectory = promisify(fs.mkdir);
const readDirectory = promisify(fs.readdir);

/** The file system of this machine. Files and directories are the server's account's alone. */
export const diskFileOperations: FileOperations = {
  createFile: async (path) => openDiskFile(await open(path, "wx", 0o600)),
  openFile: async (path) => openDiskFile(await open(path, "r")),
  exists: (path) =>
    access(path).then(
      () => true,
      (error: unknown) => {
        if (isFileError(error, "ENOENT", "ENOTDIR")) return false;
        throw error;
      },
    ),
  modifiedAtMs: async (path) => (await stat(path)).mtimeMs,
  changedAtMs: async (path) => (await stat(path)).ctimeMs,
  isSameFile: async (path, other) => {
    const [one, two] = await Promise.all([path, other].map((name) => stat(name, { bigint: true })));
    return one?.ino === two?.ino && one?.dev === two?.dev;
  },
  link: promisify(fs.link),
  rename: promisify(fs.rename),
  remove: promisify(fs.unlink),
  createDirectory: async (path) => {
    await makeDirectory(path, 0o700);
  },
  removeDirectory: promisify(fs.rmdir),
  linkCount: async (path) => (await stat(path)).nlink,
  list: (path) => readDirectory(path),
  syncDirectory: async (path) => {
    // Windows neither offers nor needs it: NTFS journals names, and a directory can't be opened for it.
    if (process.platform === "win32") return;
    // A name in it has just been changed, so that all that opening looks at is in memory: not worth a thread.
    const descriptor = fs.openSync(path, "r");
    try {
      await fsync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  },
};
