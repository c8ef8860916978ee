import { setTimeout as delay } from "node:timers/promises";
import { rateLimitWindowMs } from "@stowage/api";
import { Redis } from "ioredis";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { blocksInMemory, type CountingStore, storeTimeoutMs } from "./counting-store.ts";

/** Longest time between two tries to connect. */
const longestRetryMs = 5_000;

/** Counts in Redis, or what speaks like it. What it holds ends by itself with each minute. */
export function createRedisCountingStore(url: string): CountingStore {
  const client = new Redis(url, {
    lazyConnect: true,
    // What can't be asked now is not asked later: the request has been counted elsewhere by then.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: storeTimeoutMs,
    commandTimeout: storeTimeoutMs,
    retryStrategy: (times) => Math.min(times * 200, longestRetryMs),
  });
  let said: Error | undefined;
  // Each command says by itself that it failed, but not why there is no connection.
  client.on("error", (error: Error) => {
    said = error;
  });
  let connecting: Promise<void> | undefined;
  return {
    open: async (what, perMinute) => {
      connecting ??= client.connect().catch(() => undefined);
      await Promise.race([connecting, delay(storeTimeoutMs, undefined, { ref: false })]);
      if (client.status !== "ready") throw said ?? new Error("There is no connection.");
      return new RateLimiterRedis({
        storeClient: client,
        keyPrefix: `stowage:${what}`,
        points: perMinute,
        duration: rateLimitWindowMs / 1000,
        ...blocksInMemory(what, perMinute),
      });
    },
    close: async () => {
      client.disconnect();
    },
  };
}
