import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { openConnection } from "../load/http-connection.ts";

const patienceMs = 20_000;

/** Resolves once a process takes connections. Throws where it ended instead. */
export async function untilItListens(child: ChildProcess, origin: string): Promise<void> {
  child.on("error", () => undefined);
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      (await openConnection(origin)).close();
      return;
    } catch (error) {
      const hasEnded = child.pid === undefined || child.exitCode !== null;
      if (hasEnded || Date.now() > until)
        throw new Error(`${child.spawnfile} does not take connections at ${origin}`, { cause: error });
      await delay(20);
    }
  }
}
