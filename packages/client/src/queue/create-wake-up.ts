import type { AbortSignalLike, Platform } from "../ports.ts";

const firstPauseMs = 15_000;
const longestPauseMs = 300_000;

interface WakeUp {
  /** Something waits for the network: it will be woken. */
  later(): void;
  /** The server has answered: the next pause is a short one again. */
  allIsWell(): void;
  close(): void;
}

/**
 * Wakes what waits for the network when the platform says that it has come back, and from time to time where the
 * platform does not know or is wrong: a server may be away while the network is there. The pauses double from 15 s to
 * 5 minutes.
 */
export function createWakeUp(
  { clock, connectivity }: Platform,
  signal: AbortSignalLike,
  { isNeeded, onWake }: { isNeeded(): boolean; onWake(hasNetworkReturned: boolean): void },
): WakeUp {
  let pauseMs = firstPauseMs;
  let isWaiting = false;
  let waits = 0;
  /** What waits for long waits anew. */
  const beginAnew = () => {
    pauseMs = firstPauseMs;
    isWaiting = false;
    waits += 1;
  };
  const stopListening = connectivity?.onOnline(() => {
    beginAnew();
    onWake(true);
  });

  const wait = async () => {
    isWaiting = true;
    const begun = waits;
    try {
      await clock.delay(pauseMs, signal);
    } catch {
      // Closed meanwhile.
      return;
    }
    if (begun !== waits) return;
    isWaiting = false;
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    if (isNeeded()) onWake(false);
  };

  return {
    later() {
      if (!isWaiting) void wait();
    },
    allIsWell() {
      if (pauseMs === firstPauseMs) return;
      beginAnew();
      if (isNeeded()) void wait();
    },
    close: () => stopListening?.(),
  };
}
