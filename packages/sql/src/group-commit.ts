import { MetadataUnavailableError } from "@stowage/core";
import { lockRetryMs } from "./lock-retry.ts";
import { asPortError, isBusy, type SqliteConnection } from "./sqlite-connection.ts";

export interface GroupCommit {
  /** Runs a command in a transaction that others may share; answers after its COMMIT. */
  write<Result>(command: () => Result): Promise<Result>;
  /** Takes no more commands; answers when those that wait are settled. */
  drain(): Promise<void>;
}

interface Waiting {
  readonly command: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly giveUpAtMs: number;
}

type Settlement = { readonly result: unknown } | { readonly error: unknown };

/** A transaction takes on commands for this long: bounds how long the event loop and other processes wait for it. */
const maxTransactionMs = 15;

/**
 * Commands submitted within one turn of the event loop share one transaction, and so one sync of the disk: first
 * come, first served. A command that refuses has written nothing, so no savepoint is needed; where one throws, those
 * of its transaction run again with a savepoint each, and only those that throw are rejected.
 *
 * @param busyTimeoutMs how long the lock is tried for before {@link MetadataUnavailableError}
 * @param onLocked told of each try that found the lock held elsewhere
 */
export function createGroupCommit(
  connection: SqliteConnection,
  busyTimeoutMs: number,
  onLocked: () => void = () => undefined,
): GroupCommit {
  /** First come first; settled commands leave it. */
  let queue: Waiting[] = [];
  let scheduled = false;
  let closed = false;
  const whenIdle: (() => void)[] = [];

  function schedule(waitMs?: number): void {
    if (scheduled) return;
    if (queue.length === 0) {
      for (const resolve of whenIdle.splice(0)) resolve();
      return;
    }
    scheduled = true;
    if (waitMs === undefined) setImmediate(flush);
    else setTimeout(flush, waitMs);
  }

  function flush(): void {
    scheduled = false;
    try {
      settle(runTogether());
      schedule();
    } catch (error) {
      // The lock is held elsewhere: what waits is tried again, in its order, while it has time.
      onLocked();
      giveUpLate(error);
      schedule(lockRetryMs());
    }
  }

  /** @throws only where the lock is held elsewhere: nothing has run */
  function runTogether(): Settlement[] {
    const results: unknown[] = [];
    try {
      connection.run("BEGIN IMMEDIATE");
      const stopAtMs = performance.now() + maxTransactionMs;
      for (const { command } of queue) {
        results.push(command());
        if (performance.now() >= stopAtMs) break;
      }
      connection.run("COMMIT");
      return results.map((result) => ({ result }));
    } catch (error) {
      rollBack();
      if (isBusy(error)) throw error;
      return runApart(Math.min(results.length + 1, queue.length));
    }
  }

  /** The same for the first `count`, when one of them is known to throw. */
  function runApart(count: number): Settlement[] {
    const batch = queue.slice(0, count);
    try {
      connection.run("BEGIN IMMEDIATE");
      const settlements = batch.map(({ command }) => runInSavepoint(command));
      connection.run("COMMIT");
      return settlements;
    } catch (error) {
      rollBack();
      if (isBusy(error)) throw error;
      return batch.map(() => ({ error }));
    }
  }

  function runInSavepoint(command: () => unknown): Settlement {
    connection.exec("SAVEPOINT command");
    try {
      const result = command();
      connection.exec("RELEASE command");
      return { result };
    } catch (error) {
      // Some errors of the disk end the whole transaction.
      if (isBusy(error) || !connection.inTransaction()) throw error;
      connection.exec("ROLLBACK TO command");
      connection.exec("RELEASE command");
      return { error };
    }
  }

  function rollBack(): void {
    if (connection.inTransaction()) connection.exec("ROLLBACK");
  }

  function settle(settlements: readonly Settlement[]): void {
    const settled = queue.slice(0, settlements.length);
    queue = queue.slice(settlements.length);
    for (const [index, { resolve, reject }] of settled.entries()) {
      const settlement = settlements[index];
      if (settlement && "result" in settlement) resolve(settlement.result);
      else reject(asPortError(settlement?.error));
    }
  }

  function giveUpLate(error: unknown): void {
    const nowMs = performance.now();
    const late = queue.filter(({ giveUpAtMs }) => giveUpAtMs <= nowMs);
    if (late.length > 0) queue = queue.filter(({ giveUpAtMs }) => giveUpAtMs > nowMs);
    for (const { reject } of late) reject(asPortError(error));
  }

  return {
    write: <Result>(command: () => Result) =>
      new Promise<Result>((resolve, reject) => {
        if (closed) {
          reject(new MetadataUnavailableError("The store was closed."));
          return;
        }
        queue.push({
          command,
          resolve: (result) => resolve(result as Result),
          reject,
          giveUpAtMs: performance.now() + busyTimeoutMs,
        });
        schedule();
      }),
    drain: () =>
      new Promise<void>((resolve) => {
        closed = true;
        whenIdle.push(resolve);
        schedule();
      }),
  };
}
