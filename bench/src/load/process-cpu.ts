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

/** The same of a process, and of all children that it has or has had. */
export function cpuMillisecondsOfTree(pid: number): number {
  const [, , , , , , , , , , , user, system, endedUser, endedSystem] = statFields(pid).map(Number);
  const own = (user ?? 0) + (system ?? 0) + (endedUser ?? 0) + (endedSystem ?? 0);
  const living = childrenOf(pid).map((child) => cpuMillisecondsOf([child.pid]));
  return own * millisecondsPerTick + living.reduce((sum, ms) => sum + ms, 0);
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
