import { AbortedError } from "../errors.ts";
import type { AbortSignalLike, Clock } from "../ports.ts";

/** Only this page's own passing of time. */
export const browserClock: Clock = {
  nowMs: () => performance.now(),
  delay: (delayMs: number, signal: AbortSignalLike) =>
    new Promise((resolve, reject) => {
      const abort = () => {
        clearTimeout(timer);
        reject(new AbortedError());
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", abort);
        resolve();
      }, delayMs);
      signal.addEventListener("abort", abort);
      if (signal.aborted) abort();
    }),
};

/** As `Math.random`, of the platform's own randomness: refs are made of it. */
export const randomFraction = (): number => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
