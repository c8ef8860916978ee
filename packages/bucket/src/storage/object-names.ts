import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import type { DurableDirectories } from "./durable-directories.ts";
import { type FileOperations, isFileError, unlessMissing } from "./file-operations.ts";
import { pathComponents, toByteString } from "./key-path.ts";
import type { PartDirectories } from "./part-directories.ts";
import { publishObject } from "./publish-object.ts";
import { openObject } from "./read-object.ts";
import { ObjectCorruptError } from "./segment-cipher.ts";

/** The names that objects have in the tree of keys, and for a while beside it. */
export interface ObjectNames {
  pathOf(key: string): string;
  /** Gives the file `from` a key's name, durably; see publishObject. */
  publish(key: string, onlyIfAbsent: boolean, from: string): Promise<void>;
  /** Takes a key's name away, durably; the same where there was none. */
  remove(key: string): Promise<void>;
  /**
   * Another name for a key's object, which keeps all of it whatever becomes of the key, until `release`.
   * `undefined` where there is none. Rejects with `EMLINK` where the file has as many names as it may have.
   */
  hold(key: string): Promise<string | undefined>;
  /** Removes a name that `hold` gave, and the object's parts where it was the last one. */
  release(held: string): Promise<void>;
}

export function createObjectNames(options: {
  readonly operations: FileOperations;
  readonly masterKey: KeyObject;
  readonly root: string;
  readonly directories: DurableDirectories;
  readonly parts: PartDirectories;
  newPath(): string;
}): ObjectNames {
  const { operations, masterKey, root, directories, parts } = options;

  const placeOf = (key: string): { directory: string; names: string[]; file: string } => {
    const { directories: names, file } = pathComponents(toByteString(key));
    return { directory: join(root, ...names), names, file };
  };

  const holdPath = async (path: string): Promise<string | undefined> => {
    const held = options.newPath();
    try {
      await operations.link(path, held);
      return held;
    } catch (error) {
      if (isFileError(error, "ENOENT")) return undefined;
      throw error;
    }
  };

  const drop = async (held: string): Promise<void> => {
    await unlessMissing(operations.remove(held));
  };

  const partsDirectoryOf = async (held: string): Promise<string | undefined> => {
    // What lists parts has its anchor for a second name.
    if (((await unlessMissing(operations.linkCount(held))) ?? 0) < 2) return undefined;
    try {
      const object = await openObject(operations, masterKey, held);
      await object.close();
      return object.metadata.parts?.directory;
    } catch (error) {
      // The next start finds parts whose list can't be read.
      if (error instanceof ObjectCorruptError || isFileError(error, "ENOENT")) return undefined;
      throw error;
    }
  };

  const release = async (held: string): Promise<void> => {
    const directory = await partsDirectoryOf(held);
    await drop(held);
    if (directory !== undefined) await parts.disposeIfUnused(directory);
  };

  /**
   * Takes a name from whatever has it. Held until that is durable: else another, who takes away the
   * last of its other names meanwhile, would remove parts of an object that a power cut brings back.
   */
  const takeName = async (path: string, take: () => Promise<void>): Promise<void> => {
    let held: string | undefined;
    try {
      held = await holdPath(path);
    } catch (error) {
      // As many names as a file may have: this one is not the last.
      if (!isFileError(error, "EMLINK")) throw error;
    }
    try {
      await take();
    } catch (error) {
      // It may still be there after a power cut, and need its parts.
      if (held !== undefined) await drop(held);
      throw error;
    }
    if (held !== undefined) await release(held);
  };

  return {
    pathOf: (key) => {
      const { directory, file } = placeOf(key);
      return join(directory, file);
    },

    async publish(key, onlyIfAbsent, from) {
      const { directory, names, file } = placeOf(key);
      await directories.ensure(names);
      const publish = () => publishObject(operations, { directory, file, onlyIfAbsent }, from);
      await (onlyIfAbsent ? publish() : takeName(join(directory, file), publish));
    },

    async remove(key) {
      const { directory, file } = placeOf(key);
      const path = join(directory, file);
      await takeName(path, async () => {
        try {
          await operations.remove(path);
        } catch (error) {
          if (isFileError(error, "ENOENT")) return;
          throw error;
        }
        await operations.syncDirectory(directory);
      });
    },

    hold: (key) => {
      const { directory, file } = placeOf(key);
      return holdPath(join(directory, file));
    },
    release,
  };
}
