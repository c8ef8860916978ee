import type { BackgroundToken } from "../browser/background-tokens.ts";
import { openIndexedDbStore } from "../browser/open-indexed-db-store.ts";
import { createWebLock } from "../browser/web-lock.ts";
import { AbortedError } from "../errors.ts";
import { type Drained, drainQueue } from "./drain-queue.ts";
import { createWorkerUploader } from "./worker-uploader.ts";

/**
 * A page that leads may be closed at any moment: the worker is there then. Browsers end what a worker does after some
 * minutes (Chromium: 5), and give it another turn where it says before that it is not done.
 */
const leadWithinMs = 120_000;

const nothing: Drained = { sent: [], failed: [], isWaiting: false };

/**
 * Sends what one person has left on this device, if nobody else does, and steps down for a page that is looked at.
 *
 * @param getToken - what there is now to send it with
 * @returns `isWaiting`: another turn may bring more
 */
export async function drainOwner(
  { owner, server }: Pick<BackgroundToken, "owner" | "server">,
  getToken: (refused?: string) => Promise<string | undefined>,
): Promise<Drained> {
  const store = await openIndexedDbStore(owner);
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), leadWithinMs);
  try {
    if (!(await store.load()).some(({ state, isKept }) => state === "saved" && isKept)) return nothing;
    const lead = await createWebLock(owner).acquire(waiting.signal, () => true);
    try {
      return await drainQueue(createWorkerUploader({ server, getToken }), store, lead.lost);
    } finally {
      lead.release();
    }
  } catch (error) {
    if (!(error instanceof AbortedError)) throw error;
    return { ...nothing, isWaiting: true };
  } finally {
    clearTimeout(timer);
    store.close();
  }
}
