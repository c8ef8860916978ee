import { type RateLimiter, windowMs } from "./rate-limiter.ts";

interface Window {
  taken: number;
  readonly endsAtMs: number;
}

/** Keys that are remembered at once: about 15 MB. */
const defaultMaxKeys = 100_000;

/**
 * Counts in this process, in fixed windows. Of more keys than fit the one whose window ends first is forgotten: who has so many
 * addresses gains nothing by it, and nobody can fill the memory.
 *
 * @param o.nowMs a clock that is never set back. Default: the process's
 */
export function createMemoryRateLimiter({
  perMinute,
  maxKeys = defaultMaxKeys,
  nowMs = () => performance.now(),
}: {
  readonly perMinute: number;
  readonly maxKeys?: number;
  readonly nowMs?: () => number;
}): RateLimiter {
  // In the order in which they were begun, which is that in which they end.
  const windows = new Map<string, Window>();

  /** Two for each that is begun: none stays for long, and none costs much. */
  const forgetSome = (now: number): void => {
    let looked = 0;
    for (const [key, { endsAtMs }] of windows) {
      if (endsAtMs > now && windows.size < maxKeys) return;
      windows.delete(key);
      looked += 1;
      if (looked === 2) return;
    }
  };

  const windowOf = (key: string, now: number): Window => {
    const known = windows.get(key);
    if (known !== undefined && known.endsAtMs > now) return known;
    windows.delete(key);
    forgetSome(now);
    const begun = { taken: 0, endsAtMs: now + windowMs };
    windows.set(key, begun);
    return begun;
  };

  return {
    take(key, points) {
      const now = nowMs();
      const window = windowOf(key, now);
      const granted = window.taken + points <= perMinute;
      if (granted) window.taken += points;
      return { granted, remaining: perMinute - window.taken, resetsInMs: window.endsAtMs - now };
    },
  };
}
