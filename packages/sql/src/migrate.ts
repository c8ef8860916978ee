import { initial } from "./migrations/0001-initial.ts";
import { multipart } from "./migrations/0002-multipart.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** In order; the database's `user_version` counts those applied. One that was released is never changed. */
const migrations: readonly string[] = [initial, multipart];

/** What `user_version` is once all of them are applied. */
export const knownSchemaVersion: number = migrations.length;

/** The database was written by a newer Stowage, whose data this one might damage. */
export class DatabaseTooNewError extends Error {
  override readonly name = "DatabaseTooNewError";
  readonly code = "database-too-new";
}

/**
 * Brings the schema up to date, in one transaction. Of two processes that open a database at once the second waits
 * for the first and finds the work done.
 *
 * @throws DatabaseTooNewError
 */
export function migrate(connection: SqliteConnection): void {
  connection.exec("BEGIN IMMEDIATE");
  try {
    const version = connection.get<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
    if (version > migrations.length)
      throw new DatabaseTooNewError(
        `The database has schema version ${version}; this Stowage knows ${migrations.length}: use a newer one.`,
      );
    for (const migration of migrations.slice(version)) connection.exec(migration);
    if (version < migrations.length) connection.exec(`PRAGMA user_version = ${migrations.length}`);
    connection.exec("COMMIT");
  } catch (error) {
    if (connection.inTransaction()) connection.exec("ROLLBACK");
    throw error;
  }
}
