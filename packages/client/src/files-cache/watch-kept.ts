import { maxFilesPerQuestion } from "./ask-files.ts";
import { type AskWhetherKept, createAskWhetherKept, type WhetherKeptNeeds } from "./ask-whether-kept.ts";
import type { CacheStore } from "./cache-store.ts";
import type { KeptInUse } from "./kept-in-use.ts";

export interface WatchNeeds extends WhetherKeptNeeds {
  readonly store: CacheStore;
  readonly inUse: KeptInUse;
}

export interface WatchKept extends Pick<AskWhetherKept, "mayShow"> {
  /** Something is in use: what is kept is asked after for as long as somebody looks. */
  start(): void;
  /** The network, the page or the person may be others than before: everything is asked after. */
  meet(): void;
  close(): void;
}

/** From one question to the next while something is looked at: with an answer's way, less than 2 s. */
const askEveryMs = 1_200;

/**
 * Has the server asked whether what is kept may still be read. While somebody looks and something was used lately every 1.2 s: after all
 * that is in use, and after a hundred of the rest in turn. At each contact (the program's start, a network that comes back, a page that is
 * looked at again) after everything.
 */
export function watchKept(needs: WatchNeeds): WatchKept {
  const { store, inUse, contact, clock, abortController, judge } = needs;
  const whether = createAskWhetherKept(needs);
  const closing = abortController();
  let isRunning = false;
  let restAfter = "";

  const keptIds = async () => [...new Set((await store.list()).map(({ fileId }) => fileId))].sort();

  const look = async (): Promise<void> => {
    await judge.expire();
    // Who is not taken is not taken 1.2 s later: a contact, or a sign-in, asks again.
    if (!contact.isOnline() || whether.isRefused()) return;
    const used = inUse.fileIds();
    const rest = (await keptIds()).filter((id) => !used.has(id));
    const next = rest.findIndex((id) => id > restAfter);
    const turn = rest.slice(Math.max(0, next), Math.max(0, next) + maxFilesPerQuestion);
    restAfter = turn.at(-1) ?? "";
    await Promise.all([whether.askAll(used), whether.askAll(turn)]);
  };
  const run = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    try {
      while (!closing.signal.aborted && contact.isVisible() && inUse.isAny()) {
        const beganAtMs = clock.nowMs();
        await look();
        await clock.delay(Math.max(0, beganAtMs + askEveryMs - clock.nowMs()), closing.signal);
      }
    } finally {
      isRunning = false;
    }
  };
  const askEverything = async (): Promise<void> => {
    whether.renew();
    await judge.expire(true);
    if (contact.isOnline()) await whether.askAll(new Set([...inUse.fileIds(), ...(await keptIds())]));
    await run();
  };
  // Where this device's storage fails, the next use or contact asks again, and whoever reads from it is told.
  const inBackground = (work: () => Promise<void>): void => void work().catch(() => undefined);

  const meet = () => inBackground(askEverything);
  const stopListening = contact.onContact(meet);
  meet();

  return {
    mayShow: whether.mayShow,
    start: () => inBackground(run),
    meet,
    close() {
      stopListening();
      whether.close();
      closing.abort();
    },
  };
}
