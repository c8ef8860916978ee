import { basename, dirname } from "node:path";
import { fileError } from "./watched-file-operations.ts";

/**
 * One thing that happened to a disk. Files and directories are named by the number that they were made as, since
 * a file may have many names, or none. A sync makes durable what happened `before` that many effects: it promises
 * nothing about what was done while it ran.
 */
export type DiskEffect =
  | { readonly kind: "create-file" | "create-directory"; readonly path: string }
  | { readonly kind: "write"; readonly file: number; readonly position: number; readonly bytes: Buffer }
  | { readonly kind: "link"; readonly from: string; readonly path: string }
  | { readonly kind: "rename"; readonly from: string; readonly path: string }
  | { readonly kind: "remove" | "remove-directory"; readonly path: string }
  | { readonly kind: "sync-data" | "sync-directory"; readonly node: number; readonly before: number };

interface Unsynced {
  readonly at: number;
}

export interface FileNode {
  readonly kind: "file";
  readonly id: number;
  content: Buffer;
  /** What is certainly on the disk. */
  durable: Buffer;
  unsynced: (Unsynced & { readonly position: number; readonly bytes: Buffer })[];
}

export interface DirectoryNode {
  readonly kind: "directory";
  readonly id: number;
  readonly names: Map<string, DiskNode>;
  readonly durable: Map<string, DiskNode>;
  /** A name's new node, or its removal. */
  unsynced: (Unsynced & { readonly name: string; readonly node: DiskNode | undefined })[];
}

type DiskNode = FileNode | DirectoryNode;

export interface DiskTree {
  readonly effectCount: () => number;
  /** Makes it happen, or throws the file system's error, and nothing has happened. Returns the node that it made. */
  apply(effect: DiskEffect): DiskNode | undefined;
  directoryAt(path: string): DirectoryNode;
  fileAt(path: string): FileNode;
  linkCount(path: string): number;
  /** The disk as it may be found after a power cut; see PowerCutDisk. */
  afterPowerCut(choose: (options: number) => number): DiskTree;
}

const newDirectory = (id: number, names: ReadonlyMap<string, DiskNode> = new Map()): DirectoryNode => ({
  kind: "directory",
  id,
  names: new Map(names),
  durable: new Map(names),
  unsynced: [],
});

const newFile = (id: number, content: Buffer = Buffer.of()): FileNode => ({
  kind: "file",
  id,
  content,
  durable: content,
  unsynced: [],
});

function written(content: Buffer, position: number, bytes: Buffer): Buffer {
  const after = Buffer.alloc(Math.max(content.length, position + bytes.length));
  content.copy(after);
  bytes.copy(after, position);
  return after;
}

const setName = (names: Map<string, DiskNode>, name: string, node: DiskNode | undefined): void => {
  if (node) names.set(name, node);
  else names.delete(name);
};

