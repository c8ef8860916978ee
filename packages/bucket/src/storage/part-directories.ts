import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type FileOperations, unlessMissing } from "./file-operations.ts";
import { inParallel } from "./in-parallel.ts";

/*
 * The parts of objects that were uploaded in parts:
 *
 *   parts/<directory>/00001 …   the parts
 *   parts/<directory>/anchor    a further name of the file that lists them and that the key names
 *
 * Copies are further names of that file too, and so is whatever `incoming/` holds of it while it is read,
 * copied or taken away. Hence the anchor's own link count says, atomically and across processes,
 * whether anybody needs the parts still: 1 means nobody, and nobody can come, since nothing
 * links from the anchor.
 */
const anchor = "anchor";
/** Without an anchor for so long, a directory belongs to no completion that still runs. */
const abandonedAfterMs = 60 * 60 * 1000;
const parallelWork = 16;

export interface PartDirectories {
  /** Makes an empty directory, and returns its name. */
  create(): Promise<string>;
  pathOf(directory: string, partNumber: number): string;
  /** The further name of the file that lists the parts. */
  anchorOf(directory: string): string;
  /** Binds the directory to the file that lists its parts. Durable, with all that is in it, once it resolves. */
  bind(directory: string, manifest: string): Promise<void>;
  /** Removes a directory that no object names. Where that fails, `removeUnused` will: it is no failure of the caller's. */
  dispose(directory: string): Promise<void>;
  /** Removes a directory unless its parts are needed still. As `dispose`. */
  disposeIfUnused(directory: string): Promise<void>;
  /** Removes what processes that died, or failed to, have left; before that, if it comes to that, makes removals durable. */
  removeUnused(nowMs: number, makeRemovalsDurable: () => Promise<void>): Promise<void>;
}

/** `root` must exist and be durable. */
export function createPartDirectories(
  operations: FileOperations,
  root: string,
  onCleanupFailure: (error: unknown) => void,
): PartDirectories {
  const removeNames = (path: string, names: readonly string[]): Promise<void> =>
    inParallel(names, parallelWork, async (name) => {
      await unlessMissing(operations.remove(join(path, name)));
    });

  const removeWhole = async (directory: string): Promise<void> => {
    const path = join(root, directory);
    const names = (await unlessMissing(operations.list(path))) ?? [];
    // The anchor last: as long as it is there, the next start finds what is left.
    await removeNames(
      path,
      names.filter((name) => name !== anchor),
    );
    await unlessMissing(operations.remove(join(path, anchor)));
    await unlessMissing(operations.removeDirectory(path));
  };

  const dispose = (directory: string): Promise<void> => removeWhole(directory).catch(onCleanupFailure);

  const anchorLinks = (directory: string): Promise<number | undefined> =>
    unlessMissing(operations.linkCount(join(root, directory, anchor)));

  const disposeIfUnused = async (directory: string): Promise<void> => {
    try {
      if ((await anchorLinks(directory)) === 1) await removeWhole(directory);
    } catch (error) {
      onCleanupFailure(error);
    }
  };

  return {
    async create() {
      const directory = randomBytes(16).toString("hex");
      await operations.createDirectory(join(root, directory));
      return directory;
    },

    pathOf: (directory, partNumber) => join(root, directory, String(partNumber).padStart(5, "0")),
    anchorOf: (directory) => join(root, directory, anchor),

    async bind(directory, manifest) {
      await operations.link(manifest, join(root, directory, anchor));
      await operations.syncDirectory(join(root, directory));
      await operations.syncDirectory(root);
    },

    dispose,
    disposeIfUnused,

    async removeUnused(nowMs, makeRemovalsDurable) {
      const unused: string[] = [];
      await inParallel(await operations.list(root), parallelWork, async (directory) => {
        const links = await anchorLinks(directory);
        if (links === 1) unused.push(directory);
        if (links !== undefined) return;
        const changedAtMs = await unlessMissing(operations.changedAtMs(join(root, directory)));
        if (changedAtMs !== undefined && nowMs - changedAtMs > abandonedAfterMs) unused.push(directory);
      });
      if (unused.length === 0) return;
      await makeRemovalsDurable();
      await inParallel(unused, parallelWork, dispose);
    },
  };
}
