import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { StorageFullError } from "../errors.ts";
import { createGroupSync } from "./group-sync.ts";

const version = 1;

/** Places are apart from rows: a file may be kept before its row is written, and let go of before it is erased. */
const tables = `
  CREATE TABLE rows (id TEXT PRIMARY KEY, position REAL NOT NULL, row TEXT NOT NULL);
  CREATE TABLE places (id TEXT PRIMARY KEY, place TEXT NOT NULL);
  PRAGMA user_version = ${version};`;

/** Files of before have none of it. */
const laterTables =
  "CREATE TABLE IF NOT EXISTS owner (one INTEGER PRIMARY KEY CHECK (one = 1), person TEXT NOT NULL)";

/** Another process writes for a few milliseconds at a time. */
const busyForMs = 10_000;
const busyPauseMs = 10;

export type Run = (sql: string, ...values: SQLInputValue[]) => void;

export interface QueueDatabase {
  /** The text in the first column of each row. */
  read(sql: string, ...values: SQLInputValue[]): string[];
  /**
   * Runs `work` in one transaction, perhaps more than once: all of it or none.
   *
   * @param isSynced - whether it is on the disk itself once this resolves; if not, it is with the next one that is
   * @throws StorageFullError
   */
  change(work: (run: Run) => void, isSynced?: boolean): Promise<void>;
  close(): void;
}

/**
 * Opens the file, made where it is missing. Other processes may have it open. What is cut short, by a kill or by a power
 * cut, is left out when it is opened next, as SQLite's log (WAL) has it.
 *
 * @throws StorageFullError, Error where it is damaged, or of a newer version of this package
 */
export async function openQueueDatabase(path: string): Promise<QueueDatabase> {
  const database = await whileBusy(() => connect(path));
  const log = createGroupSync(`${path}-wal`);
  const statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  const prepared = (sql: string) => {
    const statement = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  const run: Run = (sql, ...values) => void prepared(sql).run(...values);

  return {
    read: (sql, ...values) =>
      prepared(sql)
        .all(...values)
        .map((row) => String(Object.values(row)[0])),
    async change(work, isSynced = true) {
      await whileBusy(() => transact(database, () => work(run)));
      if (isSynced) await log.sync();
    },
    close() {
      if (database.isOpen) database.close();
      log.close();
    },
  };
}

function connect(path: string): DatabaseSync {
  // No timeout of SQLite's own: it would block the event loop.
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // SQLite's own sync at each commit would stop the event loop for it: the log is synced beside it.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    transact(database, () => {
      const found = Object.values(database.prepare("PRAGMA user_version").get() ?? {})[0];
      if (found === 0) database.exec(tables);
      else if (found !== version) throw new Error(`${path} is of another version of this program.`);
      database.exec(laterTables);
    });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function transact(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

async function whileBusy<T>(run: () => T): Promise<T> {
  const giveUpAtMs = performance.now() + busyForMs;
  for (;;) {
    try {
      return run();
    } catch (cause) {
      const code = resultCode(cause);
      if (full.has(code)) throw new StorageFullError({ cause });
      if (code !== busy || performance.now() > giveUpAtMs) throw cause;
    }
    await sleep(busyPauseMs * Math.random());
  }
}

// https://www.sqlite.org/rescode.html
const busy = 5;
/** FULL; IOERR_WRITE, with which a quota or a limit on files refuses; IOERR_SHMSIZE, beside the log. */
const full: ReadonlySet<number> = new Set([13, 778, 4874]);

const resultCode = (error: unknown): number => {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
  return (code & 0xff) === busy ? busy : code;
};
