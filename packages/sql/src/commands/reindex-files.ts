import type { SqliteConnection } from "../sqlite-connection.ts";
import { indexFile } from "./index-file.ts";

const batchSize = 1000;

/** Brings what lists go by up to date with every file there is; to be called within a transaction. */
export function reindexFiles(connection: SqliteConnection): void {
  let last = "";
  for (;;) {
    const rows = connection.all<{ id: string }>(
      "SELECT id FROM files WHERE id > ? ORDER BY id LIMIT ?",
      last,
      batchSize,
    );
    for (const { id } of rows) {
      indexFile({ connection }, id);
      last = id;
    }
    if (rows.length < batchSize) return;
  }
}
