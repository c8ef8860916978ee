import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** A file of the bucket, and which of a place's objects has its bytes. */
export interface ListedFile {
  /** Below the bucket's directory, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Of its last change, in whole milliseconds since 1970: with path and size it tells whether it is the same still. */
  readonly modifiedAtMs: number;
  /** Lower-case hex, of the file as it lies. Two files with the same are two names of one. */
  readonly sha256: string;
  /** Of a file that lists the parts of an object: the further name that it has beside them. */
  readonly anchor?: string;
}

/** The list of a backup's files, itself a file. */
export interface FileList extends Disposable {
  find(path: string): ListedFile | undefined;
  /** Takes the place of what the path had. Kept for good by `save`, or every now and then. */
  add(file: ListedFile): void;
  /** Files whose paths begin so, by path. */
  below(prefix: string): ListedFile[];
  /** All of them; those of the same bytes one after the other. */
  all(): Iterable<ListedFile>;
  /** How many there are, and the bytes of those that differ. */
  total(): { readonly files: number; readonly bytes: number };
  /** Puts what has been added on the disk. */
  save(): void;
}

interface Row {
  readonly path: string;
  readonly size_bytes: number;
  readonly modified_at: number;
  readonly sha256: string;
  readonly anchor: string | null;
}

const schema = `CREATE TABLE IF NOT EXISTS files (
  path TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, modified_at INTEGER NOT NULL, sha256 TEXT NOT NULL, anchor TEXT
) STRICT, WITHOUT ROWID`;

/** Those added since are lost when the process dies, and found anew. */
const savedAtOnce = 1_000;

/** Makes a list that is not there. Throws SQLite's error for a file that is none. */
export function openFileList(file: string, { readOnly = false } = {}): FileList {
  // SQLite would make it by the umask.
  if (!readOnly) closeSync(openSync(file, "a", 0o600));
  const database = new DatabaseSync(file, { readOnly });
  try {
    // Nobody else opens it at the same time; some file systems that hold backups know no locks.
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    if (!readOnly) database.exec(schema);
    return listIn(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function listIn(database: DatabaseSync): FileList {
  const select = database.prepare("SELECT * FROM files WHERE path = ?");
  const insert = database.prepare("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)");
  const selectBelow = database.prepare("SELECT * FROM files WHERE path >= ? AND path < ? ORDER BY path");
  const selectAll = database.prepare("SELECT * FROM files ORDER BY sha256, path");
  const selectTotal = database.prepare(
    `SELECT (SELECT count(*) FROM files) AS files, coalesce(sum(size), 0) AS bytes
     FROM (SELECT max(size_bytes) AS size FROM files GROUP BY sha256)`,
  );
  let unsaved = 0;

  const save = (): void => {
    if (database.isTransaction) database.exec("COMMIT");
    unsaved = 0;
  };

  return {
    find(path) {
      const row = select.get(path) as unknown as Row | undefined;
      return row && listedFile(row);
    },
    add({ path, sizeBytes, modifiedAtMs, sha256, anchor = null }) {
      if (!database.isTransaction) database.exec("BEGIN");
      insert.run(path, sizeBytes, modifiedAtMs, sha256, anchor);
      unsaved += 1;
      if (unsaved >= savedAtOnce) save();
    },
    below: (prefix) => (selectBelow.all(prefix, `${prefix}\u{10ffff}`) as unknown as Row[]).map(listedFile),
    *all() {
      for (const row of selectAll.iterate() as Iterable<unknown>) yield listedFile(row as Row);
    },
    total: () => selectTotal.get() as unknown as { files: number; bytes: number },
    save,
    [Symbol.dispose]() {
      if (!database.isOpen) return;
      save();
      database.close();
    },
  };
}

const listedFile = ({ path, size_bytes, modified_at, sha256, anchor }: Row): ListedFile => ({
  path,
  sizeBytes: size_bytes,
  modifiedAtMs: modified_at,
  sha256,
  ...(anchor !== null && { anchor }),
});

/** Adds what is in one list to another, which is made where it is not there. */
export function mergeFileLists(from: string, into: string): void {
  using target = openFileList(into);
  // One that a process died over may have to be rolled back first.
  using source = openFileList(from);
  for (const file of source.all()) target.add(file);
}
