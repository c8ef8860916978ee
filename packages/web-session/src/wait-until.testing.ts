import { setTimeout as delay } from "node:timers/promises";

/** Looks again every few milliseconds; the runner ends a test in which it never comes true. */
export async function waitUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(5);
}
