import { abortable, assertNotAborted } from "./abortable.ts";
import { type ClientError, NetworkError, ProblemError, UnexpectedAnswerError } from "./errors.ts";
import type { AbortSignalLike, ApiOptions } from "./ports.ts";

const firstCeilingMs = 500;
const highestCeilingMs = 20_000;
/** Who asks for more patience than this is asked again after so long: it may have been a proxy's word, and the server is back. */
const longestRetryAfterMs = 300_000;

/** Told when something is about to be tried again. */
export type OnWait = (wait: { readonly error: ClientError; readonly delayMs: number }) => void;

/** Whether trying again may help. */
export const isTransient = (error: unknown): error is ClientError =>
  error instanceof NetworkError ||
  error instanceof UnexpectedAnswerError ||
  (error instanceof ProblemError && (error.problem.status >= 500 || error.problem.status === 429));

/**
 * Exponential backoff with full jitter: before the n-th repeat anything up to 0.5, 1, 2, … 20 s; what the server
 * asked for in `Retry-After` comes on top, at most five minutes. `undefined`: give up.
 *
 * @param jitter - 0 to 1
 */
export function decideDelayMs(
  error: ClientError,
  repeat: number,
  maxAttempts: number,
  jitter: number,
): number | undefined {
  if (repeat >= maxAttempts) return undefined;
  return (
    Math.min(longestRetryAfterMs, error.retryAfterMs ?? 0) +
    jitter * Math.min(highestCeilingMs, firstCeilingMs * 2 ** (repeat - 1))
  );
}

export interface Retry {
  readonly maxAttempts: number;
  /** Waits before the n-th repeat (from 1); throws the error where it was the last try. */
  pause(
    error: ClientError,
    repeat: number,
    signal: AbortSignalLike | undefined,
    onWait?: OnWait,
  ): Promise<void>;
  /** Does the work until it succeeds, fails for good, or has been tried often enough. */
  run<T>(work: () => Promise<T>, signal: AbortSignalLike | undefined, onWait?: OnWait): Promise<T>;
}

type RetryOptions = Pick<ApiOptions, "clock" | "random" | "abortController" | "maxAttempts">;

export function createRetry({ clock, random, abortController, maxAttempts = 8 }: RetryOptions): Retry {
  const neverAborted = abortController().signal;

  const pause: Retry["pause"] = async (error, repeat, signal, onWait) => {
    const delayMs = decideDelayMs(error, repeat, maxAttempts, random());
    if (delayMs === undefined) throw error;
    onWait?.({ error, delayMs });
    await abortable(clock.delay(delayMs, signal ?? neverAborted), signal);
  };

  return {
    maxAttempts,
    pause,
    async run(work, signal, onWait) {
      for (let repeat = 1; ; repeat += 1) {
        assertNotAborted(signal);
        try {
          return await work();
        } catch (error) {
          if (!isTransient(error)) throw error;
          await pause(error, repeat, signal, onWait);
        }
      }
    },
  };
}
