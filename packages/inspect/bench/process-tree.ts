// What this process and its living descendants have used, of Linux' /proc.
import { readdirSync, readFileSync } from "node:fs";

/** Processor time of this process's and its living descendants' threads that still live, in milliseconds. */
export function cpuMilliseconds(): number {
  const nanoseconds = [process.pid, ...descendantsOf(process.pid)].map((processId) => {
    const tasks = `/proc/${processId}/task`;
    return readdirSync(tasks)
      .map((task) => Number(readFileSync(`${tasks}/${task}/schedstat`, "latin1").split(" ")[0]))
      .reduce((sum, value) => sum + value, 0);
  });
  return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e6;
}

export function residentMegabytesOfDescendants(): number {
  const kibibytes = descendantsOf(process.pid).map((processId) =>
    Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/status`, "latin1"))?.[1] ?? 0),
  );
  return kibibytes.reduce((sum, value) => sum + value, 0) / 1024;
}

function childrenOf(processId: number): number[] {
  const tasks = readdirSync(`/proc/${processId}/task`);
  return tasks.flatMap((task) =>
    readFileSync(`/proc/${processId}/task/${task}/children`, "latin1")
      .trim()
      .split(" ")
      .filter(Boolean)
      .map(Number),
  );
}

function descendantsOf(processId: number): number[] {
  return childrenOf(processId).flatMap((child) => [child, ...descendantsOf(child)]);
}
