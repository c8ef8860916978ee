import { abortable } from "../abortable.ts";
import { ClientError, FileChangedError } from "../errors.ts";
import { newRef } from "../new-ref.ts";
import type { FileSource } from "../ports.ts";
import type { Uploader } from "../uploader.ts";
import type { NewItem, QueueEvent } from "./queue-event.ts";
import { isEnding, likeness, type QueueItem } from "./queue-item.ts";
import { totalsOf } from "./queue-totals.ts";
import { createQueuedUpload, type QueuedUpload } from "./queued-upload.ts";
import { type QueueOptions, runQueue } from "./run-queue.ts";
import { createShownItems } from "./show-items.ts";
import { hasEnded } from "./upload-item.ts";
import type { UploadQueue, UploadQueueSnapshot } from "./upload-queue.ts";

const publishIntervalMs = 100;
const eraseWithinMs = 5000;

/**
 * A queue over an uploader. The uploader's `concurrency` bounds how many are sent at once; each create, complete and poll is
 * asked for many items together.
 *
 * @param options - default: in memory, for this program alone
 */
export function createUploadQueue<Source extends FileSource>(
  uploader: Uploader<Source>,
  options: QueueOptions<Source> = {},
): UploadQueue<Source> {
  const { clock, random, abortController } = uploader.platform;
  const life = abortController();
  const listeners = new Set<() => void>();
  const handles = new Map<string, QueuedUpload<Source>>();
  const nothing: readonly QueueItem<Source>[] = [];
  const shown = createShownItems<Source>();
  let all = shown.show(nothing);
  let snapshot: UploadQueueSnapshot<Source> = { items: all, totals: totalsOf(nothing) };
  let isPublishing = false;
  let lastOrder = 0;
  let wantingFiles = 0;

  const itemsNow = () => running.state().items;
  const publish = () => {
    const before = all;
    all = shown.show(life.signal.aborted ? nothing : itemsNow());
    running.share(all, before);
    if (all === before) return;
    // Whoever waits for what is about to leave the list knows how it ended.
    for (const [id, handle] of handles) if (handle.item !== shown.get(id)) handles.delete(id);
    const items = all.filter(({ isDismissed }) => !isDismissed);
    snapshot = { items, totals: totalsOf(items) };
    // One that throws is reported as what nobody handles, and stops nothing here.
    for (const listener of listeners) void (async () => listener())();
  };
  const publishSoon = async () => {
    if (isPublishing) return;
    isPublishing = true;
    try {
      await clock.delay(publishIntervalMs, life.signal);
    } catch {
      // Closed meanwhile: there is nobody to tell.
      return;
    }
    isPublishing = false;
    publish();
  };
  const running = runQueue(
    uploader,
    options,
    (isShown) => (isShown ? publish() : void publishSoon()),
    () => wantingFiles > 0,
  );

  const handleOf = (item: UploadQueueSnapshot<Source>["items"][number]): QueuedUpload<Source> => {
    const handle = handles.get(item.id) ?? createQueuedUpload(queue, shown.get, item);
    handles.set(item.id, handle);
    return handle;
  };
  const act = (event: QueueEvent<Source>) => {
    running.act(event);
    publish();
  };
  const allIds = () => itemsNow().map(({ id }) => id);
  const retry = (ids: readonly string[], isAll: boolean) => {
    for (const id of ids) running.act({ type: "retried", id, newRef: newRef(random), isAll });
    publish();
  };
  const dismiss = (ids: readonly string[]) => {
    // What has just ended, and was not shown so.
    publish();
    // An end that the program that leads has not shown yet nobody has seen.
    act({ type: "dismissed", ids: ids.filter((id) => hasEnded(shown.get(id) ?? { state: "saved" })) });
  };
  const until = (isSo: () => boolean): Promise<void> =>
    abortable(
      new Promise((resolve) => {
        if (isSo()) return resolve();
        const stop = queue.subscribe(() => {
          if (!isSo()) return;
          stop();
          resolve();
        });
      }),
      life.signal,
    );

  const queue: UploadQueue<Source> = {
    subscribe(listener, { files = false } = {}) {
      listeners.add(listener);
      wantingFiles += +files;
      return () => {
        if (listeners.delete(listener)) wantingFiles -= +files;
      };
    },
    getSnapshot: () => snapshot,
    add(sources, options = {}) {
      if (life.signal.aborted) return [];
      const items: NewItem<Source>[] = [];
      const needy = new Map<string, string>();
      for (const item of itemsNow())
        if (item.state === "needs-file") needy.set(likeness(item, item.options), item.id);
      const ids = Array.from(sources, (source) => {
        const like = likeness(source, options);
        const id = needy.get(like) ?? newRef(random);
        if (needy.delete(like)) running.add({ type: "attached", id, source });
        else {
          // Later than whatever is there from before, as long as this device's clock is not set back.
          lastOrder = Math.max(lastOrder + 1, Date.now());
          items.push({ id, order: lastOrder, source });
        }
        return id;
      });
      running.add({ type: "added", items, options });
      publish();
      return ids.flatMap((id) => queue.get(id) ?? []);
    },
    list: () => snapshot.items.map(handleOf),
    get(id) {
      const item = shown.get(id);
      return item && handleOf(item);
    },
    group(name) {
      const list = () => queue.list().filter(({ item }) => item.group === name);
      return {
        list,
        totals: () => totalsOf(list().map(({ item }) => item)),
        result: () => Promise.all(list().map((upload) => upload.result())),
      };
    },
    pause: (id) => act({ type: "paused", ids: [id] }),
    resume: (id) => act({ type: "resumed", ids: [id] }),
    cancel: (id) => act({ type: "cancelled", ids: [id] }),
    retry: (id) => retry([id], false),
    attach(id, source) {
      const item = shown.get(id);
      if (item && item.sizeBytes !== source.sizeBytes) throw new FileChangedError(source.name);
      running.add({ type: "attached", id, source });
      publish();
    },
    pauseAll: () => act({ type: "paused", ids: allIds() }),
    resumeAll: () => act({ type: "resumed", ids: allIds() }),
    cancelAll: () => act({ type: "cancelled", ids: allIds() }),
    retryAll: () => retry(allIds(), true),
    signedIn: () => act({ type: "signed-in" }),
    dismiss: (id) => dismiss([id]),
    clearEnded: () => dismiss(allIds()),
    get isDurable() {
      return running.isDurable();
    },
    unsent: () => itemsNow().filter((item) => !hasEnded(item)).length,
    whenIdle: () => until(() => itemsNow().every((item) => hasEnded(item) || isForPerson.has(item.state))),
    async whenStored() {
      await running.stored();
    },
    async erase() {
      const within = (done: Promise<unknown>) =>
        Promise.race([done.then(() => true), clock.delay(eraseWithinMs, life.signal)]);
      const hasBegun = await within(running.begun);
      queue.cancelAll();
      // Where another program leads, it says so.
      await within(until(() => itemsNow().every((item) => hasEnded(item) && !isEnding(item))));
      act({ type: "erased" });
      const heard = async () => {
        while (running.acts.size > 0) await clock.delay(publishIntervalMs, life.signal);
      };
      const isHeard = hasBegun && (await within(heard()));
      await within(running.stored());
      if (isHeard) return;
      // Who leads later would erase what is added from now on, too.
      running.acts.clear();
      throw new ClientError("not-erased", "What is unsent here could not be deleted.");
    },
    close() {
      if (life.signal.aborted) return;
      // What has just ended is told so.
      publish();
      running.close();
      life.abort();
      publish();
    },
  };
  return queue;
}

const isForPerson: ReadonlySet<string> = new Set(["paused", "needs-file", "waiting-for-sign-in"]);
