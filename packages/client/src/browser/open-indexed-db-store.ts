import { AbortedError, FileChangedError, FileUnreadableError, StorageFullError } from "../errors.ts";
import type { QueueRow, QueueStore } from "../queue/queue-store.ts";
import { type BlobSource, blobSource, partOf } from "./blob-source.ts";
import { detectContentType } from "./detect-content-type.ts";
import { opfsFolder } from "./opfs-folder.ts";
import { asStorageFull, openQueueDatabase, type QueueDatabase } from "./queue-database.ts";
import { readBlob } from "./read-blob.ts";

/** What is kept is cut so: another size would misread it. */
const pieceBytes = 4 * 1024 * 1024;

/** Larger files are files, where the browser has a file system: a part of one is read without what is around it. */
const largeBytes = 8 * 1024 * 1024;

/**
 * A queue in IndexedDB and the origin's private file system. Bytes are ArrayBuffers: WebKit aborts on Blobs. A file is
 * copied piece by piece, so that memory stays flat, and is there once its last piece is.
 *
 * @throws DOMException, where the browser keeps nothing
 */
export async function openIndexedDbStore(owner: string): Promise<QueueStore<BlobSource>> {
  const name = `stowage ${owner}`;
  const database = await openQueueDatabase(name);
  const files = opfsFolder(encodeURIComponent(name));
  let hasAskedToPersist = false;

  const release = async (ids: readonly string[]): Promise<void> => {
    await database.change((to) => ids.forEach(to.eraseBytes));
    await files.remove(ids);
  };

  return {
    isDurable: true,
    async load() {
      // Before the rows: what is kept meanwhile has its row already.
      const kept = [...(await files.names()), ...(await database.bytesKeys()).map(([id]) => id)];
      const rows = await database.rows();
      const ids = new Set(rows.map(({ id }) => id));
      const orphans = new Set(kept.filter((id) => !ids.has(id)));
      if (orphans.size > 0) await release([...orphans]);
      return rows.sort((one, other) => one.order - other.order);
    },
    write: (rows) => database.change((to) => rows.forEach(to.put)),
    async erase(ids) {
      await database.change((to) => {
        ids.forEach(to.erase);
        ids.forEach(to.eraseBytes);
      });
      await files.remove(ids);
    },
    async keep(id, source, signal) {
      if (!hasAskedToPersist) askToPersist();
      hasAskedToPersist = true;
      const isLarge = source.sizeBytes > largeBytes;
      if (isLarge) await assertRoom(source.sizeBytes);
      let file: FileSystemWritableFileStream | undefined;
      try {
        if (isLarge) {
          file = await files.write(id);
          // What is in the database is looked at first.
          if (file) await database.change((to) => to.eraseBytes(id));
        }
        for (let offset = 0; offset === 0 || offset < source.sizeBytes; offset += pieceBytes) {
          if (signal.aborted) throw new AbortedError();
          const piece = await readPiece(source, offset);
          if (file) await file.write(piece);
          else
            await database.change((to) => {
              if (offset === 0) to.eraseBytes(id);
              to.putBytes([id, offset / pieceBytes], piece);
              if (offset + pieceBytes >= source.sizeBytes) to.putBytes([id], source.sizeBytes);
            });
        }
        await file?.close();
      } catch (error) {
        await file?.abort().catch(() => undefined);
        await release([id]).catch(() => undefined);
        // Where a file's quota ends while bytes are on their way, Chromium may say no more than that it stopped.
        throw asStorageFull(error, file && "AbortError");
      }
    },
    release,
    async source(row) {
      if ((await database.sizeOf(row.id)) === row.sizeBytes) return piecedSource(database, row);
      const file = row.sizeBytes > largeBytes ? await files.file(row.id) : undefined;
      // Its name is the row's id, and its type that of no name.
      return file?.size === row.sizeBytes
        ? blobSource(file.slice(0, file.size, row.contentType), row.name)
        : undefined;
    },
    close: database.close,
  };
}

/** So that the browser does not clear it when the device runs short; it may say no. */
function askToPersist(): void {
  // Not in workers.
  void navigator.storage.persist?.().catch(() => undefined);
}

/** Says so before much has been written in vain. */
async function assertRoom(sizeBytes: number): Promise<void> {
  const { quota, usage = 0 } = await navigator.storage.estimate();
  if (quota !== undefined && usage + sizeBytes > quota) throw new StorageFullError();
}

async function readPiece(source: BlobSource, offset: number): Promise<ArrayBuffer> {
  const sizeBytes = Math.min(pieceBytes, source.sizeBytes - offset);
  const part = await source.part(offset, sizeBytes);
  const { buffer } = await readBlob(part.body(), source.name);
  part.release?.();
  if (buffer.byteLength !== sizeBytes) throw new FileChangedError(source.name);
  return buffer;
}

/** A file in the database: what is sent of it is read just then. */
function piecedSource(database: QueueDatabase, row: QueueRow): BlobSource {
  const { id, name, sizeBytes, contentType } = row;
  const read = async (offset: number, wantedBytes: number): Promise<Blob> => {
    const first = Math.floor(offset / pieceBytes);
    const end = offset + wantedBytes;
    const pieces = await database.pieces(id, first, Math.max(first, Math.ceil(end / pieceBytes) - 1));
    const start = first * pieceBytes;
    const blob = new Blob(pieces).slice(offset - start, end - start);
    if (blob.size !== wantedBytes) throw new FileUnreadableError(name);
    return blob;
  };
  return {
    name,
    sizeBytes,
    contentType,
    detectContentType: async () =>
      detectContentType(new Blob([await read(0, Math.min(sizeBytes, 64))], { type: contentType }), name),
    body: () => read(0, sizeBytes),
    part: async (offset, partBytes) => partOf(name, await read(offset, partBytes)),
  };
}
