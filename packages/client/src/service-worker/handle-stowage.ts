import { openBackgroundTokens } from "../browser/background-tokens.ts";
import type { QueueRow } from "../queue/queue-store.ts";
import { drainOwner } from "./drain-owner.ts";
import type { WorkerEvent, WorkerScope } from "./worker-scope.ts";

/** What is said when all has ended with nobody looking; each may be said in words of your own. */
export interface NotificationWords {
  /** 1 or more are there. */
  sent(files: number): string;
  /** 1 or more were rejected or could not be sent. */
  failed(files: readonly Pick<QueueRow, "name" | "problem">[]): string;
}

export interface HandleStowageOptions {
  /** `false`: nothing is said. Default: in English, where the person has allowed notifications and no page is looked at. */
  readonly notifications?: Partial<NotificationWords> | false | undefined;
}

const tag = "stowage";

const files = (count: number): string => (count === 1 ? "1 file" : `${count} files`);

const englishWords: NotificationWords = {
  sent: (count) => `${files(count)} uploaded.`,
  failed: (failed) =>
    `${files(failed.length)} could not be uploaded: ${failed[0]?.name}. ${failed[0]?.problem?.detail ?? ""}`,
};

/**
 * Lets an application's own service worker go on with what is kept and unsent when its pages are closed: where there is
 * Background Sync, when the network is there. It sends with tokens that pages mint for it, never with a person's own.
 *
 * @param scope - the worker's `self`
 */
export function handleStowage(scope: WorkerScope, { notifications = {} }: HandleStowageOptions = {}): void {
  let last: Promise<unknown> = Promise.resolve();

  const drain = async (): Promise<void> => {
    const tokens = await openBackgroundTokens();
    try {
      const all = await tokens.all();
      const drained = await Promise.all(
        all.map(({ owner, server }) =>
          drainOwner({ owner, server }, async (refused) => {
            const now = await tokens.get(owner);
            if (now && (now.token === refused || now.expiresAtMs <= Date.now())) {
              // The page mints another.
              await tokens.remove(owner);
              return undefined;
            }
            return now?.token;
          }),
        ),
      );
      const sent = drained.flatMap((one) => one.sent);
      const failed = drained.flatMap((one) => one.failed);
      if (drained.some(({ isWaiting }) => isWaiting)) throw new Error("Not all is sent.");
      await notify(sent.length, failed);
    } finally {
      tokens.close();
    }
  };

  const notify = async (sent: number, failed: readonly QueueRow[]): Promise<void> => {
    if (!notifications || Notification.permission !== "granted") return;
    const pages = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
    if (pages.some(({ visibilityState }) => visibilityState === "visible")) return;
    const words = { ...englishWords, ...notifications };
    const said = [sent > 0 && words.sent(sent), failed.length > 0 && words.failed(failed)].filter(Boolean);
    if (said.length > 0) await scope.registration.showNotification(said.join(" "), { tag });
  };

  const openPage = async (): Promise<void> => {
    const [page] = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
    await (page?.focus?.() ?? scope.clients.openWindow(scope.registration.scope));
  };

  /** One after another; each sees what the one before left. */
  const drainNext = (event: WorkerEvent) => {
    const next = last.then(drain);
    last = next.catch(() => undefined);
    event.waitUntil?.(next);
  };
  const onTag = (event: WorkerEvent) => {
    if (event.tag === tag) drainNext(event);
  };

  // Rejected, it is tried again by the browser: some minutes later, a few times.
  scope.addEventListener("sync", onTag);
  scope.addEventListener("periodicsync", onTag);
  // Not held open: what pages ask of a worker waits until it is active.
  scope.addEventListener("activate", () => drainNext({}));
  scope.addEventListener("message", (event) => {
    if (event.data === tag) drainNext(event);
  });
  scope.addEventListener("notificationclick", (event) => {
    if (event.notification?.tag !== tag) return;
    event.notification.close();
    event.waitUntil?.(openPage());
  });
}
