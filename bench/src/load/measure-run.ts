import { cpuMillisecondsOf } from "./process-cpu.ts";

/** What one run of a load cost. */
export interface Run {
  readonly count: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** User and system time of the measured processes, of all their threads, for each item. */
  readonly serverCpuMs: number;
  /** The same, by the process's name. */
  readonly cpuMsByName: Readonly<Record<string, number>>;
  /** The same of this process, which makes the load. */
  readonly loadCpuMs: number;
}

/** Processes by what they are called in a result: a server may have several of a kind. */
export type Processes = Readonly<Record<string, readonly number[]>>;

/** Measures `load`, which does `count` items, and what it costs the servers' processes. */
export async function measureRun(
  count: number,
  processes: Processes,
  load: () => Promise<void>,
): Promise<Run> {
  const cpuBefore = cpuByName(processes);
  const loadBefore = process.cpuUsage();
  const startedAt = performance.now();
  await load();
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuMsByName = cpuByName(processes).map(([name, ms], index): [string, number] => [
    name,
    (ms - (cpuBefore[index]?.[1] ?? 0)) / count,
  ]);
  const { user, system } = process.cpuUsage(loadBefore);
  return {
    count,
    seconds,
    perSecond: count / seconds,
    serverCpuMs: cpuMsByName.reduce((sum, [, ms]) => sum + ms, 0),
    cpuMsByName: Object.fromEntries(cpuMsByName),
    loadCpuMs: (user + system) / 1000 / count,
  };
}

const cpuByName = (processes: Processes): [string, number][] =>
  Object.entries(processes).map(([name, pids]) => [name, cpuMillisecondsOf(pids)]);
