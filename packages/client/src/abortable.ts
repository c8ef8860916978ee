import { AbortedError } from "./errors.ts";
import type { AbortSignalLike } from "./ports.ts";

/** The work's outcome, or an AbortedError as soon as the signal says so; the work itself goes on. */
export function abortable<T>(work: Promise<T>, signal: AbortSignalLike | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(new AbortedError());
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    const settle = () => signal.removeEventListener("abort", abort);
    work.then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(signal.aborted ? new AbortedError() : error);
      },
    );
  });
}

/** @throws AbortedError */
export function assertNotAborted(signal: AbortSignalLike | undefined): void {
  if (signal?.aborted) throw new AbortedError();
}
