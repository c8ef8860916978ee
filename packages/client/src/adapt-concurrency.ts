import type { Concurrency } from "./ports.ts";

/**
 * How many requests to the object store may be under way, and what that is decided by: one more while each one more brings
 * more bytes a second, half as many on a network or a store that fails (additive increase, multiplicative decrease).
 */
export interface Pace {
  readonly min: number;
  readonly max: number;
  /** `min` to `max`. */
  readonly limit: number;
  /** Bytes a millisecond, as measured last. */
  readonly rate: number;
  /** So many measurements until there is one more; 0: there is one more, on trial. */
  readonly rest: number;
  /** In a row. Below 0 after a cut: so many were under way then, and may fail for the same cause. */
  readonly failures: number;
  /** What is being measured: since when, which request is the next to end, and the bytes that have arrived. */
  readonly sinceMs: number;
  readonly ended: number;
  readonly bytes: number;
}

/** A request has ended. */
export interface PaceEvent {
  readonly atMs: number;
  /** They have arrived. `undefined`: its connection broke or stood still, or the store has too much to do. */
  readonly doneBytes: number | undefined;
  /** As many were under way as may be. Where there were fewer, it says nothing of more. */
  readonly isFull: boolean;
}

const startLimit = 4;
/** Measured at least so long, and for as many requests as may be under way. */
const leastMs = 1000;
/** Of what one more would bring if each had a way of its own to the store. */
const leastGain = 0.3;
/** Measurements before another trial. */
const restCount = 4;
/** In a row: these may be chance. */
const failuresBorne = 2;

export function startPace(concurrency: Concurrency): Pace {
  const { min, max } = typeof concurrency === "number" ? { min: concurrency, max: concurrency } : concurrency;
  const limit = Math.max(min, Math.min(max, startLimit));
  return { min, max, limit, rate: 0, rest: 1, failures: 0, sinceMs: 0, ended: 1, bytes: 0 };
}

export function decidePace(pace: Pace, { atMs, doneBytes, isFull }: PaceEvent): Pace {
  const { min, max, sinceMs, ended } = pace;
  let { limit, rate, rest } = pace;
  const bytes = pace.bytes + (doneBytes ?? 0);
  let failures = doneBytes === undefined ? pace.failures + 1 : 0;
  if (failures > failuresBorne) {
    failures = -limit;
    limit >>= 1;
    rest = restCount;
  } else if (isFull) {
    if (ended < limit || atMs < sinceMs + leastMs) return { ...pace, ended: ended + 1, bytes, failures };
    const before = rate;
    rate = bytes / (atMs - sinceMs);
    if (rest > 1) rest -= 1;
    else if (rest || rate > before * (1 + leastGain / limit)) {
      limit += 1;
      rest = limit > max ? restCount : 0;
    } else {
      limit -= 1;
      rest = restCount;
    }
  }
  limit = Math.max(min, Math.min(max, limit));
  return { ...pace, limit, rate, rest, failures, sinceMs: atMs, ended: 1, bytes: 0 };
}
