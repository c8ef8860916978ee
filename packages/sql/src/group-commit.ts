import { asPortError, isBusy, type SqliteConnection } from "./sqlite-connection.ts";

/** Runs a command in a transaction that others may share; answers after its COMMIT. */
export type Write = <Result>(command: () => Result) => Promise<Result>;

interface Waiting {
  readonly command: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly giveUpAtMs: number;
}

/** Commands that share one transaction at most: bounds how long another process waits for the lock. */
const maxCommands = 256;

/** Wait between two tries for the lock: a transaction of another process takes a few milliseconds. */
const retryFromMs = 2;
const retryToMs = 12;

/**
 * Commands submitted within one turn of the event loop share one transaction, and so one sync of the disk. A
 * command that refuses has written nothing, so no savepoint is needed; where one throws, all are rolled back and run
 * again each in a transaction of its own.
 *
 * @param busyTimeoutMs how long the lock is tried for before {@link MetadataUnavailableError}
 */
export function createGroupCommit(connection: SqliteConnection, busyTimeoutMs: number): Write {
  let queue: Waiting[] = [];
  let scheduled = false;

  const schedule = (waitMs: number) => {
    scheduled = true;
    if (waitMs === 0) setImmediate(flush);
    else setTimeout(flush, waitMs);
  };

  function flush(): void {
    scheduled = false;
    const batch = queue.slice(0, maxCommands);
    queue = queue.slice(maxCommands);
    try {
      connection.exec("BEGIN IMMEDIATE");
    } catch (error) {
      postpone(batch, error);
      return;
    }
    settle(batch);
    if (queue.length > 0 && !scheduled) schedule(0);
  }

  /** The lock is held elsewhere: what still has time is tried again, in its order. */
  function postpone(batch: readonly Waiting[], error: unknown): void {
    const nowMs = Date.now();
    const patient = isBusy(error) ? batch.filter(({ giveUpAtMs }) => giveUpAtMs > nowMs) : [];
    for (const waiting of batch) if (!patient.includes(waiting)) waiting.reject(asPortError(error));
    queue = [...patient, ...queue];
    if (queue.length > 0) schedule(retryFromMs + Math.random() * (retryToMs - retryFromMs));
  }

  function settle(batch: readonly Waiting[]): void {
    const results: unknown[] = [];
    try {
      for (const { command } of batch) results.push(command());
      connection.exec("COMMIT");
    } catch (error) {
      rollBack();
      const [only] = batch;
      if (batch.length === 1 && only) only.reject(asPortError(error));
      else for (const waiting of batch) alone(waiting);
      return;
    }
    for (const [index, { resolve }] of batch.entries()) resolve(results[index]);
  }

  function alone(waiting: Waiting): void {
    try {
      connection.exec("BEGIN IMMEDIATE");
    } catch (error) {
      postpone([waiting], error);
      return;
    }
    settle([waiting]);
  }

  /** After an I/O error SQLite may have rolled back by itself. */
  function rollBack(): void {
    try {
      connection.exec("ROLLBACK");
    } catch (error) {
      if (!(error instanceof Error && /no transaction is active/.test(error.message))) throw error;
    }
  }

  return <Result>(command: () => Result) =>
    new Promise<Result>((resolve, reject) => {
      queue.push({
        command,
        resolve: (result) => resolve(result as Result),
        reject,
        giveUpAtMs: Date.now() + busyTimeoutMs,
      });
      if (!scheduled) schedule(0);
    });
}
