import { setTimeout as sleep } from "node:timers/promises";

/** Shorter waits cost more than they give. */
const shortestWaitMs = 10;

/**
 * Holds whoever awaits it to a rate on average, from the first call on; several may share it.
 *
 * @param bytesPerSecond 0 = none
 */
export function createPace(
  bytesPerSecond: number,
  signal: AbortSignal,
  {
    nowMs = () => performance.now(),
    wait = async (ms: number) => {
      await sleep(ms, undefined, { signal });
    },
  } = {},
): (bytes: number) => Promise<void> {
  let startedAtMs: number | undefined;
  let total = 0;
  return async (bytes) => {
    if (bytesPerSecond === 0) return;
    startedAtMs ??= nowMs();
    total += bytes;
    const aheadMs = (total / bytesPerSecond) * 1000 - (nowMs() - startedAtMs);
    if (aheadMs >= shortestWaitMs) await wait(aheadMs);
  };
}
