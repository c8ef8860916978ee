import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CommandError } from "../cli/command.ts";

/**
 * Holds a data directory for one `stowage up`. The lock is SQLite's own file lock: the system drops it with the
 * process, however that dies, so that none is ever left behind.
 *
 * @throws CommandError another server has it
 */
export function lockDataDirectory(dataDir: string): { release(): void } {
  const database = new DatabaseSync(join(dataDir, "up.lock"));
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
