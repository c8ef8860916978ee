import type { BackgroundToken } from "../browser/background-tokens.ts";
import type { BlobSource } from "../browser/blob-source.ts";
import { createWebLock } from "../browser/web-lock.ts";
import { AbortedError } from "../errors.ts";
import type { ApiOptions } from "../ports.ts";
import { type Drained, drainQueue, isLeft } from "./drain-queue.ts";
import { openLeftQueue } from "./left-queue.ts";
import type { WorkerPlatform } from "./worker-requests.ts";

/**
 * A page that leads may be closed at any moment: the worker is there then. Browsers end what a worker does after some
 * minutes (Chromium: 5), and give it another turn where it says before that it is not done.
 */
const leadWithinMs = 120_000;

const nothing: Drained = { sent: [], failed: [], isWaiting: false };

const platform: Omit<WorkerPlatform<BlobSource>, "server" | "getToken"> = {
  fetch: (url, init) => fetch(url, { ...init, credentials: "omit" } as RequestInit),
  /** There is no worker in an insecure context: SubtleCrypto is always there. */
  async sha256(bytes) {
    const hash = await crypto.subtle.digest("SHA-256", await (await bytes.body()).arrayBuffer());
    return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
  },
  later(ms, callBack) {
    const timer = setTimeout(callBack, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Sends what one person has left on this device, if nobody else does, and steps down for a page that is looked at.
 *
 * @param getToken - what there is now to send it with
 * @returns `isWaiting`: another turn may bring more
 */
export async function drainOwner(
  { owner, server }: Pick<BackgroundToken, "owner" | "server">,
  getToken: ApiOptions["getToken"],
): Promise<Drained> {
  const store = await openLeftQueue(owner);
  try {
    if (!(await store.load()).some(isLeft)) return nothing;
    const lead = await createWebLock(owner).acquire(AbortSignal.timeout(leadWithinMs), () => true);
    try {
      return await drainQueue({ ...platform, server, getToken }, store, lead.lost);
    } finally {
      lead.release();
    }
  } catch (error) {
    if (!(error instanceof AbortedError)) throw error;
    return { ...nothing, isWaiting: true };
  } finally {
    store.close();
  }
}
