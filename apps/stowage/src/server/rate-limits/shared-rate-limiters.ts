import { type Allowance, createMemoryRateLimiter, type OpenRateLimiter } from "@stowage/api";
import { RateLimiterRes } from "rate-limiter-flexible";
import type { CountingStore, StoreLimiter } from "./counting-store.ts";

/** For so long a store that did not answer is left alone; then one request tries it, and the others don't wait for that one. */
const retryMs = 5_000;

/** Who is told that the store went away, and that it is back: once each time. */
export interface StoreWatcher {
  /** @param reason the client's words: no more of its error, in which a password can stand */
  away(reason: string): void;
  back(): void;
}

/**
 * Limiters that count in a store, and in this process while the store does not answer: nobody is refused because it is away.
 *
 * @param o.nowMs a clock that is never set back. Default: the process's
 */
export function createSharedRateLimiters(
  store: CountingStore,
  watcher: StoreWatcher,
  { nowMs = () => performance.now() }: { readonly nowMs?: () => number } = {},
): OpenRateLimiter {
  let tryAgainAtMs: number | undefined;

  const mayAsk = (): boolean => {
    if (tryAgainAtMs === undefined) return true;
    if (nowMs() < tryAgainAtMs) return false;
    tryAgainAtMs = nowMs() + retryMs;
    return true;
  };
  const answered = (): void => {
    if (tryAgainAtMs !== undefined) watcher.back();
    tryAgainAtMs = undefined;
  };
  const failed = (error: unknown): void => {
    if (tryAgainAtMs === undefined) watcher.away(error instanceof Error ? error.message : String(error));
    tryAgainAtMs = nowMs() + retryMs;
  };

  return (what, perMinute) => {
    const inProcess = createMemoryRateLimiter({ perMinute, nowMs });
    let opening: Promise<StoreLimiter> | undefined;
    const open = async (): Promise<StoreLimiter> => {
      opening ??= store.open(what, perMinute);
      try {
        return await opening;
      } catch (error) {
        opening = undefined;
        throw error;
      }
    };
    return {
      take: async (key, points) => {
        if (!mayAsk()) return inProcess.take(key, points);
        try {
          const allowance = await takeIn(await open(), key, points);
          answered();
          return allowance;
        } catch (error) {
          failed(error);
          return inProcess.take(key, points);
        }
      },
    };
  };
}

async function takeIn(limiter: StoreLimiter, key: string, points: number): Promise<Allowance> {
  try {
    return allowanceOf(true, await limiter.consume(key, points));
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    // One that is refused leaves nothing to be had. Of more, what was refused spends nothing.
    return allowanceOf(false, points === 1 ? refusal : await limiter.reward(key, points));
  }
}

const allowanceOf = (granted: boolean, { remainingPoints, msBeforeNext }: RateLimiterRes): Allowance => ({
  granted,
  remaining: remainingPoints,
  resetsInMs: msBeforeNext,
});
