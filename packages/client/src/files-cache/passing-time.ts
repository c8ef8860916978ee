import type { Clock } from "../ports.ts";
import type { CacheStore } from "./cache-store.ts";
import { decidePassedTime, type PassedTime } from "./decide-passed-time.ts";

export interface PassingTime {
  /** Milliseconds that have passed on this device; never goes back. */
  nowMs(): number;
  /** Tells the device, at most once a minute, so that what passed here counts for the next program. */
  save(): Promise<void>;
}

const saveEveryMs = 60_000;

/** Counts on from what the device knows, by its clock or by this program's own, whichever says more. */
export async function openPassingTime(
  store: CacheStore,
  clock: Clock,
  wallMs: () => number,
): Promise<PassingTime> {
  let told: PassedTime = { wallMs: wallMs(), passedMs: 0 };
  told = { ...told, passedMs: await store.passTime(told.wallMs, 0) };
  const anchor = { passedMs: told.passedMs, clockMs: clock.nowMs() };

  let savedAtMs = told.passedMs;

  const nowMs = (): number => {
    told = decidePassedTime(told, wallMs(), anchor.passedMs + clock.nowMs() - anchor.clockMs);
    return told.passedMs;
  };
  return {
    nowMs,
    async save() {
      const passedMs = nowMs();
      if (passedMs - savedAtMs < saveEveryMs) return;
      savedAtMs = passedMs;
      const ofAll = await store.passTime(told.wallMs, passedMs);
      told = { ...told, passedMs: Math.max(told.passedMs, ofAll) };
    },
  };
}
