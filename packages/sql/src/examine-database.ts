import { DatabaseSync } from "node:sqlite";
import { knownSchemaVersion } from "./migrate.ts";
import { isCorrupt } from "./sqlite-connection.ts";

export interface DatabaseExamination {
  /** What `PRAGMA quick_check` complains of, at most ten lines; empty for a sound file. */
  readonly damage: readonly string[];
  /** Migrations applied, and those that this Stowage knows. */
  readonly schemaVersion: number;
  readonly knownSchemaVersion: number;
  /** Of the newest audit event; absent where there is none, or the database is damaged. */
  readonly lastEventAtMs?: number;
  /** Uploads that have waited to be verified since before `waitingSinceMs`. */
  readonly waitingUploads: number;
  /** When the oldest of what a sweeper ought to have done (delete objects, end uploads that ran out) was due. */
  readonly oldestDueMs?: number;
}

/**
 * Looks at a database without changing it, beside servers that use it or alone: is every page in order
 * (https://www.sqlite.org/pragma.html#pragma_quick_check, which reads the whole file), is its schema this Stowage's,
 * does its work get done.
 *
 * Throws what SQLite throws for a file that can't be opened, or is no database.
 */
export function examineSqliteDatabase(
  file: string,
  { waitingSinceMs }: { readonly waitingSinceMs: number },
): DatabaseExamination {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    const damage = quickCheck(database);
    const { user_version: schemaVersion } = database.prepare("PRAGMA user_version").get() as {
      user_version: number;
    };
    const found = { damage, schemaVersion, knownSchemaVersion, waitingUploads: 0 };
    if (damage.length > 0 || schemaVersion < 1 || schemaVersion > knownSchemaVersion) return found;
    const last = database.prepare("SELECT at FROM audit_events ORDER BY sequence DESC LIMIT 1").get();
    const { waiting } = database
      .prepare(
        `SELECT count(*) AS waiting FROM uploads INDEXED BY uploads_queue
         WHERE state IN ('uploaded', 'verifying') AND lease_until <= ?`,
      )
      .get(waitingSinceMs) as { waiting: number };
    const { due } = database
      .prepare(
        `SELECT min(at) AS due FROM (
           SELECT min(not_before) AS at FROM doomed_objects
           UNION ALL SELECT min(expires_at) FROM uploads INDEXED BY uploads_expiring WHERE state = 'pending')`,
      )
      .get() as { due: number | null };
    return {
      ...found,
      ...(last && { lastEventAtMs: Number(last.at) }),
      waitingUploads: waiting,
      ...(due !== null && { oldestDueMs: due }),
    };
  } finally {
    database.close();
  }
}

/** Damage may be such that the check itself can't go on. */
function quickCheck(database: DatabaseSync): string[] {
  try {
    const rows = database.prepare("PRAGMA quick_check(10)").all() as { quick_check: string }[];
    return rows.map(({ quick_check }) => quick_check).filter((line) => line !== "ok");
  } catch (error) {
    if (isCorrupt(error)) return [error.message];
    throw error;
  }
}
