// A folder of this origin's private file system, where the browser has one: a missing one is an empty one. Functions and no object, so that
// a service worker has those alone that it needs.

async function openFolder(folder: string, create = false): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    return await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create });
  } catch {
    return undefined;
  }
}

export async function opfsNames(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const name of (await openFolder(folder))?.keys() ?? []) names.push(name);
  return names;
}

export async function opfsFile(folder: string, name: string): Promise<File | undefined> {
  try {
    return await (await (await openFolder(folder))?.getFileHandle(name))?.getFile();
  } catch {
    return undefined;
  }
}

/** It is there once what this gives is closed, in place of what was; `undefined` where files can't be written here. */
export async function writeOpfsFile(
  folder: string,
  name: string,
): Promise<FileSystemWritableFileStream | undefined> {
  const opened = canWrite() ? await openFolder(folder, true) : undefined;
  return (await opened?.getFileHandle(name, { create: true }))?.createWritable();
}

export async function removeOpfsFiles(folder: string, names: Iterable<string>): Promise<void> {
  const opened = await openFolder(folder);
  // What is not there is removed; what is being written is not this call's to remove.
  for (const name of names) await opened?.removeEntry(name).catch(() => undefined);
}

/** WebKit writes files in workers only, before its version 26. */
const canWrite = () => "createWritable" in (globalThis.FileSystemFileHandle?.prototype ?? {});
