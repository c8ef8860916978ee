import type { CountedMetrics, ProcessMetrics } from "../process-setup.ts";

/** A process that is busy for longer is told as one that does not answer: a scrape waits for ten seconds. */
const answerTimeoutMs = 2_000;

/** Asks processes over their channels, and knows whose answer is whose. */
export interface Asking<Answer> {
  /** `undefined` where no answer came in time. */
  ask(send: (id: number) => void): Promise<Answer | undefined>;
  /** An answer came. One that is late, or that nobody asked for, is dropped. */
  answer(id: number, answer: Answer): void;
}

export function createAsking<Answer>(timeoutMs = answerTimeoutMs): Asking<Answer> {
  const waiting = new Map<number, (answer: Answer | undefined) => void>();
  let lastId = 0;
  return {
    ask: (send) =>
      new Promise((resolve) => {
        lastId += 1;
        const id = lastId;
        const settle = (answer: Answer | undefined) => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(answer);
        };
        const timer = setTimeout(() => settle(undefined), timeoutMs);
        waiting.set(id, settle);
        send(id);
      }),
    answer: (id, answer) => waiting.get(id)?.(answer),
  };
}

/** What the supervisor does for a scrape: asks every process but the one that was scraped. */
export async function collectFrom(
  processes: readonly {
    readonly process: string;
    readonly restarts: number;
    ask?(): Promise<CountedMetrics | undefined>;
  }[],
): Promise<ProcessMetrics[]> {
  return Promise.all(
    processes.map(async ({ process, restarts, ask }) => {
      const metrics = await ask?.();
      return { process, restarts, ...(metrics ? { metrics } : {}) };
    }),
  );
}
