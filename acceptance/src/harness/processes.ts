import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { waitFor } from "./wait-for.ts";

/** What Linux says of processes under /proc. Elsewhere the suites that need it are left out. */
export const canSeeProcesses = process.platform === "linux";

/** A file of a process that may end at any moment: `undefined` when it has. */
function readIfThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ESRCH"].includes(String(error.code)))
      return undefined;
    throw error;
  }
}

/** `undefined` where there is no such process, or only its remains. */
function parentOf(pid: number): number | undefined {
  const stat = readIfThere(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // "pid (name, which may hold anything) state ppid …"
  const [state, parent] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  return state === undefined || state === "Z" || state === "X" ? undefined : Number(parent);
}

/** The children of a process and theirs, nearest first. */
export function descendantsOf(pid: number): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(Number(name))] as const);
  const found: number[] = [];
  for (let generation = [pid]; generation.length > 0; ) {
    generation = parents.filter(([, parent]) => generation.includes(parent ?? -1)).map(([child]) => child);
    found.push(...generation);
  }
  return found;
}

export const childrenOf = (pid: number): number[] =>
  descendantsOf(pid).filter((child) => parentOf(child) === pid);

/** What a process was started with; empty where it has ended. */
export const commandLineOf = (pid: number): readonly string[] =>
  (readIfThere(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "")
    .split("\0")
    .filter((word) => word !== "");

/** Inodes of the TCP sockets that listen on a port. */
function listenersOn(port: number): Set<string> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"])
    for (const line of (readIfThere(() => readFileSync(table, "utf8")) ?? "").split("\n")) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (local?.endsWith(wanted) && state === "0A" && inode) inodes.add(`socket:[${inode}]`);
    }
  return inodes;
}

/** Which of these processes listens on a TCP port. */
export function findListener(pids: readonly number[], port: number): number | undefined {
  const inodes = listenersOn(port);
  return pids.find((pid) =>
    (readIfThere(() => readdirSync(`/proc/${pid}/fd`)) ?? []).some((fd) =>
      inodes.has(readIfThere(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? ""),
    ),
  );
}

/** Bytes that a process has moved through read and write calls so far: files and sockets alike. */
export function readTransferredBytes(pid: number): {
  readonly readBytes: number;
  readonly writtenBytes: number;
} {
  const io = readFileSync(`/proc/${pid}/io`, "utf8");
  const value = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, "m").exec(io)?.[1]);
  return { readBytes: value("rchar"), writtenBytes: value("wchar") };
}

/** The most memory that a living process has had resident so far; `undefined` where it has ended. */
export function readPeakMemoryBytes(pid: number): number | undefined {
  const status = readIfThere(() => readFileSync(`/proc/${pid}/status`, "utf8")) ?? "";
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

export function isAlive(pid: number): boolean {
  return parentOf(pid) !== undefined;
}

/** SIGKILL to each at once, then waits until all are gone. Those that ended by themselves are fine. */
export async function killEach(pids: readonly number[]): Promise<void> {
  for (const pid of pids)
    readIfThere(() => {
      process.kill(pid, "SIGKILL");
    });
  await waitFor("killed processes to be gone", () => pids.every((pid) => !isAlive(pid)), { everyMs: 5 });
}
