import { beginningWith, createKeptDatabase, keptStores } from "./kept-database.ts";

/**
 * Erases all that a person keeps in this browser for reading offline. What another tab is just fetching is not waited for: it
 * `close()`s its cache, or erases once more.
 *
 * @param owner - server and person, as JSON
 */
export const eraseKept = (owner: string): Promise<void> => erase(beginningWith(owner));

/** The same of all people of a server, for whom nobody can tell who it was. */
export async function eraseKeptOf(server: string): Promise<void> {
  const start = `[${JSON.stringify(server)},`;
  await erase(IDBKeyRange.bound([start], [`${start}\uffff`]));
}

async function erase(keys: IDBKeyRange): Promise<void> {
  const database = createKeptDatabase();
  try {
    const opened = await database.get().catch(() => undefined);
    // A browser that gives no storage keeps nothing.
    if (!opened) return;
    const tx = opened.transaction(keptStores, "readwrite");
    await Promise.all([...keptStores.map((name) => tx.objectStore(name).delete(keys)), tx.done]);
  } finally {
    database.close();
  }
}
