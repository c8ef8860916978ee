import { DatabaseSync } from "node:sqlite";

/** An object that a row can't do without. */
export interface NeededObject {
  readonly key: string;
  /** Whose content or derivative it is. */
  readonly file?: { readonly id: string; readonly version: number };
  /** An upload that is to be verified. */
  readonly uploadId?: string;
}

interface VersionRow {
  readonly file_id: string;
  readonly version: number;
  readonly key: string;
  readonly derivatives: string;
}

type PageRow = Omit<VersionRow, "derivatives">;

/** Made pages of documents, which a database of an older Stowage knows nothing of. */
function pagesIn(database: DatabaseSync): Iterable<PageRow> {
  const table = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'derivative_makes'").get();
  if (!table) return [];
  const pages: Iterable<unknown> = database
    .prepare("SELECT file_id, version, made_key AS key FROM derivative_makes WHERE made_key IS NOT NULL")
    .iterate();
  return pages as Iterable<PageRow>;
}

/**
 * The objects that the rows of a database file need: of every version its content and its derivatives, and what is
 * to be verified. Reads a file that nobody writes to, such as a copy.
 *
 * Throws what SQLite throws for a file that can't be read.
 */
export function* listNeededObjects(file: string): Generator<NeededObject, void, undefined> {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const versions = database.prepare("SELECT file_id, version, key, derivatives FROM versions").iterate();
    for (const row of versions as Iterable<unknown>) {
      const { file_id: id, version, key, derivatives } = row as VersionRow;
      const about = { id, version };
      yield { key, file: about };
      for (const derivative of JSON.parse(derivatives) as { readonly key: string }[])
        yield { key: derivative.key, file: about };
    }
    for (const { file_id: id, version, key } of pagesIn(database)) yield { key, file: { id, version } };
    const uploads = database
      .prepare("SELECT id, landing_key FROM uploads WHERE state IN ('uploaded', 'verifying')")
      .iterate();
    for (const row of uploads as Iterable<unknown>) {
      const { id, landing_key: key } = row as { readonly id: string; readonly landing_key: string };
      yield { key, uploadId: id };
    }
  } finally {
    database.close();
  }
}
