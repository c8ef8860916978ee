import { setTimeout as wait } from "node:timers/promises";
import { lockRetryMs } from "./lock-retry.ts";
import { asPortError, isBusy } from "./sqlite-connection.ts";

/**
 * Runs a query, again from a timer where another process holds a lock that even readers wait for: while it recovers
 * the log of one that died.
 *
 * @throws MetadataUnavailableError after busyTimeoutMs
 */
export async function readRetrying<Result>(query: () => Result, busyTimeoutMs: number): Promise<Result> {
  const giveUpAtMs = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      return query();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= giveUpAtMs) throw asPortError(error);
    }
    await wait(lockRetryMs());
  }
}
