import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

const lookEveryMs = 20;

/** Somebody else had the lock for all of that time. */
export class LockTimeoutError extends Error {
  override readonly name = "LockTimeoutError";
  constructor(file: string, timeoutMs: number) {
    super(`${file} is held by another process, and was not let go within ${Math.round(timeoutMs / 1000)} s.`);
  }
}

/**
 * Does work that one process at a time may do. The lock is SQLite's own lock on a file: the system drops it with the
 * process, however that dies, so that none is ever left behind. The file stays, and is empty.
 *
 * @throws LockTimeoutError; what `work` throws
 */
export async function withExclusiveLock<T>(
  file: string,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    const giveUpAtMs = performance.now() + timeoutMs;
    while (!tryLock(database)) {
      if (performance.now() >= giveUpAtMs) throw new LockTimeoutError(file, timeoutMs);
      await sleep(lookEveryMs);
    }
    return await work();
  } finally {
    database.close();
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

/** SQLite's BUSY (sqlite.org/rescode.html). */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && error.errcode === 5;
