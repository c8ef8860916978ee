import type { File } from "@stowage/protocol";
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { PassedTime } from "../files-cache/decide-passed-time.ts";
import type { KeptKey, KeptRow } from "../files-cache/kept-row.ts";

export type OwnedKey = [owner: string, fileId: string, derivative: string, version: number];

export interface OwnedRow extends KeptRow {
  readonly owner: string;
}

export interface KeptSchema extends DBSchema {
  rows: { key: OwnedKey; value: OwnedRow };
  /** Not Blobs: WebKit loses them, and their files. */
  bytes: { key: OwnedKey; value: ArrayBuffer };
  /** What the bytes are of; beside each, so that it goes with the last of them. */
  files: { key: OwnedKey; value: File };
  /** How much time has passed on this device, for all of its people. */
  time: { key: string; value: PassedTime };
}

export type KeptDatabase = IDBPDatabase<KeptSchema>;

/** One database for all people of this origin, so that what expires goes whoever it was that kept it. */
const databaseName = "stowage-kept-files";

/** Something stands in all of them under the same key, or in none. */
export const keptStores = ["rows", "bytes", "files"] as const;

export const keyOf = (owner: string, { fileId, derivative, version }: KeptKey): OwnedKey => [
  owner,
  fileId,
  derivative,
  version,
];

/** All keys that begin like this, and no others: a list sorts after every string and number. */
export const beginningWith = (...start: readonly string[]): IDBKeyRange =>
  IDBKeyRange.bound([...start], [...start, []]);

/** Opens the database when it is asked for first, and again when the browser has taken it away. */
export function createKeptDatabase(): { get(): Promise<KeptDatabase>; close(): void } {
  let opened: Promise<KeptDatabase> | undefined;
  const forget = () => {
    opened = undefined;
  };
  const close = () => {
    const closing = opened;
    forget();
    // What could not be opened has nothing to close.
    closing?.then((database) => database.close()).catch(forget);
  };
  return {
    get() {
      opened ??= openDB<KeptSchema>(databaseName, 2, {
        upgrade(database) {
          for (const name of database.objectStoreNames) database.deleteObjectStore(name);
          for (const name of [...keptStores, "time"] as const) database.createObjectStore(name);
        },
        // A newer version of this program is not kept waiting.
        blocking: close,
        terminated: forget,
      }).catch((error: unknown) => {
        forget();
        throw error;
      });
      return opened;
    },
    close,
  };
}
