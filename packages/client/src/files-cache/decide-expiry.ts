import type { KeptRow } from "./kept-row.ts";

/** Whether a kept file can't be read any more without the server: its time is over. */
export const isExpired = (
  { checkedAtMs, ttlMs }: Pick<KeptRow, "checkedAtMs" | "ttlMs">,
  passedMs: number,
): boolean => passedMs - checkedAtMs >= ttlMs;
