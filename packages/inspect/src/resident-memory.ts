import { readFileSync } from "node:fs";

/**
 * Resident memory of another process, in bytes.
 * @returns `undefined` where there is no such process, or no Linux `/proc` to ask
 */
export function readResidentBytes(processId: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${processId}/status`, "latin1");
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
