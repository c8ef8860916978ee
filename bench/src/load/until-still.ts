import { setTimeout as delay } from "node:timers/promises";
import type { FaultProxy } from "@stowage/fault-proxy";

export interface Ended {
  /** From the beginning to its end, or to the last byte that moved. */
  readonly seconds: number;
  /** Nothing has moved for so long that nobody would wait for it. */
  readonly isHung: boolean;
}

/** Longer than any idle timeout of those that are compared, and the backoff after it. */
const hungAfterMs = 90_000;
const lookEveryMs = 100;

/** Waits until the work has ended, or until nothing has gone through the proxies for so long; default 90,000. */
export async function untilEndedOrStill(
  work: Promise<unknown>,
  proxies: readonly FaultProxy[],
  stillMs = hungAfterMs,
): Promise<Ended> {
  const startedAt = performance.now();
  let movedAt = startedAt;
  let moved = movedThrough(proxies);
  let hasEnded = false;
  const ended = work.finally(() => {
    hasEnded = true;
  });
  // Whoever waits for it below hears of its failure; until then nobody does.
  ended.catch(() => undefined);
  while (!hasEnded && performance.now() - movedAt < stillMs) {
    await Promise.race([ended, delay(lookEveryMs)]);
    const now = movedThrough(proxies);
    if (now !== moved) movedAt = performance.now();
    moved = now;
  }
  if (hasEnded) await ended;
  return {
    seconds: ((hasEnded ? performance.now() : movedAt) - startedAt) / 1000,
    isHung: !hasEnded,
  };
}

const movedThrough = (proxies: readonly FaultProxy[]): number =>
  proxies.reduce(
    (sum, { stats }) =>
      sum +
      stats.receivedBytes +
      stats.answeredBytes +
      [...stats.requests.values()].reduce((one, other) => one + other, 0),
    0,
  );
