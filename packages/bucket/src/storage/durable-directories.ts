import { dirname, join } from "node:path";
import { type FileOperations, isFileError } from "./file-operations.ts";

/** Directories remembered as durable; past it they are synced once more, which is only slower. */
const maxRemembered = 20_000;

export interface DurableDirectories {
  /** Makes `root/…names` with its parents, and returns its path once all of them would survive a power cut. */
  ensure(names: readonly string[]): Promise<string>;
}

/**
 * Creates the directories that objects are published into. Each is created and its parent synced once
 * a process, also where it exists already: whoever made it may have died before the sync. Those who
 * ask for the same one at the same time wait for the same sync.
 */
export function createDurableDirectories(operations: FileOperations, root: string): DurableDirectories {
  const ready = new Map<string, Promise<void>>();

  const make = async (path: string): Promise<void> => {
    try {
      await operations.createDirectory(path);
    } catch (error) {
      if (!isFileError(error, "EEXIST")) throw error;
    }
    await operations.syncDirectory(dirname(path));
  };

  const ensureOne = (path: string): Promise<void> => {
    const known = ready.get(path);
    if (known !== undefined) return known;
    if (ready.size >= maxRemembered) ready.clear();
    const made = make(path);
    ready.set(path, made);
    made.catch(() => ready.delete(path));
    return made;
  };

  return {
    async ensure(names) {
      let path = root;
      for (const name of names) {
        path = join(path, name);
        await ensureOne(path);
      }
      return path;
    },
  };
}
