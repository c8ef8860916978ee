import { readFileSync } from "node:fs";

/**
 * The process that a chain of programs ends in, each the only child of the one before: what a sandbox's programs
 * have started at last. Linux; the process itself where nothing is known of its children.
 */
export function lastOfChain(processId: number): number {
  const child = childrenOf(processId)[0];
  return child === undefined ? processId : lastOfChain(child);
}

/** None where nothing is known. proc(5), `/proc/pid/task/tid/children`: of the main thread, which is all that the programs of a sandbox have. */
export function childrenOf(processId: number): readonly number[] {
  try {
    const ids = readFileSync(`/proc/${processId}/task/${processId}/children`, "latin1");
    return ids.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
