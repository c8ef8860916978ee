import { setTimeout as delay } from "node:timers/promises";

export interface WaitOptions {
  /** Default 30,000. */
  readonly timeoutMs?: number;
  /** Between two looks. Default 40. */
  readonly everyMs?: number;
}

/**
 * Looks again and again until `look` gives something other than `undefined` or `false`, and answers that.
 * Throws with `what` (a phrase such as "the upload to end") when the time is over.
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 30_000, everyMs = 40 }: WaitOptions = {},
): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() >= deadlineMs) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`);
    await delay(everyMs);
  }
}

/** Until the clock shows that time. */
export async function waitUntil(timeMs: number): Promise<void> {
  while (Date.now() < timeMs) await delay(timeMs - Date.now());
}
