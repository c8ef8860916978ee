import type { BlobSource } from "../browser/blob-source.ts";
import { keptSource } from "../browser/kept-source.ts";
import { removeOpfsFiles } from "../browser/opfs-folder.ts";
import { openQueueDatabase } from "../browser/queue-database.ts";
import type { FileSource } from "../ports.ts";
import type { QueueStore } from "../queue/queue-store.ts";

/** What a worker does with a queue that pages left: it adds nothing to it. */
export type LeftQueue<Source extends FileSource> = Pick<
  QueueStore<Source>,
  "load" | "write" | "erase" | "release" | "source" | "close"
>;

/**
 * One person's queue as `openIndexedDbStore` keeps it. Bytes without a row are left to pages to clear away.
 *
 * @throws DOMException, where the browser keeps nothing
 */
export async function openLeftQueue(owner: string): Promise<LeftQueue<BlobSource>> {
  const name = `stowage ${owner}`;
  const database = await openQueueDatabase(name);
  const folder = encodeURIComponent(name);
  const release = async (ids: readonly string[]): Promise<void> => {
    await database.change((to) => ids.forEach(to.eraseBytes));
    await removeOpfsFiles(folder, ids);
  };
  return {
    load: async () => (await database.rows()).sort((one, other) => one.order - other.order),
    write: (rows) => database.change((to) => rows.forEach(to.put)),
    async erase(ids) {
      await database.change((to) => ids.forEach(to.erase));
      await release(ids);
    },
    release,
    source: (row) => keptSource(database, folder, row),
    close: database.close,
  };
}
