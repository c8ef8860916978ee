/** Numbers that look random and are the same for the same seed, so that a picture can be made again. */
export interface Random {
  /** From 0 (included) to 1 (not). */
  next(): number;
  between(low: number, high: number): number;
  /** @throws RangeError where there is none */
  pick<T>(items: readonly T[]): T;
}

/** The generator mulberry32 (public domain, Tommy Ettinger): 32 bits of state are enough for pictures. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    pick: (items) => {
      const picked = items[Math.floor(next() * items.length)];
      if (picked === undefined) throw new RangeError("There is nothing to pick from.");
      return picked;
    },
  };
}
