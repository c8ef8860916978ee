import { AbortedError, FileChangedError, StorageFullError } from "../errors.ts";
import type { QueueStore } from "../queue/queue-store.ts";
import type { BlobSource } from "./blob-source.ts";
import { keptSource, largeBytes, pieceBytes } from "./kept-source.ts";
import { opfsNames, removeOpfsFiles, writeOpfsFile } from "./opfs-folder.ts";
import { asStorageFull, openQueueDatabase, type QueueDatabaseChange } from "./queue-database.ts";
import { readBlob } from "./read-blob.ts";

/**
 * A queue in IndexedDB and the origin's private file system. Bytes are ArrayBuffers: WebKit aborts on Blobs. A file is
 * copied piece by piece, so that memory stays flat, and is there once its last piece is.
 *
 * @throws DOMException, where the browser keeps nothing
 */
export async function openIndexedDbStore(owner: string): Promise<QueueStore<BlobSource>> {
  const name = `stowage ${owner}`;
  const database = await openQueueDatabase(name);
  const folder = encodeURIComponent(name);
  let hasAskedToPersist = false;

  const release = async (ids: readonly string[]): Promise<void> => {
    await database.change((to) => ids.forEach(to.eraseBytes));
    await removeOpfsFiles(folder, ids);
  };

  return {
    isDurable: true,
    async claim(person, beforeMs = 0) {
      const noted = (await database.entry("person")) as string | undefined;
      const isNoted = noted !== undefined;
      if (noted === person || (await database.rows()).some(({ order }) => isNoted || order < beforeMs))
        return noted;
      await database.change((to) => to.putBytes("person", person));
      return person;
    },
    async load() {
      // Before the rows: what is kept meanwhile has its row already.
      const kept = [...(await opfsNames(folder)), ...(await database.bytesKeys()).map(([id]) => id)];
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
      await removeOpfsFiles(folder, ids);
    },
    async keep(id, source, signal) {
      if (!hasAskedToPersist) askToPersist();
      hasAskedToPersist = true;
      const isLarge = source.sizeBytes > largeBytes;
      if (isLarge) await assertRoom(source.sizeBytes);
      let file: FileSystemWritableFileStream | undefined;
      try {
        // Who sends what is kept need not look at it again.
        const contentType = (await source.detectContentType?.()) ?? source.contentType;
        const begin = (to: QueueDatabaseChange) => {
          to.eraseBytes(id);
          to.putBytes([id, "type"], contentType);
        };
        if (isLarge) {
          file = await writeOpfsFile(folder, id);
          // What is in the database is looked at first.
          if (file) await database.change(begin);
        }
        for (let offset = 0; offset === 0 || offset < source.sizeBytes; offset += pieceBytes) {
          if (signal.aborted) throw new AbortedError();
          const piece = await readPiece(source, offset);
          if (file) await file.write(piece);
          else
            await database.change((to) => {
              if (offset === 0) begin(to);
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
    source: (row) => keptSource(database, folder, row),
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
