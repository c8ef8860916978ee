import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../http/log.ts";
import type { LifecyclePass } from "./apply-lifecycle.ts";

/** Between two passes where the first left something over: requests come first. */
const betweenPassesMs = 1_000;

/**
 * Does passes at once and then every `everyMs`, and one after the other while there is more to be done. Keeps no process
 * alive. `stop` resolves when none is under way.
 */
export function runLifecycle(
  pass: () => Promise<LifecyclePass>,
  everyMs: number,
  log: Log,
): { stop(): Promise<void> } {
  const stopping = new AbortController();

  const passOnce = async (): Promise<boolean> => {
    try {
      const { isMore, ...done } = await pass();
      if (done.expired + done.aborted > 0) log({ level: "info", msg: "lifecycle rules applied", ...done });
      return isMore;
    } catch (error) {
      log({ level: "error", msg: "lifecycle rules could not be applied", error });
      return false;
    }
  };

  const pause = async (ms: number): Promise<void> => {
    try {
      await delay(ms, undefined, { signal: stopping.signal, ref: false });
    } catch (error) {
      // Stopping ends the pause.
      if (!stopping.signal.aborted) throw error;
    }
  };

  const passes = async (): Promise<void> => {
    while (!stopping.signal.aborted) await pause((await passOnce()) ? betweenPassesMs : everyMs);
  };
  const running = passes();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
