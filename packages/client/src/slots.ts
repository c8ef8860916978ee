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
