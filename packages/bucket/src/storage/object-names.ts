import type { KeyObject } from "node:crypto";
import { dirname, join } from "node:path";
import type { DurableDirectories } from "./durable-directories.ts";
import { type FileOperations, isFileError, unlessMissing } from "./file-operations.ts";
import type { IncomingFiles } from "./incoming-files.ts";
import { pathComponents, toByteString } from "./key-path.ts";
import { createKeyTurns } from "./key-turns.ts";
import type { PartDirectories } from "./part-directories.ts";
import { publishObject } from "./publish-object.ts";
import { openObject } from "./read-object.ts";
import { ObjectCorruptError } from "./segment-cipher.ts";

/** What must hold of a key's object for another to take its place. */
export interface WriteCondition {
  /** There must be none: of many at the same time one wins, across processes. */
  readonly onlyIfAbsent: boolean;
  /** There must be one, and with an ETag and a time (ms since 1970) that this accepts; held against other writes of this process. */
  readonly onlyIf?: (etag: string, createdAtMs: number) => boolean;
  /** It must be this very file, of which this is another name; as `onlyIf`. */
  readonly onlyOver?: string;
}

/** The key has another object than it was to be written over, or none. */
export class ObjectChangedError extends Error {
  readonly code = "object-changed";
  override name = "ObjectChangedError";
  readonly isMissing: boolean;

  constructor(isMissing: boolean) {
    super(isMissing ? "The key has no object" : "The key has another object");
    this.isMissing = isMissing;
  }
}

/** The names that objects have in the tree of keys, and for a while beside it. */
export interface ObjectNames {
  pathOf(key: string): string;
  /** Gives the file `from` a key's name, durably; see publishObject. Throws ObjectChangedError too. */
  publish(key: string, condition: WriteCondition, from: string): Promise<void>;
  /** Takes a key's name away, durably; the same where there was none. Throws ObjectChangedError. */
  remove(key: string, condition?: Pick<WriteCondition, "onlyIf">): Promise<void>;
  /**
   * Another name for a key's object, which keeps all of it whatever becomes of the key, until `release`.
   * `undefined` where there is none. Rejects with `EMLINK` where the file has as many names as it may have.
   */
  hold(key: string): Promise<string | undefined>;
  /** Removes a name that `hold` gave, and the object's parts where it was the last one. What fails is left to the sweep. */
  release(held: string): Promise<void>;
}

export function createObjectNames(options: {
  readonly operations: FileOperations;
  readonly masterKey: KeyObject;
  readonly root: string;
  readonly directories: DurableDirectories;
  readonly parts: PartDirectories;
  readonly incoming: IncomingFiles;
  onCleanupFailure(error: unknown): void;
}): ObjectNames {
  const { operations, masterKey, root, directories, parts, incoming } = options;
  const turns = createKeyTurns();

  const placeOf = (key: string): { directory: string; names: string[]; file: string } => {
    const { directories: names, file } = pathComponents(toByteString(key));
    return { directory: join(root, ...names), names, file };
  };

  const holdPath = async (path: string): Promise<string | undefined> => {
    const held = incoming.newPath();
    try {
      await operations.link(path, held);
      return held;
    } catch (error) {
      if (isFileError(error, "ENOENT")) return undefined;
      throw error;
    }
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
    let directory: string | undefined;
    try {
      directory = await partsDirectoryOf(held);
    } catch (error) {
      options.onCleanupFailure(error);
    }
    await incoming.remove(held);
    if (directory !== undefined) await parts.disposeIfUnused(directory);
  };

  /** Lets go of what was held while its name was to be taken away, which failed: perhaps after it was done. */
  const releaseUncertain = async (held: string, directory: string): Promise<void> => {
    try {
      await operations.syncDirectory(directory);
    } catch (error) {
      // It may be there again after a power cut, and need its parts: the next start knows.
      options.onCleanupFailure(error);
      return;
    }
    await release(held);
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
      if (held !== undefined) await releaseUncertain(held, dirname(path));
      throw error;
    }
    if (held !== undefined) await release(held);
  };

  const checkCurrent = async (
    path: string,
    { onlyIf, onlyOver }: Pick<WriteCondition, "onlyIf" | "onlyOver">,
  ): Promise<void> => {
    if (onlyOver !== undefined) {
      const isSame = await unlessMissing(operations.isSameFile(path, onlyOver));
      if (isSame !== true) throw new ObjectChangedError(isSame === undefined);
    }
    if (!onlyIf) return;
    const current = await unlessMissing(openObject(operations, masterKey, path));
    await current?.close();
    const { etag = "", createdAtMs = 0 } = current?.metadata ?? {};
    if (!current || !onlyIf(etag, createdAtMs)) throw new ObjectChangedError(current === undefined);
  };

  return {
    pathOf: (key) => {
      const { directory, file } = placeOf(key);
      return join(directory, file);
    },

    async publish(key, { onlyIfAbsent, ...condition }, from) {
      const { directory, names, file } = placeOf(key);
      await directories.ensure(names);
      const publish = () => publishObject(operations, { directory, file, onlyIfAbsent }, from);
      // Only link() decides, and it finds no free name while another takes its turn to replace what is there.
      if (onlyIfAbsent) return publish();
      await turns.take(key, async () => {
        const path = join(directory, file);
        await checkCurrent(path, condition);
        await takeName(path, publish);
      });
    },

    async remove(key, condition = {}) {
      const { directory, file } = placeOf(key);
      const path = join(directory, file);
      const remove = async (): Promise<void> => {
        try {
          await operations.remove(path);
        } catch (error) {
          if (!isFileError(error, "ENOENT")) throw error;
        }
        // Also where there is none: whoever took it away may be still at the sync, or have died before it.
        await unlessMissing(operations.syncDirectory(directory));
      };
      await turns.take(key, async () => {
        await checkCurrent(path, condition);
        await takeName(path, remove);
      });
    },

    hold: (key) => {
      const { directory, file } = placeOf(key);
      return holdPath(join(directory, file));
    },
    release,
  };
}