/** A file system in memory that knows of each change whether it is certainly on the disk. */
export function createDiskTree(
  root: DirectoryNode = newDirectory(0),
  nodes = new Map<number, DiskNode>([[0, root]]),
): DiskTree {
  let effects = 0;
  // Those of a disk that was found after a power cut have numbers already.
  let lastId = Math.max(...nodes.keys());

  const add = <T extends DiskNode>(make: (id: number) => T): T => {
    lastId += 1;
    const node = make(lastId);
    nodes.set(lastId, node);
    return node;
  };

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
  const fileAt = (path: string): FileNode => {
    const node = directoryAt(dirname(path)).names.get(basename(path));
    if (node === undefined) throw fileError("ENOENT");
    if (node.kind !== "file") throw fileError("EISDIR");
    return node;
  };

  const change = (path: string, node: DiskNode | undefined): void => {
    const directory = directoryAt(dirname(path));
    const name = basename(path);
    setName(directory.names, name, node);
    directory.unsynced.push({ at: effects, name, node });
  };
  const assertFree = (path: string): void => {
    if (directoryAt(dirname(path)).names.has(basename(path))) throw fileError("EEXIST");
  };

  const rename = (from: string, to: string): void => {
    const file = fileAt(from);
    // POSIX: two names of one file stay as they are.
    if (directoryAt(dirname(to)).names.get(basename(to)) === file) return;
    change(to, file);
    change(from, undefined);
  };

  const syncFile = (file: FileNode, before: number): void => {
    for (const { at, position, bytes } of file.unsynced)
      if (at < before) file.durable = written(file.durable, position, bytes);
    file.unsynced = file.unsynced.filter(({ at }) => at >= before);
  };
  const syncNames = (directory: DirectoryNode, before: number): void => {
    for (const { at, name, node } of directory.unsynced)
      if (at < before) setName(directory.durable, name, node);
    directory.unsynced = directory.unsynced.filter(({ at }) => at >= before);
  };

  const make = (path: string, create: (id: number) => DiskNode): DiskNode => {
    assertFree(path);
    const node = add(create);
    change(path, node);
    return node;
  };

  const perform = (effect: DiskEffect): DiskNode | undefined => {
    switch (effect.kind) {
      case "create-file":
        return make(effect.path, (id) => newFile(id));
      case "create-directory":
        return make(effect.path, (id) => newDirectory(id));
      case "write": {
        const file = nodes.get(effect.file) as FileNode;
        file.content = written(file.content, effect.position, effect.bytes);
        file.unsynced.push({ at: effects, position: effect.position, bytes: effect.bytes });
        return undefined;
      }
      case "link": {
        const file = fileAt(effect.from);
        assertFree(effect.path);
        change(effect.path, file);
        return undefined;
      }
      case "rename":
        rename(effect.from, effect.path);
        return undefined;
      case "remove":
        fileAt(effect.path);
        change(effect.path, undefined);
        return undefined;
      case "remove-directory":
        if (directoryAt(effect.path).names.size > 0) throw fileError("ENOTEMPTY");
        change(effect.path, undefined);
        return undefined;
      case "sync-data":
        syncFile(nodes.get(effect.node) as FileNode, effect.before);
        return undefined;
      case "sync-directory":
        syncNames(nodes.get(effect.node) as DirectoryNode, effect.before);
        return undefined;
    }
  };

  return {
    effectCount: () => effects,
    apply(effect) {
      const node = perform(effect);
      effects += 1;
      return node;
    },
    directoryAt,
    fileAt,
    linkCount: (path) => namesOf(root, fileAt(path)),
    afterPowerCut: (choose) => foundAfterwards(root, choose),
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

/** What each write that was not synced may have become: nothing, itself, a part of itself, zeros, or another file's rest. */
function contentFound({ durable, unsynced }: FileNode, choose: (options: number) => number): Buffer {
  let content = durable;
  for (const { position, bytes } of unsynced) {
    const remains = [
      () => Buffer.of(),
      () => bytes.subarray(0, choose(bytes.length + 1)),
      () => Buffer.alloc(bytes.length),
      () => Buffer.alloc(bytes.length, "of another file "),
      () => bytes,
    ][choose(5)]?.();
    if (remains && remains.length > 0) content = written(content, position, remains);
  }
  return content;
}

function foundAfterwards(root: DirectoryNode, choose: (options: number) => number): DiskTree {
  const found = new Map<number, DiskNode>();
  const find = (node: DiskNode): DiskNode => {
    const known = found.get(node.id);
    if (known) return known;
    const after = node.kind === "file" ? newFile(node.id, contentFound(node, choose)) : findDirectory(node);
    found.set(node.id, after);
    return after;
  };
  const findDirectory = ({ id, durable, unsynced }: DirectoryNode): DirectoryNode => {
    const names = new Map(durable);
    // Any of the changes may be missing; those of one name came in their order.
    for (const { name, node } of unsynced) if (choose(2) === 1) setName(names, name, node);
    return newDirectory(id, new Map([...names].map(([name, node]) => [name, find(node)])));
  };
  const newRoot = findDirectory(root);
  found.set(root.id, newRoot);
  return createDiskTree(newRoot, found);
}
