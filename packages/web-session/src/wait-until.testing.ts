import { setTimeout as delay } from "node:timers/promises";

const patienceMs = 60_000;

/** Looks again every few milliseconds. */
export async function waitUntil(isSo: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (!isSo()) {
    if (performance.now() > deadlineMs)
      throw new Error(`It did not come true within ${patienceMs} ms: ${isSo}`);
    await delay(5);
  }
}
