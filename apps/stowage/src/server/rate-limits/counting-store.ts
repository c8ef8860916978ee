import type { RateLimited } from "@stowage/api";
import type { RateLimiterStoreAbstract } from "rate-limiter-flexible";

/** What of a limiter of rate-limiter-flexible's is used. */
export type StoreLimiter = Pick<RateLimiterStoreAbstract, "consume" | "reward">;

/** Where several processes count together. */
export interface CountingStore {
  /**
   * Opens the counts of what is limited.
   *
   * @throws whatever the store's client says, where the store is away; may be tried again
   */
  open(what: RateLimited, perMinute: number): Promise<StoreLimiter>;
  close(): Promise<void>;
}

/** No request waits longer for the store than this: then it is counted in the process. */
export const storeTimeoutMs = 500;

/**
 * Of requests one that is refused has the rest refused without asking the store. Of files and parts what is refused is given
 * back, and less may be had still.
 */
export const blocksInMemory = (what: RateLimited, perMinute: number): { inMemoryBlockOnConsumed?: number } =>
  what === "requests" || what === "addresses" ? { inMemoryBlockOnConsumed: perMinute + 1 } : {};
