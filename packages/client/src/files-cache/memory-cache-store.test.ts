import { describeCacheStore } from "./cache-store.contract.ts";
import { createMemoryDevice } from "./memory-cache-store.ts";

describeCacheStore("a cache store in memory", { openDevice: async () => createMemoryDevice() });
