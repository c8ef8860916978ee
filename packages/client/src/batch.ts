import { ProblemError } from "./errors.ts";

const mostRunning = 3;
const manyWaiting = 8;

/**
 * Gathers single items into batches: while one batch is on its way, the next gathers, so that a lone item never
 * waits and many go together. Where many have gathered, one that stands still does not hold them up. `run` answers in the order of the items; where it throws, all of its items do. But a malformed
 * item, which fails its whole request, throws alone: the others are asked for again without it.
 *
 * @param maxItems - of one batch
 */
export function createBatch<Item, Result>(
  maxItems: number,
  run: (items: Item[]) => Promise<Result[]>,
): (item: Item) => Promise<Result> {
  interface Entry {
    readonly item: Item;
    resolve(result: Result): void;
    reject(error: unknown): void;
  }
  let queue: Entry[] = [];
  let running = 0;

  const runOne = async (entries: Entry[]) => {
    try {
      const results = await run(entries.map(({ item }) => item));
      for (const [index, result] of results.entries()) entries[index]?.resolve(result);
    } catch (error) {
      const named = malformedOf(error);
      const others = entries.filter((_, index) => !named.has(index));
      const isOfNone = others.length === entries.length;
      for (const [index, { reject }] of entries.entries()) if (isOfNone || named.has(index)) reject(error);
      if (!isOfNone && others.length > 0) await runOne(others);
    }
  };
  const drain = async () => {
    running += 1;
    // What is added in this same turn belongs to the first batch.
    await Promise.resolve();
    while (queue.length > 0) {
      const entries = queue.slice(0, maxItems);
      queue = queue.slice(maxItems);
      await runOne(entries);
    }
    running -= 1;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject });
      if (running === 0 || (running < mostRunning && queue.length >= manyWaiting)) void drain();
    });
}

/** Which items a request was refused for, by their index. */
const malformedOf = (error: unknown): Set<number> =>
  new Set(
    error instanceof ProblemError && error.code === "validation-failed"
      ? error.problem.errors?.map(({ pointer }) => Number(/^\/\w+\/(\d+)/.exec(pointer)?.[1]))
      : [],
  );
