/** A folder of this origin's private file system, where the browser has one: a missing one is an empty one. */
export function opfsFolder(name: string) {
  const open = async (create: boolean): Promise<FileSystemDirectoryHandle | undefined> => {
    try {
      return await (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create });
    } catch {
      return undefined;
    }
  };

  return {
    async names(): Promise<string[]> {
      const names: string[] = [];
      for await (const name of (await open(false))?.keys() ?? []) names.push(name);
      return names;
    },
    async file(name: string): Promise<File | undefined> {
      try {
        return await (await (await open(false))?.getFileHandle(name))?.getFile();
      } catch {
        return undefined;
      }
    },
    /** It is there once what this gives is closed, in place of what was; `undefined` where files can't be written here. */
    async write(name: string): Promise<FileSystemWritableFileStream | undefined> {
      const folder = canWrite() ? await open(true) : undefined;
      return (await folder?.getFileHandle(name, { create: true }))?.createWritable();
    },
    async remove(names: Iterable<string>): Promise<void> {
      const folder = await open(false);
      // What is not there is removed; what is being written is not this call's to remove.
      for (const name of names) await folder?.removeEntry(name).catch(() => undefined);
    },
  };
}

/** WebKit writes files in workers only, before its version 26. */
const canWrite = () => "createWritable" in (globalThis.FileSystemFileHandle?.prototype ?? {});
