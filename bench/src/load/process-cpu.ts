import { readdirSync, readFileSync } from "node:fs";

/** USER_HZ, in which proc(5) counts, is 100 on every architecture that Node runs on. */
const millisecondsPerTick = 10;

/** The fields of /proc/PID/stat after the process's name, which may hold anything. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** User and system time of processes so far, all their threads included. */
export function cpuMillisecondsOf(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = statFields(pid);
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * millisecondsPerTick;
}

export interface TreeClock {
  /** User and system time since the clock was started. */
  milliseconds(): number;
  stop(): void;
}

/** What a process uses between two looks at it is lost where it ends without anybody waiting for it. */
const lookIntervalMs = 100;

/**
 * Of a process and all that descends from it. The kernel adds up what children have used for parents that wait for them;
 * in a sandbox with a process namespace of its own nobody does: so each is looked at while it lives.
 */
export function startTreeClock(pid: number): TreeClock {
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  const look = (isFirst: boolean): void => {
    for (const each of [pid, ...descendantsOf(pid)]) {
      const used = cpuMillisecondsIfAlive(each);
      if (used === undefined) continue;
      if (isFirst) first.set(each, used);
      last.set(each, used);
    }
  };
  look(true);
  const timer = setInterval(() => look(false), lookIntervalMs);
  return {
    milliseconds() {
      look(false);
      return [...last].reduce((sum, [each, used]) => sum + used - (first.get(each) ?? 0), 0);
    },
    stop: () => clearInterval(timer),
  };
}

function cpuMillisecondsIfAlive(pid: number): number | undefined {
  try {
    return cpuMillisecondsOf([pid]);
  } catch {
    return undefined;
  }
}

function descendantsOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1");
    return children
      .split(" ")
      .filter(Boolean)
      .map(Number)
      .flatMap((child) => [child, ...descendantsOf(child)]);
  } catch {
    return [];
  }
}

/** Of this process's children that have ended. */
export function cpuMillisecondsOfEndedChildren(): number {
  const fields = statFields(process.pid);
  return (Number(fields[13]) + Number(fields[14])) * millisecondsPerTick;
}

/** The children of a process, with their command lines. */
export function childrenOf(parent: number): { readonly pid: number; readonly command: string }[] {
  const children: { pid: number; command: string }[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    try {
      if (Number(statFields(pid)[1]) !== parent) continue;
      children.push({ pid, command: readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ") });
    } catch (error) {
      // It ended meanwhile.
      if (!(error instanceof Error && "code" in error && ["ENOENT", "ESRCH"].includes(String(error.code))))
        throw error;
    }
  }
  return children;
}
