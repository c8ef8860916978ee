import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../ports.ts";

export const nodeClock: Clock = {
  nowMs: () => performance.now(),
  delay: (delayMs, signal) => sleep(delayMs, undefined, { signal: signal as AbortSignal }),
};
