import { decidePace, startPace } from "../adapt-concurrency.ts";
import type { Concurrency } from "../ports.ts";

/** A way to a store, and requests that never run out. */
export interface LinkOptions {
  readonly concurrency: Concurrency;
  readonly seconds: number;
  readonly seed: number;
  /** Of each request. */
  readonly sizeBytes: number;
  /** Bytes a second that one request gets at most, and all together; each gets up to 20 % more or less. */
  readonly eachBytesPerSecond: number;
  readonly allBytesPerSecond: number;
  /** Before the first byte of each. */
  readonly latencyMs?: number;
  /** The chance that a request, begun as one of so many, fails on its way. */
  failureShare?(underWay: number, second: number): number;
}

export interface LinkRun {
  /** After each second. */
  readonly limits: readonly number[];
  readonly arrivedBytes: number;
}

const tickMs = 5;

/** Sends over a link that is shared fairly, as many at a time as is decided, and nothing but the decisions is the product's. */
export function simulateLink(options: LinkOptions): LinkRun {
  const { sizeBytes, eachBytesPerSecond, allBytesPerSecond, latencyMs = 20, failureShare } = options;
  const random = createRandom(options.seed);
  let pace = startPace(options.concurrency);
  let underWay: {
    readonly beginsAtMs: number;
    readonly speed: number;
    leftBytes: number;
    failsAt: number;
  }[] = [];
  const limits: number[] = [];
  let arrivedBytes = 0;
  for (let atMs = 0; atMs < options.seconds * 1000; atMs += tickMs) {
    while (underWay.length < pace.limit) {
      const isFailure = random() < (failureShare?.(underWay.length + 1, atMs / 1000) ?? 0);
      underWay.push({
        beginsAtMs: atMs + latencyMs,
        speed: eachBytesPerSecond * (0.8 + 0.4 * random()),
        leftBytes: sizeBytes,
        failsAt: isFailure ? random() * sizeBytes : -1,
      });
    }
    const share = allBytesPerSecond / underWay.length;
    for (const one of underWay)
      if (atMs >= one.beginsAtMs) one.leftBytes -= (Math.min(one.speed, share) * tickMs) / 1000;
    const ended = underWay.filter(({ leftBytes, failsAt }) => leftBytes <= Math.max(0, failsAt));
    underWay = underWay.filter((one) => !ended.includes(one));
    for (const { failsAt } of ended) {
      const doneBytes = failsAt < 0 ? sizeBytes : undefined;
      arrivedBytes += doneBytes ?? 0;
      pace = decidePace(pace, { atMs, doneBytes, isFull: true });
    }
    if (atMs % 1000 === 0) limits.push(pace.limit);
  }
  return { limits, arrivedBytes };
}

/** The same for the same seed: mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
