import { Worker } from "node:worker_threads";
import { siblingModule } from "./sibling-module.ts";

/**
 * Makes this process one that only its parent ends, and that never outlives it.
 *
 * Ctrl-C reaches the whole group of processes, and what to do about it is the parent's decision: were this
 * process to die of it, a sound file would look like one that crashes its decoder.
 */
export function stayUnderParent(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  new Worker(siblingModule("die-with-parent"), { workerData: process.ppid }).unref();
}
