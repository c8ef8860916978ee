import { AbortedError, ClientError, StorageFullError } from "../errors.ts";
import { newRef } from "../new-ref.ts";
import type { AbortControllerLike, FileSource } from "../ports.ts";
import type { Uploader } from "../uploader.ts";
import { createWakeUp } from "./create-wake-up.ts";
import { decideQueue } from "./decide-queue.ts";
import { describeFailure } from "./describe-failure.ts";
import type { Ears, Message } from "./hear-programs.ts";
import { loadBeside } from "./load-beside.ts";
import { noQueueStore } from "./no-queue-store.ts";
import type { QueueChannel } from "./queue-channel.ts";
import type { QueueCommand, QueueEvent } from "./queue-event.ts";
import { isHeldHere, rowOf } from "./queue-item.ts";
import type { QueueLock } from "./queue-lock.ts";
import { emptyQueue, type QueueState } from "./queue-state.ts";
import type { QueueRow, QueueStore } from "./queue-store.ts";
import { createSendItem } from "./send-item.ts";
import type { UploadItem } from "./upload-item.ts";

/** One person's queue on this device, opened. */
export interface OpenQueue<Source extends FileSource> {
  readonly store: QueueStore<Source>;
  /** Default: no other program has this queue. */
  readonly lock?: QueueLock | undefined;
  readonly channel?: QueueChannel | undefined;
}

/** Of so many that are kept the queue hears together, and of all of them before one that is larger, which takes its time. */
const keptTogether = 20;
const soonKeptBytes = 1_000_000;

export interface QueueOptions<Source extends FileSource> {
  /**
   * One that is not there yet is waited for: until then nothing is sent, and what is added is only in memory. Default: one in
   * memory, for this program alone.
   */
  readonly queue?: OpenQueue<Source> | Promise<OpenQueue<Source>> | undefined;
  /** What can't be kept is refused, with all that was added with it. Default: it is sent all the same. */
  readonly isKeepingRequired?: boolean | undefined;
  /** Told when somebody wants something tried again here. */
  onRetry?(): void;
}

/** By the ids of items; what is erased may be written anew after that. */
interface Changes {
  readonly erase: Map<string, true>;
  readonly write: Map<string, QueueRow>;
  readonly release: Map<string, true>;
}

export interface RunningQueue<Source extends FileSource> {
  state(): QueueState<Source>;
  /** Adds files to what this program has. */
  add(event: Extract<QueueEvent<Source>, { type: "added" | "attached" }>): void;
  /** What a person did: done by the program that leads. */
  act(event: QueueEvent<Source>): void;
  /** Shows the others how the items look now that looked like those before. */
  share(items: readonly UploadItem[], before?: readonly UploadItem[]): void;
  isDurable(): boolean;
  /** Resolves once it is known what is in the queue: this program leads, or has heard from the one that does. */
  readonly begun: Promise<unknown>;
  /** What a person did here that no program that leads has heard yet. */
  readonly acts: Map<string, QueueEvent<Source>>;
  /** Resolves once what was decided so far is in the store. */
  stored(): Promise<unknown>;
  close(): void;
}

/**
 * Carries out what `decideQueue` decides, over the ports.
 *
 * @param onChange - told after each event that changed something; whether it is what another program shows
 * @param wantsFiles - whether somebody wants to know what uploads have become
 */
