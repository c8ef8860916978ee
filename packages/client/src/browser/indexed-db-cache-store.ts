import type { File } from "@stowage/protocol";
import { StorageFullError } from "../errors.ts";
import type { CacheStore } from "../files-cache/cache-store.ts";
import { decideEviction } from "../files-cache/decide-eviction.ts";
import { isExpired } from "../files-cache/decide-expiry.ts";
import { decidePassedTime } from "../files-cache/decide-passed-time.ts";
import type { KeptRow } from "../files-cache/kept-row.ts";
import {
  beginningWith,
  createKeptDatabase,
  keptStores,
  keyOf,
  type OwnedKey,
  type OwnedRow,
} from "./kept-database.ts";

const timeKey = "device";

type KeptChange = Awaited<ReturnType<typeof beginChange>>;

const beginChange = async (database: ReturnType<typeof createKeptDatabase>) =>
  (await database.get()).transaction(keptStores, "readwrite");

const erase = (tx: KeptChange, keys: readonly OwnedKey[]) =>
  keys.flatMap((key) => keptStores.map((name) => tx.objectStore(name).delete(key)));

/** A person's kept files in this browser's IndexedDB: each call is one transaction, or reads by one and notes by another. */
export function createIndexedDbCacheStore(owner: string): CacheStore {
  const database = createKeptDatabase();
  const change = () => beginChange(database);
  const owned = (row: KeptRow): OwnedRow => ({ ...row, owner });

  return {
    isDurable: true,
    async passTime(wallMs, leastMs) {
      const tx = (await database.get()).transaction("time", "readwrite");
      const next = decidePassedTime(await tx.store.get(timeKey), wallMs, leastMs);
      await Promise.all([tx.store.put(next, timeKey), tx.done]);
      return next.passedMs;
    },
    async list() {
      return (await (await database.get()).getAll("rows", beginningWith(owner))).map(withoutOwner);
    },
    async read(fileId, derivative, nowMs) {
      const tx = (await database.get()).transaction("rows", "readwrite");
      const rows = await tx.store.getAll(beginningWith(owner, fileId, derivative));
      // By their keys: the newest version is the last.
      const found = rows.findLast((row) => !isExpired(row, nowMs));
      const read = found && { ...found, readAtMs: nowMs };
      await Promise.all([read && tx.store.put(read, keyOf(owner, read)), tx.done]);
      // Bytes are read side by side. What was removed in between is not there.
      const bytes = read && (await (await database.get()).get("bytes", keyOf(owner, read)));
      return bytes && { row: withoutOwner(read), bytes: new Uint8Array(bytes) };
    },
    async keep(row, bytes, budgetBytes, file) {
      const tx = await change();
      const rows = tx.objectStore("rows");
      const key = keyOf(owner, row);
      const all = (await rows.getAll(beginningWith(owner))).map(withoutOwner);
      const isReplaced = (each: KeptRow) => each.fileId === row.fileId && each.derivative === row.derivative;
      const decision = decideEviction(
        all.filter((each) => !isReplaced(each)),
        row,
        budgetBytes,
      );
      if (decision.outcome !== "fits") {
        await tx.done;
        return decision;
      }
      const goes = [...decision.evicted, ...all.filter(isReplaced)].map((each) => keyOf(owner, each));
      try {
        await Promise.all([
          ...erase(tx, goes),
          rows.put(owned(row), key),
          tx.objectStore("bytes").put(bytes.slice().buffer, key),
          tx.objectStore("files").put(file, key),
          tx.done,
        ]);
      } catch (error) {
        // Requests of a transaction that was aborted say no more than that it was.
        throw asStorageFull(tx.error ?? error);
      }
      return { outcome: "kept", evicted: decision.evicted };
    },
    async touch(keys, times) {
      const tx = (await database.get()).transaction("rows", "readwrite");
      const touchOne = async (key: ReturnType<typeof keyOf>) => {
        const row = await tx.store.get(key);
        if (row) await tx.store.put({ ...row, ...times }, key);
      };
      await Promise.all([...keys.map((key) => touchOne(keyOf(owner, key))), tx.done]);
    },
    async remove(keys) {
      const tx = await change();
      await Promise.all([
        ...erase(
          tx,
          keys.map((key) => keyOf(owner, key)),
        ),
        tx.done,
      ]);
    },
    async files() {
      const all = await (await database.get()).getAll("files", beginningWith(owner));
      return [...new Map(all.map((file) => [file.id, file])).values()];
    },
    async tell(files) {
      const tx = (await database.get()).transaction("files", "readwrite");
      const tellOne = async (file: File) => {
        for (const key of await tx.store.getAllKeys(beginningWith(owner, file.id)))
          await tx.store.put(file, key);
      };
      await Promise.all([...files.map(tellOne), tx.done]);
    },
    async removeExpired(nowMs) {
      const tx = await change();
      const gone = (await tx.objectStore("rows").getAll()).filter((row) => isExpired(row, nowMs));
      const keys = gone.map((row) => keyOf(row.owner, row));
      await Promise.all([...erase(tx, keys), tx.done]);
      return gone.filter((row) => row.owner === owner).map(withoutOwner);
    },
    close: database.close,
  };
}

const withoutOwner = ({ owner: _owner, ...row }: OwnedRow): KeptRow => row;

const asStorageFull = (error: unknown): unknown =>
  error instanceof DOMException && error.name === "QuotaExceededError"
    ? new StorageFullError({ cause: error })
    : error;
