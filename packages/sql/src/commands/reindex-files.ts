import type { SqliteConnection } from "../sqlite-connection.ts";
import { type ListedRow, listedOf, selectListed } from "./index-file.ts";

/** Rows that are in memory at once. Of a thousand, many outlive V8's young generation, and the heap grows by 70 MB more. */
const batchSize = 100;

/**
 * Makes what lists go by anew for every file there is; to be called within a transaction. The tables beside are filled in
 * their order at the end, so that each of their pages is written once: SQLite sorts what goes in, in temporary files.
 */
export function reindexFiles(connection: SqliteConnection): void {
  connection.exec("DELETE FROM file_terms");
  connection.exec("DELETE FROM file_pairs");
  connection.exec("DELETE FROM file_audiences");
  for (let last: string | undefined = ""; last !== undefined; ) last = describeBatch(connection, last);
  connection.exec(`INSERT INTO file_terms (owner_id, term, file_id)
    SELECT f.owner_id, t.value, f.id FROM files f, json_each(f.terms) t ORDER BY 1, 2, 3`);
  connection.exec(`INSERT INTO file_pairs (owner_id, pair, created_at, file_id)
    SELECT f.owner_id, p.value, f.created_at, f.id FROM files f, json_each(f.pairs) p ORDER BY 1, 2, 3 DESC, 4 DESC`);
  connection.exec(`INSERT INTO file_audiences (audience, created_at, file_id)
    SELECT a.value, f.created_at, f.id FROM files f, json_each(f.audiences) a ORDER BY 1, 2 DESC, 3 DESC`);
}

/** @returns the last file's id, behind which the next batch begins; nothing where there is none */
function describeBatch(connection: SqliteConnection, after: string): string | undefined {
  const rows = connection.all<ListedRow>(
    `${selectListed} WHERE f.id > ? ORDER BY f.id LIMIT ?`,
    after,
    batchSize,
  );
  for (const row of rows) {
    const { type, shownAt, nameKey, terms, pairs, audiences } = listedOf({ connection }, row);
    connection.run(
      "UPDATE files SET type = ?, shown_at = ?, name_key = ?, terms = ?, pairs = ?, audiences = ? WHERE id = ?",
      type,
      shownAt,
      nameKey,
      terms,
      pairs,
      audiences,
      row.id,
    );
  }
  return rows.length < batchSize ? undefined : rows.at(-1)?.id;
}