export function runQueue<Source extends FileSource>(
  uploader: Uploader<Source>,
  { queue: opening = { store: noQueueStore }, isKeepingRequired = false, onRetry }: QueueOptions<Source>,
  onChange: (isShown?: boolean) => void,
  wantsFiles: () => boolean,
): RunningQueue<Source> {
  const { abortController, random, clock } = uploader.platform;
  const life = abortController();
  const runs = new Map<number, { readonly controller: AbortControllerLike; readonly done: Promise<void> }>();
  const keeping = new Map<string, AbortControllerLike>();
  const ending = new Set<string>();
  /** Where it can't be opened, nothing is kept. */
  const opened = Promise.resolve(opening).catch(
    (error: unknown): OpenQueue<Source> => ({
      store: { ...noQueueStore, keep: () => Promise.reject(error) },
    }),
  );
  let open = "then" in opening ? undefined : opening;
  const isAlone = open && !open.lock && !open.store.isDurable;
  let state: QueueState<Source> = emptyQueue;
  let storing: Promise<unknown> = Promise.resolve();
  let keepingAll: Promise<unknown> = storing;
  /** Heard twice, in this order, it is as if once. */
  const acts = new Map<string, QueueEvent<Source>>();
  let hearing = storing;
  let hear: ((message: Message<Source>) => void) | undefined;
  let findFiles: ((fileId: string) => void) | undefined;

  const itemOf = (id: string) => state.items[state.at.get(id) ?? -1];
  const hasWaiting = () => state.counts[3] > 0;
  const post = (message: Message<Source>) => {
    if (!life.signal.aborted) open?.channel?.post(message);
  };

  let begin: ((value?: unknown) => void) | undefined;
  const begun = new Promise((resolve) => {
    begin = resolve;
  });

  const dispatch = (event: QueueEvent<Source>): void => {
    if (life.signal.aborted) return;
    if (event.type === "led" || event.type === "mirrored") begin?.();
    if (event.type === "retried") onRetry?.();
    const { state: next, commands } = decideQueue(state, event);
    const hasChanged = next !== state;
    state = next;
    for (const command of commands) perform(command);
    if (hasWaiting()) wakeUp.later();
    if (hasChanged) onChange(event.type === "mirrored");
  };

  /** What waits for its turn in the store: more goes with it, for each call may take a disk's time. */
  let waiting: Changes | undefined;

  /**
   * In this order, and none of them stops the others: without a store the queue goes on in memory. What the rest is to know of what is
   * erased is there before, should the program end in between.
   */
  const inStore = (): Changes => {
    if (waiting) return waiting;
    const changes: Changes = { erase: new Map(), write: new Map(), release: new Map() };
    waiting = changes;
    storing = storing.then(async () => {
      waiting = undefined;
      const { erase, write, release } = changes;
      const written = (isAnew: boolean) => [...write.keys()].filter((id) => erase.has(id) === isAnew);
      for (const [type, ids] of [
        ["write", written(false)],
        ["erase", [...erase.keys()]],
        ["write", written(true)],
        ["release", [...release.keys()]],
      ] as const) {
        if (ids.length === 0) continue;
        try {
          await (type === "write"
            ? open?.store.write(ids.flatMap((id) => write.get(id) ?? []))
            : open?.store[type](ids));
          if (type === "write") tellRows();
        } catch (error) {
          const unsaved = ids.filter((id) => type === "write" && itemOf(id)?.state === "saving");
          if (unsaved.length > 0) notKept(unsaved, error);
        }
      }
    });
    return changes;
  };

  const notKept = (ids: readonly string[], error: unknown) => {
    const isFull = !(error instanceof ClientError) || error instanceof StorageFullError;
    dispatch({ type: "not-kept", ids, error, isFinal: isKeepingRequired || !isFull });
    tellRows();
  };

  /** The one that leads looks, and shows what is there: what it does not know this one has to send itself. */
  const tellRows = () => {
    if (!state.isLeading) post({ type: "rows" });
  };

  const perform = (command: QueueCommand): void => {
    switch (command.type) {
      case "write":
        for (const row of command.rows) inStore().write.set(row.id, row);
        return;
      case "erase":
      case "release":
        for (const id of command.ids) {
          keeping.get(id)?.abort();
          if (command.type === "erase") inStore().write.delete(id);
          inStore()[command.type].set(id, true);
        }
        return;
      case "keep":
        keepingAll = keepingAll.then(() => keepAll(command.ids));
        return;
      case "start":
        start(command.id, command.run);
        return;
      case "stop":
        runs.get(command.run)?.controller.abort();
        return;
      case "end":
        void end(command.id, command.uploadId);
        return;
      case "find":
        void find(command.fileId);
        return;
    }
  };

  const keepAll = async (ids: readonly string[]): Promise<void> => {
    const { store } = await opened;
    // Their rows first: what is not kept when the program ends is asked for again.
    await storing;
    const kept: string[] = [];
    const tell = () => dispatch({ type: "kept", ids: kept.splice(0), isKept: store.isDurable });
    for (const id of ids) {
      const item = itemOf(id);
      const source = item?.source;
      if (!source || !isHeldHere(item) || item.state === "checking") continue;
      if (kept.length > keptTogether || source.sizeBytes > soonKeptBytes) tell();
      const controller = abortController();
      keeping.set(id, controller);
      try {
        await store.keep(id, source, controller.signal);
        keeping.delete(id);
        kept.push(id);
      } catch (error) {
        keeping.delete(id);
        if (error instanceof AbortedError || life.signal.aborted) continue;
        notKept(error instanceof StorageFullError && isKeepingRequired ? ids : [id], error);
      }
    }
    tell();
  };

  const end = async (id: string, uploadId: string): Promise<void> => {
    if (ending.has(id)) return;
    ending.add(id);
    let waitsFor: string | undefined;
    try {
      await storing;
      const { endUpload } = await loadBeside();
      await endUpload(uploader, uploadId, life.signal);
    } catch (error) {
      waitsFor = describeFailure(error, "").waitsFor;
    }
    ending.delete(id);
    if (waitsFor === undefined) dispatch({ type: "told", id });
    else wakeUp.later();
  };

  const wakeUp = createWakeUp(uploader.platform, life.signal, {
    isNeeded: hasWaiting,
    onWake: (isBack) => dispatch({ type: "woken", isBack }),
  });

  const send = createSendItem(uploader, {
    dispatch,
    source: async (item) => open?.store.source(rowOf(item)),
    stored: () => storing,
    allIsWell: wakeUp.allIsWell,
  });

  const start = (id: string, run: number): void => {
    const item = itemOf(id);
    if (!item) return;
    const controller = abortController();
    const done = send(item, run, controller.signal).then(() => void runs.delete(run));
    runs.set(run, { controller, done });
  };

  const find = async (fileId: string): Promise<void> => {
    if (!wantsFiles()) return;
    try {
      const { createFindFiles } = await loadBeside();
      findFiles ??= createFindFiles(uploader, life.signal, (files) => dispatch({ type: "found", files }));
      findFiles(fileId);
    } catch {
      // It is in the list of files all the same.
    }
  };

  /** The others know of all that was shown last. */
  let hasShared = false;
  const share: RunningQueue<Source>["share"] = (items, before) => {
    const isPart =
      hasShared &&
      before?.length === items.length &&
      items.every(({ id }, index) => id === before[index]?.id);
    hasShared = state.isLeading;
    if (!open?.channel || !hasShared) return;
    const told = items.filter((item, index) => !isPart || item !== before[index]);
    if (isPart && told.length === 0) return;
    post({ type: isPart ? "changed" : "mirrored", items: told.map(({ source: _, ...item }) => item) });
  };

  const act = (event: QueueEvent<Source>) => {
    // Where another leads, of what is only here: that does not know it, nor need it be awake.
    dispatch(event);
    if (state.isLeading) return;
    const key = newRef(random);
    acts.set(key, event);
    // It finds in the store what it does not know.
    void storing.then(() => acts.has(key) && post({ type: "act", key, event }));
  };
  const takeLead = (rows: readonly QueueRow[]) => {
    dispatch({ type: "led", rows });
    for (const event of acts.values()) dispatch(event);
    acts.clear();
  };
  const load = async (): Promise<readonly QueueRow[]> => {
    try {
      return (await open?.store.load()) ?? [];
    } catch {
      // What can't be read now is still there the next time; what is added meanwhile is sent.
      return [];
    }
  };
  /** What only this program has nobody else can send. */
  const mayYield = () => !state.items.some(isHeldHere);
  const leadOnce = async (): Promise<void> => {
    const lead = await open?.lock?.acquire(life.signal, mayYield);
    await storing;
    takeLead(await load());
    if (!lead) return;
    const { lost } = lead;
    await new Promise<void>((resolve) => {
      ears.stepDown = resolve;
      for (const signal of [lost, life.signal]) {
        signal.addEventListener("abort", resolve);
        if (signal.aborted) resolve();
      }
    });
    dispatch({ type: "lost" });
    // What has become of it all meanwhile, where this one stood still for long.
    post({ type: "hello" });
    await Promise.all([...runs.values()].map(({ done }) => done));
    await storing;
    lead.release();
    return life.signal.aborted ? undefined : leadOnce();
  };

  /** What comes of others' messages, which most programs never get. */
  const ears: Ears<Source> = {
    state: () => state,
    dispatch,
    post,
    acts,
    isHeldHere,
    showAll() {
      hasShared = false;
      onChange();
    },
    load: () => storing.then(load),
    clock,
    signal: life.signal,
  };

  let stopHearing: (() => void) | undefined;
  const openUp = async (): Promise<void> => {
    open = await opened;
    if (life.signal.aborted) return open.store.close();
    stopHearing = open.channel?.listen((message) => {
      hearing = hearing.then(async () => {
        try {
          hear ??= (await loadBeside()).createHear(ears);
          hear(message as Message<Source>);
        } catch {
          // It can't be loaded now: who leads shows it all again, and what a person does is posted again.
        }
      });
    });
    post({ type: "hello" });
    // What was added before it was open is not in the store yet.
    perform({ type: "write", rows: state.items.filter(isHeldHere).map(rowOf) });
    return leadOnce();
  };
  if (isAlone) takeLead([]);
  else
    openUp().catch(() => {
      // Closed while it waited.
    });

  return {
    state: () => state,
    add: dispatch,
    act,
    share,
    begun,
    acts,
    isDurable: () => open?.store.isDurable === true,
    stored: () => Promise.all([keepingAll, storing]),
    close() {
      life.abort();
      wakeUp.close();
      stopHearing?.();
      open?.channel?.close();
      for (const { controller } of runs.values()) controller.abort();
      for (const controller of keeping.values()) controller.abort();
      void storing.then(() => open?.store.close());
    },
  };
}
