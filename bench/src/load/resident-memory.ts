import { readFileSync } from "node:fs";

/** Bytes of a process that are in memory (`VmRSS` of proc(5)). */
export function residentBytesOf(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kibibytes === undefined) throw new Error(`Process ${pid} has no memory any more`);
  return Number(kibibytes) * 1024;
}
