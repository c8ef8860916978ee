import type { AbortSignalLike, Clock } from "../ports.ts";

interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** A clock on which time passes only when it is told to. */
export interface VirtualClock extends Clock {
  /** Lets everything happen that is due within that time, and all that follows from it at once. */
  pass(ms: number): Promise<void>;
  /** Lets happen what needs no time. */
  settle(): Promise<void>;
  /** When the next thing is due; `undefined` where nothing is. */
  nextDueMs(): number | undefined;
}

export function createVirtualClock(): VirtualClock {
  let nowMs = 0;
  const timers = new Set<Timer>();
  const next = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) if (!first || timer.dueMs < first.dueMs) first = timer;
    return first;
  };
  // A turn of the event loop comes after all promises that are ready.
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  return {
    nowMs: () => nowMs,
    delay: (delayMs: number, signal: AbortSignalLike) =>
      new Promise((resolve, reject) => {
        const abort = () => {
          timers.delete(timer);
          reject(new Error("The wait was aborted."));
        };
        const timer: Timer = {
          dueMs: nowMs + Math.max(0, delayMs),
          fire() {
            timers.delete(timer);
            signal.removeEventListener("abort", abort);
            resolve();
          },
        };
        timers.add(timer);
        signal.addEventListener("abort", abort);
        if (signal.aborted) abort();
      }),
    settle,
    async pass(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let timer = next(); timer && timer.dueMs <= untilMs; timer = next()) {
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.fire();
        await settle();
      }
      nowMs = Math.max(nowMs, untilMs);
    },
    nextDueMs: () => next()?.dueMs,
  };
}
