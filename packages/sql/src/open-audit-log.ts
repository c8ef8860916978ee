import { DatabaseSync } from "node:sqlite";
import type { AuditChainHead, AuditEventRecord } from "@stowage/core";
import {
  type AuditChainRow,
  type AuditEventRow,
  auditEventColumns,
  auditEventOf,
  auditHeadOf,
} from "./audit-rows.ts";
import {
  type ForeignPart,
  findForeignParts,
  type SchemaPart,
  schemaPartsQuery,
} from "./find-foreign-parts.ts";
import { DatabaseTooNewError, DatabaseTooOldError, knownSchemaVersion } from "./migrate.ts";
import { isCorrupt } from "./sqlite-connection.ts";

/** A database's audit, as it was at one moment. */
export interface AuditLog {
  /** The highest sequence that was ever given. */
  readonly lastSequence: number;
  /** The last that has a link, as written down beside the log. */
  readonly linkedSequence: number;
  /** Where the schema is not Stowage's own: it has a way to write, to leave out, or to show something else. */
  readonly foreignParts: readonly ForeignPart[];
  /** Where the log's rows and what they are found by (indexes, pages) do not agree, in SQLite's words; at most 100. Reads all of it. */
  readonly damage: readonly string[];
  /** The last event of each chain, as written down beside the log. */
  readonly heads: readonly AuditChainHead[];
  /** The last event of each chain up to a sequence, as the log itself has them. */
  headsAt(sequence: number): readonly AuditChainHead[];
  /** Those behind a sequence, in their order. */
  eventsAfter(sequence: number): Iterable<AuditEventRecord>;
  close(): void;
}

/**
 * Reads a database's audit without changing anything, beside servers that use it or alone. All that is read shows one moment:
 * until it is closed, the database's log grows.
 *
 * Throws what SQLite throws for a file that can't be read.
 *
 * @throws DatabaseTooOldError, DatabaseTooNewError
 */
export function openAuditLog(file: string): AuditLog {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    const { user_version: version } = database.prepare("PRAGMA user_version").get() as {
      user_version: number;
    };
    if (version > knownSchemaVersion)
      throw new DatabaseTooNewError(
        `The database has schema version ${version}; this Stowage knows ${knownSchemaVersion}: use a newer one.`,
      );
    if (version < knownSchemaVersion)
      throw new DatabaseTooOldError(
        `The database has schema version ${version}, and this Stowage works with ${knownSchemaVersion}: start its server, which brings it up to date, then try again.`,
      );
    database.exec("BEGIN");
    const given = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'audit_events'").get();
    const position = database.prepare("SELECT linked_sequence FROM audit_sequencer").get();
    const heads = database.prepare("SELECT chain, number, hash FROM audit_chains ORDER BY chain").all();
    return {
      lastSequence: given === undefined ? 0 : Number(given.seq),
      linkedSequence: position === undefined ? 0 : Number(position.linked_sequence),
      foreignParts: findForeignParts(
        database.prepare(schemaPartsQuery).all() as unknown as readonly SchemaPart[],
      ),
      damage: findDamage(database),
      heads: (heads as unknown as AuditChainRow[]).map(auditHeadOf),
      // Beside max() SQLite gives the row's other columns (https://www.sqlite.org/lang_select.html#bareagg).
      headsAt: (sequence) =>
        (
          database
            .prepare(
              `SELECT chain, max(number) AS number, hash FROM audit_events
               WHERE sequence <= ? AND number IS NOT NULL GROUP BY chain`,
            )
            .all(sequence) as unknown as AuditChainRow[]
        ).map(auditHeadOf),
      *eventsAfter(sequence) {
        const rows: Iterable<unknown> = database
          .prepare(`SELECT ${auditEventColumns} FROM audit_events WHERE sequence > ? ORDER BY sequence`)
          .iterate(sequence);
        for (const row of rows) yield auditEventOf(row as AuditEventRow);
      },
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Lists of the audit read it by its indexes: one that lacks a row hides an event that the log itself has
 * (https://www.sqlite.org/pragma.html#pragma_integrity_check).
 */
function findDamage(database: DatabaseSync): string[] {
  try {
    return database
      .prepare("PRAGMA integrity_check(audit_events)")
      .all()
      .map(({ integrity_check }) => String(integrity_check))
      .filter((line) => line !== "ok");
  } catch (error) {
    if (isCorrupt(error)) return [error.message];
    throw error;
  }
}
