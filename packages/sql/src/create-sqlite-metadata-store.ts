import { randomBytes } from "node:crypto";
import type { Clock, MetadataStore } from "@stowage/core";
import { keyDeletedIdentities } from "./commands/accounts.ts";
import { metadataStoreOn } from "./metadata-store-on.ts";
import { assertMigrated, migrate } from "./migrate.ts";
import { openSqlite, stopWaiting } from "./sqlite-connection.ts";

export interface SqliteMetadataStoreOptions {
  /** Made where it is missing, its folder is not; readable by its owner only. On a local disk. */
  readonly file: string;
  /** The store's own clock. Default the system's. */
  readonly clock?: Clock;
  /** How long a command tries for the lock that another process holds. Default 5000. */
  readonly busyTimeoutMs?: number;
  /** Whether a database of an older Stowage is brought up to date; else it is refused. Default `true`. */
  readonly migrates?: boolean;
  /**
   * At least 32 bytes that are not in the database: with them it is remembered who deleted their account, so that nobody who has the database alone
   * can try who that was. The same at every start. Default: random ones, so that another process does not know them again.
   */
  readonly identityKey?: Uint8Array;
  /** Told of each try to write that found the lock held by another process, and is made again. Default: nobody is. */
  readonly onLocked?: () => void;
}

const defaultBusyTimeoutMs = 5_000;

/**
 * Rows in one SQLite file, which several processes may open at once. Commands of one event-loop turn share a
 * transaction and are answered after its commit is on the disk. `close` settles what was commanded before it.
 *
 * @throws DatabaseTooNewError, DatabaseTooOldError
 */
export async function createSqliteMetadataStore({
  file,
  clock = { nowMs: () => Date.now() },
  busyTimeoutMs = defaultBusyTimeoutMs,
  migrates = true,
  identityKey,
  onLocked,
}: SqliteMetadataStoreOptions): Promise<MetadataStore & { close(): Promise<void> }> {
  const connection = openSqlite(file);
  try {
    if (migrates) migrate(connection);
    else assertMigrated(connection);
    if (migrates && identityKey) keyDeletedIdentities(connection, identityKey);
    stopWaiting(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
  return metadataStoreOn(connection, clock, busyTimeoutMs, identityKey ?? randomBytes(32), onLocked);
}
