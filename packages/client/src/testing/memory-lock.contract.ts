import { AbortedError } from "../errors.ts";
import type { AbortSignalLike } from "../ports.ts";
import type { QueueLock } from "../queue/queue-lock.ts";

/** Locks between queues of one program, by name: what tabs are to a browser. First come, first served. */
export function createMemoryLocks(): (name: string) => QueueLock {
  const ends = new Map<string, Promise<unknown>>();
  const leaders = new Map<string, () => void>();
  return (name) => ({
    async acquire(signal, mayYield) {
      const before = ends.get(name);
      const lost = new AbortController();
      const held = Promise.withResolvers<void>();
      ends.set(name, Promise.allSettled([before, held.promise]));
      leaders.get(name)?.();
      try {
        await Promise.race([before, abortOf(signal)]);
        if (signal.aborted) throw new AbortedError();
      } catch (error) {
        held.resolve();
        throw error;
      }
      const askToYield = () => {
        if (mayYield()) lost.abort();
      };
      leaders.set(name, askToYield);
      return {
        lost: lost.signal,
        release() {
          if (leaders.get(name) === askToYield) leaders.delete(name);
          held.resolve();
        },
      };
    },
  });
}

const abortOf = (signal: AbortSignalLike): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new AbortedError()));
    if (signal.aborted) reject(new AbortedError());
  });
