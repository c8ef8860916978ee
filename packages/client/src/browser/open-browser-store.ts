import { noQueueStore } from "../queue/no-queue-store.ts";
import type { QueueStore } from "../queue/queue-store.ts";
import type { BlobSource } from "./blob-source.ts";
import { openIndexedDbStore } from "./open-indexed-db-store.ts";

/**
 * Opens the queue of one person at one server on this device. Where the browser keeps nothing (an insecure context, a
 * private window that refuses, another tab with an older version that does not let go) it is one that keeps
 * nothing, which says `isDurable: false`.
 *
 * @param owner - who and where, any string: each has a database and a folder of their own
 */
export async function openBrowserStore(owner: string): Promise<QueueStore<BlobSource>> {
  try {
    if (globalThis.isSecureContext) return await openIndexedDbStore(owner);
  } catch (error) {
    console.warn("Stowage keeps no uploads.", error);
  }
  return noQueueStore;
}
