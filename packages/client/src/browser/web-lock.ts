import { AbortedError } from "../errors.ts";
import type { QueueLead, QueueLock } from "../queue/queue-lock.ts";

/** Who leads and does not say so within this time is frozen, or hangs. */
const answerWithinMs = 2000;

/**
 * The lead among the tabs and the service worker of an origin, by a Web Lock. A tab that is looked at asks whoever leads
 * for it, again and again while it waits: one that is not looked at steps down where it may, one that does not answer is
 * robbed. In an insecure context there are no such locks: each tab leads.
 */
export const createWebLock = (owner: string): QueueLock => ({
  acquire: (signal, mayYield) =>
    new Promise((resolve, reject) => {
      const name = `stowage lead ${owner}`;
      const lost = new AbortController();
      const waiting = new AbortController();
      const channel = new BroadcastChannel(name);
      let leads = false;
      let isAnswered = true;
      let timer: ReturnType<typeof setTimeout>;

      const stop = () => {
        channel.close();
        clearTimeout(timer);
        globalThis.document?.removeEventListener("visibilitychange", askAgain);
        signal.removeEventListener("abort", abort);
      };
      const abort = () => {
        if (leads) return;
        stop();
        waiting.abort();
        reject(new AbortedError());
      };
      const lead = (release: QueueLead["release"]) => {
        leads = true;
        clearTimeout(timer);
        resolve({
          lost: lost.signal,
          release() {
            stop();
            release();
          },
        });
      };
      const request = async (options: LockOptions) => {
        let isHeld = false;
        try {
          await navigator.locks.request(
            name,
            options,
            () =>
              new Promise<void>((release) => {
                isHeld = true;
                lead(release);
                // Others that are about to rob who led before hear of it.
                channel.postMessage(true);
              }),
          );
        } catch {
          // Robbed; or given up for robbing, or for good; or locks are refused, as where cookies are.
          if (isHeld) lost.abort();
          else if (!waiting.signal.aborted) lead(() => undefined);
        }
      };
      const ask = () => {
        if (leads || !isSeen()) return;
        if (!isAnswered) {
          waiting.abort();
          void request({ steal: true });
          return;
        }
        isAnswered = false;
        channel.postMessage(false);
        timer = setTimeout(ask, answerWithinMs);
      };
      const askAgain = () => {
        clearTimeout(timer);
        isAnswered = true;
        ask();
      };

      // `true`: who leads is alive. `false`: somebody asks for the lead.
      channel.onmessage = ({ data: isAlive }) => {
        if (isAlive) isAnswered = true;
        else if (leads) {
          channel.postMessage(true);
          if (!isSeen() && mayYield()) lost.abort();
        }
      };
      signal.addEventListener("abort", abort);
      if (signal.aborted) return abort();
      if (!navigator.locks as boolean) return lead(() => undefined);
      globalThis.document?.addEventListener("visibilitychange", askAgain);
      void request({ signal: waiting.signal });
      ask();
    }),
});

/** A service worker has no document, and is never looked at. */
const isSeen = (): boolean => globalThis.document?.visibilityState === "visible";
