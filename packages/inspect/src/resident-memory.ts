import { readFileSync } from "node:fs";

/**
 * Resident memory of another process, in bytes.
 * @returns `undefined` where there is no such process, or no Linux `/proc` to ask
 */
export function readResidentBytes(processId: number): number | undefined {
  return readStatus(processId, /^VmRSS:\s+(\d+) kB$/m);
}

/** The most that it has been so far. */
export function readPeakBytes(processId: number): number | undefined {
  return readStatus(processId, /^VmHWM:\s+(\d+) kB$/m);
}

function readStatus(processId: number, line: RegExp): number | undefined {
  try {
    const kibibytes = line.exec(readFileSync(`/proc/${processId}/status`, "latin1"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
