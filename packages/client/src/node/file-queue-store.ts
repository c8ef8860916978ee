import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { AbortedError, FileChangedError, FileUnreadableError, StorageFullError } from "../errors.ts";
import type { QueueRow, QueueStore } from "../queue/queue-store.ts";
import { type NodeSource, nodeSource } from "./node-source.ts";
import { ownerFolder } from "./owner-folder.ts";
import { openQueueDatabase } from "./queue-database.ts";

/** Where a kept file is, and what tells that it is the same still. Numbers beyond 2^53 are text. */
interface Place {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeNs: string;
  readonly inode: string;
}

const isOrphan = "id NOT IN (SELECT id FROM rows)";

/**
 * A queue in a folder on a local disk, which several processes may have open. Files are not copied: what is kept of one
 * is where it is, with its size, the time of its last change and its inode. Where one of these is another when it is to
 * be sent, `source` throws FileChangedError; one that is gone is `undefined`.
 *
 * @param directory - made where it is missing, for nobody else to look into; owners have a folder each in it
 * @param owner - who and where, any string
 * @throws StorageFullError, Error where the folder can't be used
 */
export async function openFileQueueStore(directory: string, owner: string): Promise<QueueStore<NodeSource>> {
  const folder = ownerFolder(directory, owner);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const database = await openQueueDatabase(join(folder, "queue.sqlite"));

  const placeOf = (id: string): Place | undefined => {
    const [place] = database.read("SELECT place FROM places WHERE id = ?", id);
    return place === undefined ? undefined : (JSON.parse(place) as Place);
  };

  const clearAway = async () => {
    try {
      await database.change((run) => run(`DELETE FROM places WHERE ${isOrphan}`));
    } catch (error) {
      // It needs room, too. They are in nobody's way: the next time will do.
      if (!(error instanceof StorageFullError)) throw error;
    }
  };

  return {
    isDurable: true,
    async claim(person, beforeMs = 0) {
      const noted = () => database.read("SELECT person FROM owner")[0];
      if (noted() === person) return person;
      await database.change((run) =>
        run(
          `INSERT INTO owner SELECT 1, ?
           WHERE EXISTS (SELECT 1 FROM owner) OR NOT EXISTS (SELECT 1 FROM rows WHERE position < ?)
           ON CONFLICT DO UPDATE SET person = excluded.person WHERE NOT EXISTS (SELECT 1 FROM rows)`,
          person,
          beforeMs,
        ),
      );
      return noted();
    },
    async load() {
      if (database.read(`SELECT id FROM places WHERE ${isOrphan} LIMIT 1`).length > 0) await clearAway();
      const rows = database.read("SELECT row FROM rows ORDER BY position, rowid");
      return rows.map((row) => JSON.parse(row) as QueueRow);
    },
    write: (rows) =>
      database.change((run) => {
        for (const row of rows)
          run(
            "INSERT INTO rows VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET position = excluded.position, row = excluded.row",
            row.id,
            row.order,
            JSON.stringify(row),
          );
      }),
    erase: (ids) =>
      database.change((run) => {
        for (const id of ids) {
          run("DELETE FROM rows WHERE id = ?", id);
          run("DELETE FROM places WHERE id = ?", id);
        }
      }),
    async keep(id, { path, absolutePath, sizeBytes, mtimeNs }, signal) {
      if (signal.aborted) throw new AbortedError();
      const now = await look(absolutePath, path);
      if (!now) throw new FileUnreadableError(path);
      if (now.sizeBytes !== sizeBytes || now.mtimeNs !== String(mtimeNs)) throw new FileChangedError(path);
      if (signal.aborted) throw new AbortedError();
      // The row that says so is written after it, and is synced: this is on the disk then, too.
      await database.change(
        (run) => run("REPLACE INTO places VALUES (?, ?)", id, JSON.stringify(now)),
        false,
      );
    },
    release: (ids) =>
      database.change((run) => {
        for (const id of ids) run("DELETE FROM places WHERE id = ?", id);
      }),
    async source({ id, name, sizeBytes, contentType }) {
      const place = placeOf(id);
      if (place?.sizeBytes !== sizeBytes) return undefined;
      const now = await look(place.path, name);
      if (!now) return undefined;
      if (JSON.stringify(now) !== JSON.stringify(place)) throw new FileChangedError(name);
      const stats = { size: BigInt(place.sizeBytes), mtimeNs: BigInt(place.mtimeNs) };
      return nodeSource(place.path, { name, contentType, stats });
    },
    close: database.close,
  };
}

/**
 * What is at a path now; nothing where nothing is.
 *
 * @throws FileUnreadableError
 */
async function look(path: string, name: string): Promise<Place | undefined> {
  try {
    const { size, mtimeNs, ino } = await stat(path, { bigint: true });
    return { path, sizeBytes: Number(size), mtimeNs: String(mtimeNs), inode: String(ino) };
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR"))
      return undefined;
    throw new FileUnreadableError(name, { cause });
  }
}
