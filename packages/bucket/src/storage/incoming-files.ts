import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type FileOperations, isFileError } from "./file-operations.ts";

/** Not written to for so long, a file belongs to no upload that still runs, whoever has its process id now. */
const abandonedAfterMs = 60 * 60 * 1000;

export interface IncomingFiles {
  /** A fresh path, on the file system that the objects are on. */
  newPath(): string;
  /** Removes what processes that died have left. */
  removeAbandoned(nowMs: number): Promise<void>;
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
export function createIncomingFiles(operations: FileOperations, directory: string): IncomingFiles {
  const ownPrefix = `${process.pid}-${randomBytes(4).toString("hex")}-`;

  const isAbandoned = async (name: string, nowMs: number): Promise<boolean> => {
    if (name.startsWith(ownPrefix)) return false;
    const processId = Number(/^(\d+)-/.exec(name)?.[1] ?? 0);
    if (processId === 0 || processId === process.pid || !isAlive(processId)) return true;
    return nowMs - (await operations.modifiedAtMs(join(directory, name))) > abandonedAfterMs;
  };

  return {
    newPath: () => join(directory, `${ownPrefix}${randomBytes(12).toString("hex")}`),
    async removeAbandoned(nowMs) {
      for (const name of await operations.list(directory)) {
        try {
          if (await isAbandoned(name, nowMs)) await operations.remove(join(directory, name));
        } catch (error) {
          // Its owner was quicker.
          if (!isFileError(error, "ENOENT")) throw error;
        }
      }
    },
  };
}
