import type { Command } from "./sandbox.ts";

/**
 * What `malloc` may have taken of address space beside pages in use, in KiB: an idle decoding process has 1.1 GB of
 * it (stacks, arenas, V8's heap), most of it never touched.
 */
const untouchedKibibytes = 1536 * 1024;

/**
 * Starts a command under limits that no process can lift again: no core dumps, no file grows, 256 open files, and so
 * much memory that what is taken between two looks at it can't fill the machine. The kernel, short of memory, ends
 * it before anything else. A limit that this system does not know, or that is lower already, stays as it is.
 * POSIX `sh`; `-d` is no part of POSIX, but of every shell there is.
 *
 * @param descriptors - opened for reading under the numbers 3 to 9
 */
export function withResourceLimits(
  command: Command,
  maxMemoryBytes: number,
  descriptors: ReadonlyMap<number, string> = new Map(),
): Command {
  const dataKibibytes = Math.ceil(maxMemoryBytes / 1024) + untouchedKibibytes;
  const paths = [...descriptors];
  const opened = paths.map(([number], index) => ` ${number}<"$path${index}"`).join("");
  const script = [
    ...paths.map((_, index) => `path${index}=$1; shift`),
    "{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null",
    "for limit in 'c 0' 'f 0' 'n 256' \"d $1\"; do ulimit -$limit 2>/dev/null; done",
    "shift",
    `exec "$@"${opened}`,
  ].join("\n");
  const args = [...paths.map(([, path]) => path), String(dataKibibytes), command.file, ...command.args];
  return { file: "/bin/sh", args: ["-c", script, "sh", ...args] };
}
