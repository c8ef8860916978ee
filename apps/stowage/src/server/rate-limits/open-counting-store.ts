import type { CountingStore } from "./counting-store.ts";
import { storeKindOf } from "./rate-limit-store-url.ts";

/** The store of `limits.store`, or `undefined` for memory: no client of one is loaded then. */
export async function openCountingStore(setting: string): Promise<CountingStore | undefined> {
  switch (storeKindOf(setting)) {
    case "redis":
      return (await import("./redis-counting-store.ts")).createRedisCountingStore(setting);
    case "postgres":
      return (await import("./postgres-counting-store.ts")).createPostgresCountingStore(setting);
    case undefined:
      return undefined;
  }
}
