import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Longer than the product takes to stop its own processes. */
const killAfterMs = 15_000;

/** SIGTERM, and SIGKILL where that was not enough. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  await ended;
  clearTimeout(timer);
}
