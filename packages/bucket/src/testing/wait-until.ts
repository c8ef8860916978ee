import { setTimeout as delay } from "node:timers/promises";

/** Waits for a condition; throws when it has not come true in `withinMs`. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await delay(5);
  }
}
