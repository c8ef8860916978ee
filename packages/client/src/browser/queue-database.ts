import { AbortedError, StorageFullError } from "../errors.ts";
import type { QueueRow } from "../queue/queue-store.ts";

/** A piece of a file; of a file that is there as a whole, how many bytes it has; or its content type. */
type FileKey = [id: string, index: number] | [id: string] | [id: string, "type"];

/** Or whose queue it is. */
export type PieceKey = FileKey | "person";

/** What a change may do; all of it is on disk when the change is done, or nothing. */
export interface QueueDatabaseChange {
  put(row: QueueRow): void;
  putBytes(key: PieceKey, value: ArrayBuffer | number | string): void;
  erase(id: string): void;
  /** All pieces of a file. */
  eraseBytes(id: string): void;
}

export type QueueDatabase = Awaited<ReturnType<typeof openQueueDatabase>>;

/**
 * @throws DOMException, where the browser gives none
 */
export async function openQueueDatabase(name: string) {
  let opened: Promise<IDBDatabase> | undefined;
  let isClosed = false;

  const open = () =>
    new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open(name, 1);
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore("rows", { keyPath: "id" });
        opening.result.createObjectStore("bytes");
      };
      let isBlocked = false;
      // Another tab that has an older version open, and is not awake to let go of it.
      opening.onblocked = () => {
        isBlocked = true;
        reject(new AbortedError());
      };
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const database = opening.result;
        if (isBlocked) database.close();
        // A newer version of this program, or who erases the queue, is not kept waiting.
        database.onversionchange = () => {
          database.close();
          opened = undefined;
        };
        // The system took the database away, as iOS does from pages in the background: the next call opens it again.
        database.onclose = () => {
          opened = undefined;
        };
        resolve(database);
      };
    });

  const transaction = async (mode?: IDBTransactionMode): Promise<IDBTransaction> => {
    if (isClosed) throw new AbortedError();
    opened ??= open().catch((error) => {
      opened = undefined;
      throw error;
    });
    return (await opened).transaction(["rows", "bytes"], mode, { durability: "strict" });
  };

  const read = async <Answer>(
    from: "rows" | "bytes",
    ask: (store: IDBObjectStore) => IDBRequest<Answer>,
  ): Promise<Answer> => {
    const tx = await transaction();
    return new Promise((resolve, reject) => {
      const request = ask(tx.objectStore(from));
      tx.oncomplete = () => resolve(request.result);
      tx.onabort = () => reject(tx.error ?? request.error);
    });
  };

  await transaction();
  return {
    rows: () => read<QueueRow[]>("rows", (rows) => rows.getAll()),
    // Of files: lists sort after text.
    bytesKeys: () =>
      read("bytes", (bytes) => bytes.getAllKeys(IDBKeyRange.lowerBound([]))) as Promise<FileKey[]>,
    entry: (key: PieceKey) => read<unknown>("bytes", (bytes) => bytes.get(key)),
    /** Pieces from one to another, both of them too. */
    pieces: (id: string, first: number, last: number) =>
      read<ArrayBuffer[]>("bytes", (bytes) => bytes.getAll(IDBKeyRange.bound([id, first], [id, last]))),
    /** @throws StorageFullError */
    async change(change: (to: QueueDatabaseChange) => void): Promise<void> {
      const tx = await transaction("readwrite");
      const [rows, bytes] = [tx.objectStore("rows"), tx.objectStore("bytes")];
      return new Promise((resolve, reject) => {
        tx.oncomplete = () => resolve();
        tx.onabort = () => reject(asStorageFull(tx.error));
        try {
          change({
            put: (row) => rows.put(row),
            putBytes: (key, value) => bytes.put(value, key),
            erase: (id) => rows.delete(id),
            // Whatever comes after the id: a list sorts after every number.
            eraseBytes: (id) => bytes.delete(IDBKeyRange.bound([id], [id, []])),
          });
        } catch (error) {
          reject(error);
          tx.abort();
        }
      });
    },
    close() {
      isClosed = true;
      void opened?.then((database) => database.close());
    },
  };
}

/** @param otherName - of an error that says the same where it comes from */
export const asStorageFull = (error: unknown, otherName?: string): unknown =>
  error instanceof DOMException && ["QuotaExceededError", otherName].includes(error.name)
    ? new StorageFullError({ cause: error })
    : error;
