export interface KeyTurns {
  /** Runs `work` once those that came before it, for the same key, have ended; with its result. */
  take<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/**
 * Lets those who replace or remove a key's object take turns, so that what one of them found there is there still when
 * it acts: a file system has no "rename only onto this file". Of this process only.
 */
export function createKeyTurns(): KeyTurns {
  const lasts = new Map<string, Promise<void>>();
  return {
    async take(key, work) {
      const before = lasts.get(key);
      const { promise: turn, resolve: end } = Promise.withResolvers<void>();
      lasts.set(key, turn);
      try {
        await before;
        return await work();
      } finally {
        end();
        if (lasts.get(key) === turn) lasts.delete(key);
      }
    },
  };
}
