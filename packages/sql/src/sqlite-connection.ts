import { chmodSync } from "node:fs";
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
  close(): void;
}

/**
 * Opens a database file for its owner's eyes only: write-ahead log, every commit synced to the disk, and no waiting
 * for locks (the event loop never stands still; who writes tries again from a timer).
 */
export function openSqlite(file: string): SqliteConnection {
  const database = new DatabaseSync(file);
  chmodSync(file, 0o600);
  database.exec("PRAGMA busy_timeout = 2000");
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  database.exec("PRAGMA busy_timeout = 0");
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
    close: () => database.close(),
  };
}

/** SQLite's primary result codes (sqlite.org/rescode.html), low byte. */
const busyCodes: ReadonlySet<number> = new Set([5, 6]);
/** READONLY, IOERR, FULL, CANTOPEN. */
const unavailableCodes: ReadonlySet<number> = new Set([8, 10, 13, 14]);

const primaryCode = (error: unknown): number =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : 0;

/** Another connection holds the lock. */
export const isBusy = (error: unknown): boolean => busyCodes.has(primaryCode(error));

/** What may pass (a lock, a full disk) as the port's error; anything else as it is. */
export const asPortError = (error: unknown): unknown =>
  isBusy(error) || unavailableCodes.has(primaryCode(error))
    ? new MetadataUnavailableError("The database can't be written right now.", { cause: error })
    : error;
