/** Choices that a seed repeats (mulberry32). */
export interface SeededRandom {
  /** From 0 up to and without 1. */
  next(): number;
  /** A whole number from `min` up to and without `max`. */
  between(min: number, max: number): number;
  /** One of these; throws where there is none. */
  pick<T>(from: readonly T[]): T;
  /** One of these keys, as often as their weights say. */
  pickWeighted<Key extends string>(weights: Readonly<Record<Key, number>>): Key;
  /** A source of its own, so that what runs at once does not change what the others draw. */
  fork(): SeededRandom;
}

export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number) => min + Math.floor(next() * (max - min));
  return {
    next,
    between,
    pick(from) {
      const picked = from[between(0, from.length)];
      if (picked === undefined) throw new Error("There is nothing to pick from.");
      return picked;
    },
    pickWeighted<Key extends string>(weights: Readonly<Record<Key, number>>) {
      const entries = Object.entries<number>(weights) as [Key, number][];
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      throw new Error("There is nothing to pick from.");
    },
    fork: () => createSeededRandom(between(0, 2 ** 32)),
  };
}
