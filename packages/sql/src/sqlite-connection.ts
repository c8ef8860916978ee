import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { MetadataUnavailableError } from "@stowage/core";

/** One connection with its prepared statements. Synchronous: a statement is microseconds, a commit one fdatasync. */
export interface SqliteConnection {
  /** Rows of a query. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  /** The first row of a query. */
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined;
  /** Runs a change; answers how many rows it touched. */
  run(sql: string, ...values: SQLInputValue[]): number;
  /** Runs statements that are not worth keeping prepared. */
  exec(sql: string): void;
  /** Whether a transaction is open: some errors end it. */
  inTransaction(): boolean;
  close(): void;
}

/**
 * Pages that the log takes before they are brought into the database, which is done and synced by whoever commits. With SQLite's thousand a page
 * that every commit writes again is brought there every few commits: a create costs a sixteenth more than with 4000, and a tenth less than that with
 * these (16,000 gain no more). The log has 32 MB then; a process that opens it after a crash reads it once.
 */
const checkpointAfterPages = 8000;

/**
 * Pages kept in memory, taken as they are read. SQLite's default of 2 MB holds three pages of a list whose files lie
 * scattered over a large database: then every page of a list is read from the system again, at a third more time.
 */
const cacheKib = 32 * 1024;

/** How long opening waits for another process that opens, migrates or recovers the same file. */
const openingTimeoutMs = 10_000;

/**
 * Opens a database file for its owner's eyes only (SQLite gives its journals the file's mode): write-ahead log, every
 * commit synced to the disk. Waits for other processes' locks until {@link stopWaiting} is called.
 */
export function openSqlite(file: string): SqliteConnection {
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  const database = new DatabaseSync(file, { timeout: openingTimeoutMs });
  try {
    switchToWal(database);
    database.exec("PRAGMA synchronous = FULL");
    database.exec(`PRAGMA cache_size = ${-cacheKib}`);
    database.exec(`PRAGMA wal_autocheckpoint = ${checkpointAfterPages}`);
  } catch (error) {
    database.close();
    throw error;
  }
  return connectionOf(database);
}

/** A database in memory, of this connection alone. */
export const openSqliteInMemory = (): SqliteConnection => connectionOf(new DatabaseSync(":memory:"));

function connectionOf(database: DatabaseSync): SqliteConnection {
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (!statement) {
      statement = database.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  return {
    all: <Row>(sql: string, ...values: SQLInputValue[]) => prepared(sql).all(...values) as Row[],
    get: <Row>(sql: string, ...values: SQLInputValue[]) => prepared(sql).get(...values) as Row | undefined,
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
    exec: (sql) => database.exec(sql),
    inTransaction: () => database.isTransaction,
    close: () => database.close(),
  };
}

const retryOpeningMs = 5;

/**
 * Of two connections that both read a new file and then want it alone, SQLite fails one at once instead of letting
 * each wait for the other (sqlite.org/c3ref/busy_handler.html): that one tries again.
 */
function switchToWal(database: DatabaseSync): void {
  const deadlineMs = performance.now() + openingTimeoutMs;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadlineMs) throw error;
      Atomics.wait(pause, 0, 0, retryOpeningMs);
    }
  }
}

/** From now on a lock that is held elsewhere is an error at once: the event loop never stands still for it. */
export const stopWaiting = (connection: SqliteConnection): void => {
  connection.exec("PRAGMA busy_timeout = 0");
};

/** SQLite's primary result codes (sqlite.org/rescode.html), low byte: BUSY, LOCKED. */
const busyCodes: ReadonlySet<number> = new Set([5, 6]);
/** READONLY, IOERR, FULL, CANTOPEN. */
const unavailableCodes: ReadonlySet<number> = new Set([8, 10, 13, 14]);

const primaryCode = (error: unknown): number =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : 0;

/** Another connection holds the lock. */
export const isBusy = (error: unknown): boolean => busyCodes.has(primaryCode(error));

/** The file is damaged (CORRUPT). */
export const isCorrupt = (error: unknown): error is Error => primaryCode(error) === 11;

/** What may pass (a lock, a full disk) as the port's error; anything else as it is. */
export const asPortError = (error: unknown): unknown =>
  isBusy(error) || unavailableCodes.has(primaryCode(error))
    ? new MetadataUnavailableError("The database can't be used right now.", { cause: error })
    : error;
