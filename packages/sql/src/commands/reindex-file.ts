import { albumIdsIn, type IndexedFileRecord, type MetadataStore } from "@stowage/core";
import { countAnew } from "./album-files.ts";
import { addAuditEvent, type CommandContext, factColumns } from "./context.ts";
import { indexFile, type ListedRow, listedOf, unindexFile } from "./index-file.ts";

interface IndexedRow extends ListedRow {
  type: string;
  shown_at: number;
  name_key: string;
  terms: string;
  pairs: string;
  audiences: string;
  shows_current: number;
  terms_there: number;
  pairs_there: number;
  audiences_there: number;
}

const facts = factColumns.split(/,\s+/);
const factsOf = (table: string): string => facts.map((column) => `${table}.${column}`).join(", ");

/** Files with what is written for lists, where and how often their terms, pairs and audiences are in the tables beside. */
const selectIndexed = `SELECT f.id, f.owner_id, f.state, f.name, f.metadata, f.created_at, v.content_type, v.taken_at,
  f.type, f.shown_at, f.name_key, f.terms, f.pairs, (${factsOf("f")}) IS (${factsOf("v")}) AS shows_current,
  (SELECT count(*) FROM json_each(f.terms) k CROSS JOIN file_terms t
   ON t.owner_id = f.owner_id AND t.term = k.value AND t.file_id = f.id) AS terms_there,
  (SELECT count(*) FROM json_each(f.pairs) k CROSS JOIN file_pairs p
   ON p.owner_id = f.owner_id AND p.pair = k.value AND p.created_at = f.created_at AND p.file_id = f.id) AS pairs_there,
  f.audience, f.grants, f.albums, f.audiences,
  (SELECT count(*) FROM json_each(f.audiences) k CROSS JOIN file_audiences a
   ON a.audience = k.value AND a.created_at = f.created_at AND a.file_id = f.id) AS audiences_there
  FROM files f CROSS JOIN versions v ON v.file_id = f.id AND v.version = f.version`;

/** Rows in the tables beside that no file's row remembers are not seen: no index leads to them from a file. */
function isRight(context: CommandContext, row: IndexedRow): boolean {
  const { type, shownAt, nameKey, terms, pairs, audiences } = listedOf(context, row);
  return (
    row.type === type &&
    row.shown_at === shownAt &&
    row.name_key === nameKey &&
    row.terms === terms &&
    row.pairs === pairs &&
    row.shows_current === 1 &&
    row.terms_there === lengthOf(terms) &&
    row.pairs_there === lengthOf(pairs) &&
    row.audiences === audiences &&
    row.audiences_there === lengthOf(audiences)
  );
}

const lengthOf = (json: string): number => (JSON.parse(json) as readonly string[]).length;

export function listIndexedFiles(
  context: CommandContext,
  { after = "", limit }: Parameters<MetadataStore["listIndexedFiles"]>[0],
): IndexedFileRecord[] {
  return context.connection
    .all<IndexedRow>(`${selectIndexed} WHERE f.id > ? ORDER BY f.id LIMIT ?`, after, limit)
    .map((row) => ({ fileId: row.id, ownerId: row.owner_id, isRight: isRight(context, row) }));
}

export function reindexFile(
  context: CommandContext,
  fileId: string,
): Awaited<ReturnType<MetadataStore["reindexFile"]>> {
  const { connection } = context;
  const row = connection.get<IndexedRow>(`${selectIndexed} WHERE f.id = ?`, fileId);
  if (!row) return { outcome: "missing" };
  if (isRight(context, row)) return { outcome: "unchanged" };
  // What the row remembers goes, then what it should remember, in case that is there already.
  unindexFile(context, fileId);
  const { terms, pairs, audiences } = listedOf(context, row);
  connection.run(
    "UPDATE files SET terms = ?, pairs = ?, audiences = ? WHERE id = ?",
    terms,
    pairs,
    audiences,
    fileId,
  );
  unindexFile(context, fileId);
  connection.run("UPDATE files SET terms = '[]', pairs = '[]', audiences = '[]' WHERE id = ?", fileId);
  indexFile(context, fileId);
  const touched = [row.audiences, audiences].map((json) => JSON.parse(json) as string[]);
  for (const albumId of new Set(albumIdsIn(touched.flat()))) countAnew(context, albumId);
  addAuditEvent(context, "system", "file.reindexed", fileId);
  return { outcome: "reindexed" };
}
