import { Counter, Gauge, type Registry } from "prom-client";

export interface SweepCounts {
  /**
   * Runs a pass, and counts what it did by what it reports.
   *
   * @throws what the pass throws
   */
  counted<Report extends Readonly<Record<string, number>>>(
    pass: "uploads" | "orphans",
    run: () => Promise<Report>,
  ): Promise<Report>;
}

/** Counts what the sweeper does. */
export function countSweeps(registry: Registry): SweepCounts {
  const registers = [registry];
  const swept = new Counter({
    name: "stowage_swept_total",
    help: "What the sweeper did, by kind.",
    labelNames: ["what"],
    registers,
  });
  const failures = new Counter({
    name: "stowage_sweep_failures_total",
    help: "Passes of the sweeper of which at least one step failed; the next pass does it again.",
    labelNames: ["pass"],
    registers,
  });
  const lastEnd = new Gauge({
    name: "stowage_sweep_last_success_timestamp_seconds",
    help: "When a pass of the sweeper last came to its end, in Unix time.",
    labelNames: ["pass"],
    registers,
  });
  for (const pass of ["uploads", "orphans"]) failures.inc({ pass }, 0);
  return {
    async counted(pass, run) {
      try {
        const report = await run();
        for (const [what, count] of Object.entries(report)) swept.inc({ what: inWords(what) }, count);
        lastEnd.set({ pass }, Date.now() / 1000);
        return report;
      } catch (error) {
        failures.inc({ pass });
        throw error;
      }
    },
  };
}

/** `deletedObjects` → `deleted-objects`. */
const inWords = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
