import { join } from "node:path";
import { takeRandomBytes } from "../random-bytes.ts";
import { type FileOperations, isFileError, unlessMissing } from "./file-operations.ts";

/** Not changed for so long, a file belongs to nothing that still runs, whoever has its process id now. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;

export interface IncomingFiles {
  /** A fresh path, on the file system that the objects are on. */
  newPath(): string;
  /** Removes a file that `newPath` named. Where that fails, `retryRemovals` tries again: it is no failure of the caller's. */
  remove(path: string): Promise<void>;
  retryRemovals(): Promise<void>;
  /**
   * The paths of what processes that died have left. `isStart`: a process with an id that nobody has is known to be
   * dead, as is the one that had our own before us.
   */
  findAbandoned(nowMs: number, isStart: boolean): Promise<string[]>;
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return isFileError(error, "EPERM");
  }
}

/**
 * Names for files that are being written, in `directory`. A name starts with the process's id, so
 * that several processes (a cluster, or the old one during a restart) can share the directory. Where
 * ids mislead, as among containers, the worst is one failed upload: its link finds no file.
 */
export function createIncomingFiles(
  operations: FileOperations,
  directory: string,
  onCleanupFailure: (error: unknown) => void,
): IncomingFiles {
  const ownPrefix = `${process.pid}-${takeRandomBytes(4).toString("hex")}-`;
  /** Those that could not be removed. */
  const left = new Set<string>();

  const remove = async (path: string): Promise<void> => {
    try {
      await unlessMissing(operations.remove(path));
      left.delete(path);
    } catch (error) {
      left.add(path);
      onCleanupFailure(error);
    }
  };

  const isOfDeadProcess = (name: string): boolean => {
    const processId = Number(/^(\d+)-/.exec(name)?.[1] ?? 0);
    return processId === 0 || processId === process.pid || !isAlive(processId);
  };

  const isAbandoned = async (name: string, nowMs: number, isStart: boolean): Promise<boolean> => {
    if (name.startsWith(ownPrefix)) return false;
    if (isStart && isOfDeadProcess(name)) return true;
    // Not by the content's age: of an object that is being read it may be years.
    const changedAtMs = await unlessMissing(operations.changedAtMs(join(directory, name)));
    return changedAtMs !== undefined && nowMs - changedAtMs > abandonedAfterMs;
  };

  return {
    newPath: () => join(directory, `${ownPrefix}${takeRandomBytes(12).toString("hex")}`),
    remove,
    async retryRemovals() {
      for (const path of [...left]) await remove(path);
    },
    async findAbandoned(nowMs, isStart) {
      const abandoned: string[] = [];
      for (const name of await operations.list(directory))
        if (await isAbandoned(name, nowMs, isStart)) abandoned.push(join(directory, name));
      return abandoned;
    },
  };
}
