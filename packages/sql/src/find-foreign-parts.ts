import { migrate } from "./migrate.ts";
import { openSqliteInMemory } from "./sqlite-connection.ts";

/** A part of a schema by which it is not the one that Stowage makes. */
export interface ForeignPart {
  readonly type: string;
  readonly name: string;
  /** That it is on, or that it is. */
  readonly table: string;
  /** Whether it is gone; else it was put there, or says something else than Stowage's own of that name. */
  readonly isMissing: boolean;
}

/** A row of `sqlite_schema` (https://www.sqlite.org/schematab.html). */
export interface SchemaPart {
  readonly type: string;
  readonly name: string;
  readonly table: string;
  /** Null for an index that a table's constraint makes. */
  readonly sql: string | null;
}

export const schemaPartsQuery =
  'SELECT type, name, tbl_name AS "table", sql FROM sqlite_schema ORDER BY rowid';

/** SQLite's own, in a database that was once analysed (https://www.sqlite.org/fileformat2.html#stat1tab). */
const ofSqlite: readonly SchemaPart[] = [
  ["sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"] as const,
  ["sqlite_stat4", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"] as const,
].map(([name, sql]) => ({ type: "table", name, table: name, sql }));

const textOf = ({ type, name, table, sql }: SchemaPart): string => JSON.stringify([type, name, table, sql]);
const nameOf = ({ type, name }: SchemaPart): string => JSON.stringify([type, name]);

/**
 * Where a schema is not, word for word, that of a database that has just been made: who can write to a database can make a
 * column refuse the events of one person, or an index find fewer of them than there are.
 *
 * @param parts rows of {@link schemaPartsQuery}
 */
export function findForeignParts(parts: readonly SchemaPart[]): ForeignPart[] {
  const own = freshParts();
  const known = new Set([...own, ...ofSqlite].map(textOf));
  const names = new Set(parts.map(nameOf));
  const partOf = ({ type, name, table }: SchemaPart, isMissing: boolean) => ({
    type,
    name,
    table,
    isMissing,
  });
  return [
    ...parts.filter((part) => !known.has(textOf(part))).map((part) => partOf(part, false)),
    ...own.filter((part) => !names.has(nameOf(part))).map((part) => partOf(part, true)),
  ];
}

function freshParts(): SchemaPart[] {
  const fresh = openSqliteInMemory();
  try {
    migrate(fresh);
    return fresh.all<SchemaPart>(schemaPartsQuery);
  } finally {
    fresh.close();
  }
}
