import { type BlobSource, blobSource } from "@stowage/client/browser";

/** Whether a drag or a paste brings files, as against text or a link of the page. */
export const bringsFiles = (transfer: DataTransfer | null): transfer is DataTransfer =>
  transfer?.types.includes("Files") ?? false;

export interface Dropped {
  readonly sources: readonly BlobSource[];
  /** Names of what can't be read. */
  readonly unreadable: readonly string[];
}

/**
 * What was dropped or pasted, folders with all that is in them. A transfer is good in its own event only: what it holds
 * is taken before the first wait.
 *
 * @param nameOf - of what is no entry of a file system, such as a picture of the clipboard
 */
export async function readTransfer(
  transfer: DataTransfer,
  nameOf: (file: File) => string = ({ name }) => name,
): Promise<Dropped> {
  // Of a text both are null.
  const taken = Array.from(transfer.items, (item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const sources: BlobSource[] = [];
  const unreadable: string[] = [];
  for (const one of taken) {
    if (!one) continue;
    if (one instanceof File) sources.push(blobSource(one, nameOf(one)));
    else await readEntry(one, sources, unreadable);
  }
  return { sources, unreadable };
}

/** Depth first, in the order of the folder's own list. What can't be read stops nothing else. */
async function readEntry(entry: FileSystemEntry, sources: BlobSource[], unreadable: string[]): Promise<void> {
  try {
    if (entry.isFile) sources.push(blobSource(await fileOf(entry as FileSystemFileEntry)));
    else
      for (const inner of await entriesOf((entry as FileSystemDirectoryEntry).createReader()))
        if (!systemsOwn.test(inner.name)) await readEntry(inner, sources, unreadable);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    unreadable.push(entry.name);
  }
}

/** What systems keep in folders for themselves. */
export const systemsOwn = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini)$/i;

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** A reader gives them some at a time (Chromium: 100), and nothing at the end. */
async function entriesOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
  return some.length > 0 ? [...some, ...(await entriesOf(reader))] : some;
}
