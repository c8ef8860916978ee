import { spawnSync } from "node:child_process";
import { cpuMillisecondsOf } from "./process-cpu.ts";

/** What one run of a load cost. */
export interface Run {
  readonly count: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** User and system time of the measured processes, of all their threads, for each item. */
  readonly serverCpuMs: number;
  /** The same of this process, which makes the load. */
  readonly loadCpuMs: number;
}

/** Measures `load`, which does `count` items, against the processes `pids`. */
export async function measureRun(
  count: number,
  pids: readonly number[],
  load: () => Promise<void>,
): Promise<Run> {
  // What an earlier run left to be written must not be written during this one.
  spawnSync("sync");
  const cpuBefore = cpuMillisecondsOf(pids);
  const loadBefore = process.cpuUsage();
  const startedAt = performance.now();
  await load();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(loadBefore);
  return {
    count,
    seconds,
    perSecond: count / seconds,
    serverCpuMs: (cpuMillisecondsOf(pids) - cpuBefore) / count,
    loadCpuMs: (user + system) / 1000 / count,
  };
}
