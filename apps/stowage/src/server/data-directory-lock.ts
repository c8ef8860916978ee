import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CommandError } from "../cli/command.ts";

const lockFile = "up.lock";

/**
 * Holds a data directory for one `stowage up`. The lock is SQLite's own file lock: the system drops it with the
 * process, however that dies, so that none is ever left behind.
 *
 * @throws CommandError another server has it
 */
export function lockDataDirectory(dataDir: string): { release(): void } {
  const database = new DatabaseSync(join(dataDir, lockFile));
  try {
    database.exec("PRAGMA busy_timeout = 3000");
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    throw new CommandError(
      `Another Stowage is running on ${dataDir}: stop it, or give --data another folder.`,
      1,
      {
        cause,
      },
    );
  }
  return { release: () => database.close() };
}

/** Whether a server holds the lock. Takes it for less than a millisecond where none does; makes no file. */
export function isDataDirectoryLocked(dataDir: string): boolean {
  const file = join(dataDir, lockFile);
  if (!existsSync(file)) return false;
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE; ROLLBACK");
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    database.close();
  }
}

/** SQLite's BUSY (sqlite.org/rescode.html). */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && error.errcode === 5;
