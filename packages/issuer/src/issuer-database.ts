import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createFileOnce } from "./create-file-once.ts";
import { IssuerDirectoryError } from "./errors.ts";
import { migrate } from "./migrations.ts";
import { makePrivate } from "./private-file.ts";
import { retryReadWhileBusy, retryWhileBusy } from "./sqlite-busy.ts";
import { sqliteResultCode } from "./sqlite-result-code.ts";

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

export interface IssuerDatabase {
  readonly connection: DatabaseSync;
  /** Runs one statement that reads. */
  read<T>(run: () => T): T;
  /** Runs `run` in one transaction, perhaps more than once; on an error nothing of it stays. */
  write<T>(run: () => T): Promise<T>;
  /** May be called twice. */
  close(): void;
}

/**
 * Opens `issuer.sqlite` of the issuer's directory, made where it is missing: mode 0600, WAL, synced to disk
 * at each commit, at the newest version. Other processes may have it open.
 *
 * @throws {IssuerDirectoryError} if the file is not a database, or one of a newer Stowage
 */
export async function openIssuerDatabase(directory: string): Promise<IssuerDatabase> {
  const path = join(directory, "issuer.sqlite");
  // SQLite would make it by the umask. An empty file is an empty database; its log takes over the mode.
  if (!existsSync(path)) await createFileOnce(path, "");
  await makePrivate(path);
  const connection = await retryWhileBusy(() => connect(path));
  return {
    connection,
    read: retryReadWhileBusy,
    write: (run) => retryWhileBusy(() => transact(connection, run)),
    close: () => {
      if (connection.isOpen) connection.close();
    },
  };
}

function connect(path: string): DatabaseSync {
  // No timeout of SQLite's own: it would block the event loop.
  const connection = new DatabaseSync(path, { timeout: 0 });
  try {
    connection.exec("PRAGMA journal_mode = WAL");
    connection.exec("PRAGMA synchronous = FULL");
    migrate(connection, path);
    return connection;
  } catch (error) {
    connection.close();
    const code = sqliteResultCode(error);
    throw code === SQLITE_CORRUPT || code === SQLITE_NOTADB
      ? new IssuerDirectoryError(`${path} is damaged or not a SQLite database.`, path, { cause: error })
      : error;
  }
}

function transact<T>(connection: DatabaseSync, run: () => T): T {
  connection.exec("BEGIN IMMEDIATE");
  try {
    const result = run();
    connection.exec("COMMIT");
    return result;
  } catch (error) {
    if (connection.isTransaction) connection.exec("ROLLBACK");
    throw error;
  }
}
