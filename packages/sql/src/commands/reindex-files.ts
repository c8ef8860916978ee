import type { SqliteConnection } from "../sqlite-connection.ts";
import { indexRow, type ListedRow, selectListed } from "./index-file.ts";

/** What is inserted together goes in order, so that pages of the index are written once: some 50 MB of memory. */
const batchSize = 20_000;

type Key = readonly [owner: string, termOrPair: string, createdAtMs: number, fileId: string];

/** Makes what lists go by anew for every file there is; to be called within a transaction. */
export function reindexFiles(connection: SqliteConnection): void {
  connection.exec("DELETE FROM file_terms");
  connection.exec("DELETE FROM file_pairs");
  let last = "";
  for (;;) {
    const rows = connection.all<ListedRow>(
      `${selectListed} WHERE f.id > ? ORDER BY f.id LIMIT ?`,
      last,
      batchSize,
    );
    const terms: Key[] = [];
    const pairs: Key[] = [];
    for (const row of rows) {
      const listed = indexRow({ connection }, row);
      for (const term of listed.terms) terms.push([row.owner_id, term, 0, row.id]);
      for (const pair of listed.pairs) pairs.push([row.owner_id, pair, row.created_at, row.id]);
    }
    for (const [ownerId, term, , fileId] of terms.sort(inOrder))
      connection.run(
        "INSERT INTO file_terms (owner_id, term, file_id) VALUES (?, ?, ?)",
        ownerId,
        term,
        fileId,
      );
    for (const key of pairs.sort(inOrder))
      connection.run(
        "INSERT INTO file_pairs (owner_id, pair, created_at, file_id) VALUES (?, ?, ?, ?)",
        ...key,
      );
    const next = rows.at(-1);
    if (rows.length < batchSize || !next) return;
    last = next.id;
  }
}

/** As the indexes have it, or nearly so: it is only for speed. */
const inOrder = (one: Key, other: Key): number =>
  compare(one[0], other[0]) || compare(one[1], other[1]) || other[2] - one[2] || compare(one[3], other[3]);

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
