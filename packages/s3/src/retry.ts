import { setTimeout as sleep } from "node:timers/promises";
import { StoreUnavailableError } from "@stowage/core";

export interface RetryOptions {
  /** Attempts after the first. */
  readonly maxRetries: number;
  /** No attempt begins later than this after the first. Milliseconds. */
  readonly windowMs: number;
  /** From 0 to 1; default `Math.random`. */
  readonly random?: () => number;
  /** Default: waits that long, or rejects with the signal's reason. */
  readonly pause?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Runs an attempt until it succeeds, for as long as it throws StoreUnavailableError. */
export type Retry = <T>(attempt: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** The first pause lies between 0 and this; each further one's bound is twice the last's. */
const firstPauseMs = 50;
const longestPauseMs = 2000;

/**
 * Full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/): each pause is
 * anywhere between nothing and a bound that doubles. The last attempt's error is thrown as it is.
 */
export function createRetry(options: RetryOptions): Retry {
  const { maxRetries, windowMs, random = Math.random, pause = pauseFor } = options;
  return async (attempt, signal) => {
    const startedAtMs = performance.now();
    for (let retries = 0; ; retries += 1) {
      try {
        return await attempt();
      } catch (error) {
        const pauseMs = random() * Math.min(longestPauseMs, firstPauseMs * 2 ** retries);
        const isInTime = performance.now() - startedAtMs + pauseMs <= windowMs;
        if (!(error instanceof StoreUnavailableError) || retries >= maxRetries || !isInTime) throw error;
        await pause(pauseMs, signal);
      }
    }
  };
}

async function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error;
  }
}
