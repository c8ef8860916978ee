import { diskFileOperations, type FileOperations, type OpenFile } from "../storage/file-operations.ts";

/** The name of a call: of FileOperations, or of an open file (`file.writeAt`). */
export type CallName = keyof FileOperations | `file.${keyof OpenFile}`;

/**
 * File operations that tell `before` about every call; what it throws is what the call fails with.
 * Counts are of calls that began.
 */
export function watchFileOperations(
  before: (call: CallName, path: string) => void | Promise<void> = () => undefined,
  inner: FileOperations = diskFileOperations,
): { readonly operations: FileOperations; readonly calls: CallName[]; count(...names: CallName[]): number } {
  const calls: CallName[] = [];
  const met = async (call: CallName, path: string): Promise<void> => {
    calls.push(call);
    await before(call, path);
  };
  const watchFile = (file: OpenFile, path: string): OpenFile => ({
    readAt: (into, position) => met("file.readAt", path).then(() => file.readAt(into, position)),
    writeAt: (buffers, position) => met("file.writeAt", path).then(() => file.writeAt(buffers, position)),
    sizeBytes: () => met("file.sizeBytes", path).then(() => file.sizeBytes()),
    syncData: () => met("file.syncData", path).then(() => file.syncData()),
    close: () => met("file.close", path).then(() => file.close()),
  });
  const operations: FileOperations = {
    createFile: async (path) => {
      await met("createFile", path);
      return watchFile(await inner.createFile(path), path);
    },
    openFile: async (path) => {
      await met("openFile", path);
      return watchFile(await inner.openFile(path), path);
    },
    exists: (path) => met("exists", path).then(() => inner.exists(path)),
    modifiedAtMs: (path) => met("modifiedAtMs", path).then(() => inner.modifiedAtMs(path)),
    changedAtMs: (path) => met("changedAtMs", path).then(() => inner.changedAtMs(path)),
    isSameFile: (path, other) => met("isSameFile", path).then(() => inner.isSameFile(path, other)),
    link: (existing, name) => met("link", name).then(() => inner.link(existing, name)),
    rename: (from, to) => met("rename", to).then(() => inner.rename(from, to)),
    remove: (path) => met("remove", path).then(() => inner.remove(path)),
    createDirectory: (path) => met("createDirectory", path).then(() => inner.createDirectory(path)),
    removeDirectory: (path) => met("removeDirectory", path).then(() => inner.removeDirectory(path)),
    linkCount: (path) => met("linkCount", path).then(() => inner.linkCount(path)),
    list: (path) => met("list", path).then(() => inner.list(path)),
    syncDirectory: (path) => met("syncDirectory", path).then(() => inner.syncDirectory(path)),
  };
  return { operations, calls, count: (...names) => calls.filter((call) => names.includes(call)).length };
}

/** An error as the file system gives it. */
export const fileError = (code: string): Error =>
  Object.assign(new Error(`${code}: as a test wants`), { code });
