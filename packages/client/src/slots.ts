import { decidePace, type PaceEvent, startPace } from "./adapt-concurrency.ts";
import type { Clock, Concurrency } from "./ports.ts";

/** So many at a time; the others wait in the order in which they came. */
export interface Slots {
  acquire(): Promise<void>;
  release(): void;
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Whether another would have to wait. */
  isFull(): boolean;
}

/** @param count - 1 or more; may change. What is held above it is let end, and none begins meanwhile. */
export function createSlots(count: () => number): Slots {
  const waiting: (() => void)[] = [];
  let held = 0;
  const admit = () => {
    for (; waiting[0] && !slots.isFull(); held += 1) waiting.shift()?.();
  };
  const slots: Slots = {
    acquire: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        admit();
      }),
    release() {
      held -= 1;
      admit();
    },
    async run(work) {
      await slots.acquire();
      try {
        return await work();
      } finally {
        slots.release();
      }
    },
    isFull: () => held >= count(),
  };
  return slots;
}

export interface RequestSlots extends Slots {
  /** Told how that ended for which a slot was held: it decides how many there are. */
  ended(doneBytes: PaceEvent["doneBytes"]): void;
}

/** What sending is bounded by. */
export interface SendSlots {
  /** Files that are sent at the same time; each holds its slot until its bytes have arrived. */
  readonly files: Slots;
  /** Half of them, for files that go in parts: small ones need not wait for large ones to end. */
  readonly largeFiles: Slots;
  /**
   * Requests to the object store, of all these files together: one for a file in a single PUT, several for one that
   * goes in parts. A part is in memory only while it holds its slot.
   */
  readonly requests: RequestSlots;
  /** How many of each there are at most. */
  readonly count: number;
}

export function createSendSlots(concurrency: Concurrency, clock: Pick<Clock, "nowMs">): SendSlots {
  let pace = startPace(concurrency);
  const { max } = pace;
  const requests = createSlots(() => pace.limit);
  return {
    files: createSlots(() => max),
    largeFiles: createSlots(() => Math.ceil(max / 2)),
    requests: {
      ...requests,
      ended(doneBytes) {
        pace = decidePace(pace, { atMs: clock.nowMs(), doneBytes, isFull: requests.isFull() });
      },
    },
    count: max,
  };
}
