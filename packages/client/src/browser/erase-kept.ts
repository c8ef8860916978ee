import { beginningWith, createKeptDatabase, keptStores } from "./kept-database.ts";

/**
 * Erases all that a person keeps in this browser for reading offline. What another tab is just fetching is not waited for: it
 * `close()`s its cache, or erases once more.
 *
 * @param owner - server and person, as JSON
 */
export async function eraseKept(owner: string): Promise<void> {
  const database = createKeptDatabase();
  try {
    const opened = await database.get().catch(() => undefined);
    // A browser that gives no storage keeps nothing.
    if (!opened) return;
    const tx = opened.transaction(keptStores, "readwrite");
    const all = beginningWith(owner);
    await Promise.all([...keptStores.map((name) => tx.objectStore(name).delete(all)), tx.done]);
  } finally {
    database.close();
  }
}
