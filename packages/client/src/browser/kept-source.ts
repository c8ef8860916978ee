import { FileUnreadableError } from "../errors.ts";
import type { QueueRow } from "../queue/queue-store.ts";
import { type BlobSource, partOf } from "./blob-source.ts";
import { opfsFile } from "./opfs-folder.ts";
import type { QueueDatabase } from "./queue-database.ts";

/** What is kept is cut so: another size would misread it. */
export const pieceBytes = 4 * 1024 * 1024;

/** Larger files are files, where the browser has a file system: a part of one is read without what is around it. */
export const largeBytes = 8 * 1024 * 1024;

/** A row's file as it was kept, whose bytes are read when they are sent; `undefined` where they are not there, all of them. */
export async function keptSource(
  database: Pick<QueueDatabase, "entry" | "pieces">,
  folder: string,
  { id, name, sizeBytes, contentType }: QueueRow,
): Promise<BlobSource | undefined> {
  let file: Blob | undefined;
  if ((await database.entry([id])) !== sizeBytes) {
    file = sizeBytes > largeBytes ? await opfsFile(folder, id) : undefined;
    if (file?.size !== sizeBytes) return undefined;
  }
  const read = async (offset: number, wantedBytes: number): Promise<Blob> => {
    if (file) return file.slice(offset, offset + wantedBytes);
    const first = Math.floor(offset / pieceBytes);
    const last = Math.max(first, Math.ceil((offset + wantedBytes) / pieceBytes) - 1);
    const start = offset % pieceBytes;
    const blob = new Blob(await database.pieces(id, first, last)).slice(start, start + wantedBytes);
    if (blob.size !== wantedBytes) throw new FileUnreadableError(name);
    return blob;
  };
  return {
    name,
    sizeBytes,
    contentType: ((await database.entry([id, "type"])) as string | undefined) ?? contentType,
    body: () => read(0, sizeBytes),
    part: async (offset, partBytes) => partOf(name, await read(offset, partBytes)),
  };
}
