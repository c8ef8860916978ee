import type { File } from "@stowage/protocol";
import type { CacheStore } from "./cache-store.ts";
import { decideEviction } from "./decide-eviction.ts";
import { isExpired } from "./decide-expiry.ts";
import { decidePassedTime, type PassedTime } from "./decide-passed-time.ts";
import { type KeptBytes, type KeptKey, keyText } from "./kept-row.ts";

/** One device's memory, of which each of its people has a store. */
export function createMemoryDevice(): { open(owner: string): CacheStore } {
  const kept = new Map<string, Map<string, KeptBytes & { readonly file: File }>>();
  let time: PassedTime | undefined;

  const open = (owner: string): CacheStore => {
    const own = kept.get(owner) ?? new Map<string, KeptBytes & { readonly file: File }>();
    kept.set(owner, own);
    const sameOf = ({ fileId, derivative }: Omit<KeptKey, "version">) =>
      [...own.values()].filter(({ row }) => row.fileId === fileId && row.derivative === derivative);

    return {
      isDurable: false,
      async passTime(wallMs, leastMs) {
        time = decidePassedTime(time, wallMs, leastMs);
        return time.passedMs;
      },
      list: async () => [...own.values()].map(({ row }) => row),
      async read(fileId, derivative, nowMs) {
        const [newest] = sameOf({ fileId, derivative })
          .filter(({ row }) => !isExpired(row, nowMs))
          .toSorted((one, other) => other.row.version - one.row.version);
        if (!newest) return undefined;
        const read = { ...newest, row: { ...newest.row, readAtMs: nowMs } };
        own.set(keyText(read.row), read);
        return { row: read.row, bytes: read.bytes };
      },
      async keep(row, bytes, budgetBytes, file) {
        const replaced = sameOf(row);
        const others = [...own.values()].filter((each) => !replaced.includes(each)).map((each) => each.row);
        const decision = decideEviction(others, row, budgetBytes);
        if (decision.outcome !== "fits") return decision;
        for (const gone of [...decision.evicted, ...replaced.map((each) => each.row)])
          own.delete(keyText(gone));
        own.set(keyText(row), { row, bytes: bytes.slice(), file });
        return { outcome: "kept", evicted: decision.evicted };
      },
      files: async () => [...new Map([...own.values()].map(({ file }) => [file.id, file])).values()],
      async tell(files) {
        for (const file of files)
          for (const [key, found] of own) if (found.row.fileId === file.id) own.set(key, { ...found, file });
      },
      async touch(keys, times) {
        for (const key of keys) {
          const found = own.get(keyText(key));
          if (found) own.set(keyText(key), { ...found, row: { ...found.row, ...times } });
        }
      },
      async remove(keys) {
        for (const key of keys) own.delete(keyText(key));
      },
      async removeExpired(nowMs) {
        const gone = [...own.values()].map(({ row }) => row).filter((row) => isExpired(row, nowMs));
        for (const all of kept.values())
          for (const [key, { row }] of all) if (isExpired(row, nowMs)) all.delete(key);
        return gone;
      },
      close: () => undefined,
    };
  };
  return { open };
}
