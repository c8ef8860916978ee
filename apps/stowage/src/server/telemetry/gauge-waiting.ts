import { Gauge, type Registry } from "prom-client";

/** What waits, and since when the first of it does. */
interface Waiting {
  readonly waiting: number;
  readonly waitingSinceMs?: number;
}

/** Two gauges of a queue, `NAME_length` and `NAME_oldest_seconds`; where the database says nothing, neither do they. */
export function gaugeWaiting(
  registry: Registry,
  { name, of, countedAtMost }: { readonly name: string; readonly of: string; readonly countedAtMost: number },
  read: () => Promise<Waiting | undefined>,
  nowMs: () => number,
): void {
  const registers = [registry];
  new Gauge({
    name: `${name}_length`,
    help: `${of} that a worker could take up now; ${countedAtMost} where there are that many or more.`,
    registers,
    async collect() {
      const counts = await read();
      this.set(counts ? counts.waiting : Number.NaN);
    },
  });
  new Gauge({
    name: `${name}_oldest_seconds`,
    help: "How long the first of them has waited; 0 where none waits.",
    registers,
    async collect() {
      const counts = await read();
      const since = counts?.waitingSinceMs;
      if (!counts) this.set(Number.NaN);
      else this.set(since === undefined ? 0 : Math.max(0, nowMs() - since) / 1000);
    },
  });
}
