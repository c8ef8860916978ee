import { type FileOperations, isFileError, type OpenFile } from "../storage/file-operations.ts";
import { createDiskTree, type DiskEffect, type DiskTree, type FileNode } from "./disk-tree.ts";

/** The power is gone: no call does anything any more. */
export class PowerCutError extends Error {
  override name = "PowerCutError";
}

export interface PowerCutDisk {
  readonly operations: FileOperations;
  readonly callCount: () => number;
  /** How much has happened to the disk, under whatever process. */
  readonly effectCount: () => number;
  /** What has changed so far, in order, as `replay` takes it. */
  readonly effects: readonly DiskEffect[];
  /**
   * The disk as it may be found afterwards. Of all that was not synced, each change of a name was made or not, and
   * each write is missing, whole, a part of itself, zeros or foreign bytes, as `choose` says: 0 ≤ choose(n) < n.
   */
  afterPowerCut(choose: (options: number) => number, options?: PowerCutDiskOptions): PowerCutDisk;
  /** The same disk, under a process that comes after another that was killed. What was not synced still is not. */
  afterKill(options?: PowerCutDiskOptions): PowerCutDisk;
}

export interface PowerCutDiskOptions {
  /** The power fails at this call. Default never. */
  readonly lastCalls?: number;
  /** Turns of the event loop that the next call takes before it has its effect, and before it is told. Default 0. */
  readonly turns?: () => number;
}

/** A disk in memory that promises as little as POSIX does. */
export function createPowerCutDisk(
  { lastCalls = Number.POSITIVE_INFINITY, turns = () => 0 }: PowerCutDiskOptions = {},
  tree: DiskTree = createDiskTree(),
): PowerCutDisk {
  let calls = 0;
  const effects: DiskEffect[] = [];

  // In a later turn, as a disk answers: others get their word in between.
  const pass = async (): Promise<void> => {
    for (let left = turns(); left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const call = async <T>(work: () => T): Promise<T> => {
    await new Promise((resolve) => setImmediate(resolve));
    await pass();
    if (calls >= lastCalls) throw new PowerCutError("No power");
    calls += 1;
    const result = work();
    await pass();
    return result;
  };
  const apply = (effect: DiskEffect) => {
    const node = tree.apply(effect);
    effects.push(effect);
    return node;
  };
  const change = (effect: DiskEffect): Promise<void> =>
    call(() => {
      apply(effect);
    });
  /** Of what was done before it was asked for, and of that only. */
  const sync = (kind: "sync-data" | "sync-directory", node: number): Promise<void> =>
    change({ kind, node, before: tree.effectCount() });

  const open = (file: FileNode): OpenFile => ({
    readAt: (into, position) => call(() => file.content.copy(into, 0, position)),
    writeAt: (buffers, position) => {
      // Here: the caller may reuse its buffers once told, and not before.
      const bytes = Buffer.concat(buffers);
      return change({ kind: "write", file: file.id, position, bytes });
    },
    sizeBytes: () => call(() => file.content.length),
    syncData: () => sync("sync-data", file.id),
    close: () => call(() => undefined),
  });

  const operations: FileOperations = {
    createFile: (path) => call(() => open(apply({ kind: "create-file", path }) as FileNode)),
    openFile: (path) => call(() => open(tree.fileAt(path))),
    exists: (path) =>
      call(() => {
        try {
          return tree.fileAt(path).kind === "file";
        } catch (error) {
          if (isFileError(error, "ENOENT")) return false;
          throw error;
        }
      }),
    // Whatever waits until things are old need not wait.
    modifiedAtMs: () => call(() => 0),
    changedAtMs: () => call(() => 0),
    isSameFile: (path, other) => call(() => tree.fileAt(path) === tree.fileAt(other)),
    link: (from, path) => change({ kind: "link", from, path }),
    rename: (from, path) => change({ kind: "rename", from, path }),
    remove: (path) => change({ kind: "remove", path }),
    createDirectory: (path) => change({ kind: "create-directory", path }),
    removeDirectory: (path) => change({ kind: "remove-directory", path }),
    linkCount: (path) => call(() => tree.linkCount(path)),
    list: (path) => call(() => [...tree.directoryAt(path).names.keys()]),
    syncDirectory: async (path) => sync("sync-directory", tree.directoryAt(path).id),
  };

  return {
    operations,
    callCount: () => calls,
    effectCount: tree.effectCount,
    effects,
    afterPowerCut: (choose, options) => createPowerCutDisk(options, tree.afterPowerCut(choose)),
    afterKill: (options) => createPowerCutDisk(options, tree),
  };
}

/** The disk after these effects, and no others. */
export function replay(effects: readonly DiskEffect[], options?: PowerCutDiskOptions): PowerCutDisk {
  const tree = createDiskTree();
  for (const effect of effects) tree.apply(effect);
  return createPowerCutDisk(options, tree);
}

/** A disk whose power fails at call number `calls`. */
export const diskThatFailsAt = (calls: number): PowerCutDisk => createPowerCutDisk({ lastCalls: calls });
