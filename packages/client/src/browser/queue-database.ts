import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { AbortedError, StorageFullError } from "../errors.ts";
import type { QueueRow } from "../queue/queue-store.ts";

/** A piece of a file; or of a file that is there as a whole, how many bytes it has. */
export type PieceKey = [id: string, index: number] | [id: string];

interface Schema extends DBSchema {
  rows: { key: string; value: QueueRow };
  bytes: { key: PieceKey; value: ArrayBuffer | number };
}

/** What a change may do; all of it is on disk when the change is done, or nothing. */
export interface QueueDatabaseChange {
  put(row: QueueRow): void;
  putBytes(key: PieceKey, value: ArrayBuffer | number): void;
  erase(id: string): void;
  /** All pieces of a file. */
  eraseBytes(id: string): void;
}

export type QueueDatabase = Awaited<ReturnType<typeof openQueueDatabase>>;

/**
 * @throws DOMException, where the browser gives none
 */
export async function openQueueDatabase(name: string) {
  let opened: Promise<IDBPDatabase<Schema>> | undefined;
  let isClosed = false;

  const open = () =>
    new Promise<IDBPDatabase<Schema>>((resolve, reject) => {
      const opening = openDB<Schema>(name, 1, {
        upgrade(database) {
          database.createObjectStore("rows", { keyPath: "id" });
          database.createObjectStore("bytes");
        },
        // Another tab that has an older version open, and is not awake to let go of it.
        blocked() {
          reject(new AbortedError());
          void opening.then(close, () => undefined);
        },
        // A newer version of this program, or who erases the queue, is not kept waiting.
        blocking() {
          void opening.then(close);
        },
        // The system took the database away, as iOS does from pages in the background: the next call opens it again.
        terminated() {
          opened = undefined;
        },
      });
      opening.then(resolve, reject);
    });

  const database = (): Promise<IDBPDatabase<Schema>> => {
    if (isClosed) throw new AbortedError();
    opened ??= open().catch((error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  await database();

  return {
    async rows() {
      return (await database()).getAll("rows");
    },
    async bytesKeys() {
      return (await database()).getAllKeys("bytes");
    },
    async sizeOf(id: string) {
      return (await database()).get("bytes", [id]);
    },
    /** Pieces from one to another, both of them too. */
    async pieces(id: string, first: number, last: number) {
      const range = IDBKeyRange.bound([id, first], [id, last]);
      return (await database()).getAll("bytes", range) as Promise<ArrayBuffer[]>;
    },
    /** @throws StorageFullError */
    async change(change: (to: QueueDatabaseChange) => void): Promise<void> {
      const tx = (await database()).transaction(["rows", "bytes"], "readwrite", { durability: "strict" });
      const requests: Promise<unknown>[] = [tx.done];
      const [rows, bytes] = [tx.objectStore("rows"), tx.objectStore("bytes")];
      try {
        change({
          put: (row) => requests.push(rows.put(row)),
          putBytes: (key, value) => requests.push(bytes.put(value, key)),
          erase: (id) => requests.push(rows.delete(id)),
          // Whatever comes after the id: a list sorts after every number.
          eraseBytes: (id) => requests.push(bytes.delete(IDBKeyRange.bound([id], [id, []]))),
        });
      } catch (error) {
        tx.abort();
        await Promise.allSettled(requests);
        throw error;
      }
      try {
        await Promise.all(requests);
      } catch (error) {
        // Requests of a transaction that is aborted say no more than that it is.
        throw asStorageFull(tx.error ?? error);
      }
    },
    close() {
      isClosed = true;
      void opened?.then(close);
    },
  };
}

const close = (database: { close(): void }) => database.close();

/** @param otherName - of an error that says the same where it comes from */
export const asStorageFull = (error: unknown, otherName?: string): unknown =>
  error instanceof DOMException && ["QuotaExceededError", otherName].includes(error.name)
    ? new StorageFullError({ cause: error })
    : error;
