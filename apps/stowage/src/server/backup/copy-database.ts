import { rm, writeFile } from "node:fs/promises";
import { backup, DatabaseSync } from "node:sqlite";
import { CommandError } from "../../cli/command.ts";
import { syncFile } from "./durable-files.ts";

/** How long it waits for who migrates or recovers the database. */
const busyTimeoutMs = 10_000;

/** All pages in one step: between two of them a server's write would make it begin anew, for ever on a busy one. */
const allAtOnce = 2 ** 31 - 1;

/**
 * Copies a database as it is at one moment, whoever writes to it meanwhile, and holds nobody up (SQLite's online
 * backup, https://www.sqlite.org/backup.html; readers and the writer of a write-ahead log don't meet). The copy is one
 * file, for its owner's eyes only, sound (`quick_check`) and synced.
 *
 * @throws CommandError for a database that is damaged
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  // SQLite would make it by the umask.
  await writeFile(to, "", { mode: 0o600, flag: "wx" });
  try {
    const source = new DatabaseSync(from, { readOnly: true, timeout: busyTimeoutMs });
    try {
      await backup(source, to, { rate: allAtOnce });
    } finally {
      source.close();
    }
    const copy = new DatabaseSync(to);
    try {
      copy.exec("PRAGMA journal_mode = DELETE");
      const [first] = copy.prepare("PRAGMA quick_check(1)").all();
      if (first?.quick_check !== "ok") throw new Error(String(first?.quick_check));
    } finally {
      copy.close();
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(
      `${from} can't be copied (${why}): stowage doctor says whether it is damaged.`,
      1,
      {
        cause,
      },
    );
  }
  await syncFile(to);
}
