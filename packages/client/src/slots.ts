/** So many at a time; the others wait in the order in which they came. */
export interface Slots {
  acquire(): Promise<void>;
  release(): void;
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createSlots(count: number): Slots {
  const waiting: (() => void)[] = [];
  let free = count;
  const slots: Slots = {
    async acquire() {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    release() {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    },
    async run(work) {
      await slots.acquire();
      try {
        return await work();
      } finally {
        slots.release();
      }
    },
  };
  return slots;
}

/** What sending is bounded by. */
export interface SendSlots {
  /** Files that are sent at the same time; each holds its slot until its bytes have arrived. */
  readonly files: Slots;
  /**
   * Requests to the object store, of all these files together: one for a file in a single PUT, several for one that
   * goes in parts. A part is in memory only while it holds its slot.
   */
  readonly requests: Slots;
  /** How many of each. */
  readonly count: number;
}

export const createSendSlots = (count: number): SendSlots => ({
  files: createSlots(count),
  requests: createSlots(count),
  count,
});
