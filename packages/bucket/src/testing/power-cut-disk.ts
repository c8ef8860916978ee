import { basename, dirname } from "node:path";
import { type FileOperations, isFileError, type OpenFile } from "../storage/file-operations.ts";
import { fileError } from "./watched-file-operations.ts";

interface FileNode {
  readonly kind: "file";
  content: Buffer;
  /** What the last sync put on the disk. */
  synced: Buffer;
}

interface DirectoryNode {
  readonly kind: "directory";
  names: Map<string, Node>;
  synced: Map<string, Node>;
  /** Changes since the last sync, in order: a name's new node, or its removal. */
  unsynced: { readonly name: string; readonly node: Node | undefined }[];
}

type Node = FileNode | DirectoryNode;

const newDirectory = (names: Map<string, Node> = new Map()): DirectoryNode => ({
  kind: "directory",
  names,
  synced: new Map(names),
  unsynced: [],
});

/** The power is gone: no call does anything any more. */
export class PowerCutError extends Error {
  override name = "PowerCutError";
}

export interface PowerCutDisk {
  readonly operations: FileOperations;
  readonly callCount: () => number;
  /**
   * The disk as it may be found afterwards. Of all that was not synced, each change of a name was made or not, and
   * the bytes of each file are the old ones, the new ones, a part of them or zeros, as `choose` says:
   * 0 ≤ choose(n) < n.
   */
  afterPowerCut(choose: (options: number) => number): PowerCutDisk;
}

/** A disk in memory that promises as little as POSIX does. Its power fails at call number `lastCalls`. */
export function createPowerCutDisk(
  root: DirectoryNode = newDirectory(),
  lastCalls = Number.POSITIVE_INFINITY,
): PowerCutDisk {
  let calls = 0;
  const call = <T>(work: () => T): Promise<T> =>
    // In a later turn, as a disk answers: others get their word in between.
    new Promise((resolve, reject) => {
      setImmediate(() => {
        if (calls >= lastCalls) return reject(new PowerCutError("No power"));
        calls += 1;
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
    });

  const directoryAt = (path: string): DirectoryNode => {
    let directory = root;
    for (const name of path.split("/").filter((part) => part !== "")) {
      const node = directory.names.get(name);
      if (node === undefined) throw fileError("ENOENT");
      if (node.kind !== "directory") throw fileError("ENOTDIR");
      directory = node;
    }
    return directory;
  };
  const setName = (path: string, node: Node | undefined): void => {
    const directory = directoryAt(dirname(path));
    const name = basename(path);
    if (node) directory.names.set(name, node);
    else directory.names.delete(name);
    directory.unsynced.push({ name, node });
  };
  const newName = (path: string, node: Node): void => {
    if (directoryAt(dirname(path)).names.has(basename(path))) throw fileError("EEXIST");
    setName(path, node);
  };
  const fileAt = (path: string): FileNode => {
    const node = directoryAt(dirname(path)).names.get(basename(path));
    if (node === undefined) throw fileError("ENOENT");
    if (node.kind !== "file") throw fileError("EISDIR");
    return node;
  };

  const open = (file: FileNode): OpenFile => ({
    readAt: (into, position) => call(() => file.content.copy(into, 0, position)),
    writeAt: (buffers, position) =>
      call(() => {
        const written = Buffer.concat(buffers);
        const grown = Buffer.alloc(Math.max(file.content.length, position + written.length));
        file.content.copy(grown);
        written.copy(grown, position);
        file.content = grown;
      }),
    sizeBytes: () => call(() => file.content.length),
    syncData: () =>
      call(() => {
        file.synced = file.content;
      }),
    close: () => call(() => undefined),
  });

  const operations: FileOperations = {
    createFile: (path) =>
      call(() => {
        const file: FileNode = { kind: "file", content: Buffer.of(), synced: Buffer.of() };
        newName(path, file);
        return open(file);
      }),
    openFile: (path) => call(() => open(fileAt(path))),
    exists: (path) =>
      call(() => {
        try {
          return fileAt(path).kind === "file";
        } catch (error) {
          if (isFileError(error, "ENOENT")) return false;
          throw error;
        }
      }),
    modifiedAtMs: () => call(() => 0),
    link: (existing, name) => call(() => newName(name, fileAt(existing))),
    rename: (from, to) =>
      call(() => {
        const file = fileAt(from);
        // POSIX: two names of one file stay as they are.
        if (directoryAt(dirname(to)).names.get(basename(to)) === file) return;
        setName(to, file);
        setName(from, undefined);
      }),
    remove: (path) =>
      call(() => {
        fileAt(path);
        setName(path, undefined);
      }),
    createDirectory: (path) => call(() => newName(path, newDirectory())),
    removeDirectory: (path) =>
      call(() => {
        if (directoryAt(path).names.size > 0) throw fileError("ENOTEMPTY");
        setName(path, undefined);
      }),
    linkCount: (path) => call(() => namesOf(root, fileAt(path))),
    list: (path) => call(() => [...directoryAt(path).names.keys()]),
    syncDirectory: (path) =>
      call(() => {
        const directory = directoryAt(path);
        directory.synced = new Map(directory.names);
        directory.unsynced = [];
      }),
  };

  return {
    operations,
    callCount: () => calls,
    afterPowerCut: (choose) => createPowerCutDisk(foundAfterwards(root, choose)),
  };
}

function namesOf(directory: DirectoryNode, file: FileNode): number {
  let count = 0;
  for (const node of directory.names.values()) {
    if (node === file) count += 1;
    else if (node.kind === "directory") count += namesOf(node, file);
  }
  return count;
}

function foundAfterwards(root: DirectoryNode, choose: (options: number) => number): DirectoryNode {
  const found = new Map<FileNode, FileNode>();
  const findFile = (file: FileNode): FileNode => {
    const known = found.get(file);
    if (known) return known;
    const { content, synced } = file;
    const candidates =
      content === synced
        ? [synced]
        : [synced, content, content.subarray(0, choose(content.length + 1)), Buffer.alloc(content.length)];
    const kept = candidates[choose(candidates.length)] ?? synced;
    const after: FileNode = { kind: "file", content: kept, synced: kept };
    found.set(file, after);
    return after;
  };
  const findDirectory = ({ synced, unsynced }: DirectoryNode): DirectoryNode => {
    const names = new Map(synced);
    for (const { name, node } of unsynced) {
      if (choose(2) === 0) continue;
      if (node) names.set(name, node);
      else names.delete(name);
    }
    return newDirectory(
      new Map(
        [...names].map(([name, node]) => [name, node.kind === "file" ? findFile(node) : findDirectory(node)]),
      ),
    );
  };
  return findDirectory(root);
}

/** A disk whose power fails at call number `calls`. */
export const diskThatFailsAt = (calls: number): PowerCutDisk => createPowerCutDisk(undefined, calls);
