import type { Upload } from "@stowage/protocol";
import { newRef } from "../new-ref.ts";
import type { AbortControllerLike, FileSource } from "../ports.ts";
import type { Progress } from "../progress.ts";
import type { Uploader } from "../uploader.ts";
import { createWakeUp } from "./create-wake-up.ts";
import { describeFailure } from "./describe-failure.ts";
import { endUpload } from "./end-upload.ts";
import { createFindFiles } from "./find-files.ts";
import { totalsOf } from "./queue-totals.ts";
import { type QueueEvent, type QueueItems, reduceQueue } from "./reduce-queue.ts";
import { hasEnded } from "./upload-item.ts";
import type { AddOptions, UploadQueue, UploadQueueSnapshot } from "./upload-queue.ts";

/** Items under way at once, verdicts included: a server lets a person have 1000 open uploads by default. */
const maxUnderWay = 800;

/** Those among them whose bytes are not sent yet: as many as can share a request to create them. */
const maxUnsent = 100;

/** So few are left before others begin, so that those are many at a time: they share requests. */
const fewUnsent = 50;

const publishIntervalMs = 100;

/** One try to bring an item to its end. */
interface Run {
  readonly controller: AbortControllerLike;
  stage: Progress["stage"];
  uploadId: string | undefined;
  /** It stands still until it is tried again by itself. */
  isPausing: boolean;
  isCancelled: boolean;
}

/** What the queue knows of an item beside what it shows. */
interface Entry extends AddOptions {
  /** The same through all tries, so that what was interrupted goes on, until the person has given it up. */
  ref: string;
  run?: Run;
}

/**
 * A queue over a client. The client's `concurrency` bounds how many are sent at once; each create, complete and poll is
 * asked for many items together.
 */
export function createUploadQueue<Source extends FileSource>(client: Uploader<Source>): UploadQueue<Source> {
  const { clock, random, abortController } = client.platform;
  const life = abortController();
  const listeners = new Set<() => void>();
  const entries = new Map<string, Entry>();
  const underWay = new Set<Run>();
  let turns: string[] = [];
  let items: QueueItems<Source> = [];
  let snapshot: UploadQueueSnapshot<Source> = { items, totals: totalsOf(items) };
  let isPublishing = false;

  const publish = () => {
    if (snapshot.items === items) return;
    snapshot = { items, totals: totalsOf(items) };
    for (const listener of listeners) listener();
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
  const dispatch = (event: QueueEvent<Source>) => {
    if (life.signal.aborted) return;
    const before = items;
    items = reduceQueue(items, event);
    if (items !== before) void publishSoon();
  };
  const itemOf = (id: string) => items.find((item) => item.id === id);

  const findFiles = createFindFiles(client, life.signal, (files) => dispatch({ type: "found", files }));

  const turnUp = (id: string) => {
    dispatch({ type: "resumed", id });
    turns.push(id);
  };
  const wakeUp = createWakeUp(client.platform, life.signal, {
    isNeeded: () => items.some(({ waitingFor }) => waitingFor === "network"),
    onWake(hasNetworkReturned) {
      for (const { id, waitingFor } of items) if (waitingFor === "network") turnUp(id);
      if (hasNetworkReturned) for (const [id, { run }] of entries) if (run?.isPausing) restart(id, run);
      pump();
    },
  });

  /** The waits between tries may be long; with the network back nothing is gained by them. */
  const restart = (id: string, run: Run) => {
    if (run.isCancelled) return;
    leave(id, run);
    run.controller.abort();
    turnUp(id);
  };

  const leave = (id: string, run: Run) => {
    underWay.delete(run);
    const entry = entries.get(id);
    if (entry?.run === run) delete entry.run;
  };

  const pump = () => {
    let unsent = 0;
    for (const { stage } of underWay) if (stage !== "checking") unsent += 1;
    if (unsent > fewUnsent) return;
    while (turns.length > 0 && underWay.size < maxUnderWay && unsent < maxUnsent) {
      const id = turns.shift() ?? "";
      const item = itemOf(id);
      const entry = entries.get(id);
      if (!item || !entry || entry.run || hasEnded(item)) continue;
      unsent += 1;
      void start(id, item.source, entry);
    }
  };

  const start = async (id: string, source: Source, entry: Entry): Promise<void> => {
    const run: Run = {
      controller: abortController(),
      stage: "hashing",
      uploadId: undefined,
      isPausing: false,
      isCancelled: false,
    };
    entry.run = run;
    underWay.add(run);
    try {
      const { upload } = await client.upload(source, {
        ...entry,
        signal: run.controller.signal,
        onProgress: (progress) => follow(id, source, run, progress),
      });
      if (run.isCancelled) await endUpload(client, upload.id, life.signal);
      else if (entry.run === run) conclude(id, upload);
    } catch (error) {
      if (entry.run === run) fail(id, source, error);
    }
    leave(id, run);
    pump();
  };

  const follow = (id: string, source: Source, run: Run, progress: Progress) => {
    const { stage, uploadId, retry, doneBytes } = progress;
    const isNewlySent = stage === "checking" && run.stage !== "checking";
    run.stage = stage;
    run.isPausing = retry !== undefined;
    if (uploadId !== undefined && run.uploadId === undefined) {
      run.uploadId = uploadId;
      if (run.isCancelled) void end(run, uploadId);
    }
    if (run.isCancelled || entries.get(id)?.run !== run) return;
    if (uploadId !== undefined) dispatch({ type: "created", id, uploadId });
    if (retry) dispatch({ type: "troubled", id, ...describeFailure(retry.error, source.name) });
    else if (stage === "sending") dispatch({ type: "sending", id, sentBytes: doneBytes });
    else if (stage === "checking") dispatch({ type: "checking", id });
    if (isNewlySent) {
      wakeUp.allIsWell();
      pump();
    }
  };

  const conclude = (id: string, { fileId, contentType, rejection }: Upload) => {
    wakeUp.allIsWell();
    if (rejection) return dispatch({ type: "rejected", id, problem: rejection });
    dispatch({ type: "ready", id, fileId, contentType });
    // Of what is sealed nothing more is told.
    if (fileId) findFiles(fileId);
  };

  const fail = (id: string, source: Source, error: unknown) => {
    const { problem, waitsFor, canRetry } = describeFailure(error, source.name);
    if (!waitsFor) return dispatch({ type: "failed", id, problem, canRetry });
    dispatch({ type: "held-up", id, waitingFor: waitsFor, problem });
    if (waitsFor === "network") wakeUp.later();
  };

  /** What has been created is ended; what is not yet known to be is as soon as it is. */
  const end = async (run: Run, uploadId: string): Promise<void> => {
    if (run.stage === "checking") return;
    run.controller.abort();
    await endUpload(client, uploadId, life.signal);
  };

  const cancel = (id: string) => {
    const item = itemOf(id);
    const entry = entries.get(id);
    if (!item || !entry || hasEnded(item)) return;
    const { run } = entry;
    dispatch({ type: "cancelled", id });
    entry.ref = newRef(random);
    if (!run) {
      if (item.uploadId !== undefined) void endUpload(client, item.uploadId, life.signal);
      return;
    }
    run.isCancelled = true;
    delete entry.run;
    if (run.stage === "hashing") run.controller.abort();
    else if (run.uploadId !== undefined) void end(run, run.uploadId);
  };

  const retry = (id: string) => {
    const item = itemOf(id);
    const entry = entries.get(id);
    if (!item || !entry) return;
    if (item.problem?.code === "ref-reused") entry.ref = newRef(random);
    if (hasEnded(item) ? !item.canRetry : entry.run) return;
    dispatch({ type: "retried", id });
    turnUp(id);
  };

  const dismiss = (ids: readonly string[]) => {
    dispatch({ type: "dismissed", ids });
    const kept = new Set(items.map(({ id }) => id));
    for (const id of ids) if (!kept.has(id)) entries.delete(id);
    publish();
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => snapshot,
    add(sources, options = {}) {
      const added = Array.from(sources, (source) => ({ id: newRef(random), source }));
      if (life.signal.aborted) return [];
      for (const { id } of added) {
        entries.set(id, { ...options, ref: id });
        turns.push(id);
      }
      dispatch({ type: "added", items: added });
      wakeUp.open();
      pump();
      publish();
      return added.map(({ id }) => id);
    },
    cancel(id) {
      cancel(id);
      publish();
    },
    cancelAll() {
      for (const { id } of items) cancel(id);
      publish();
    },
    retry(id) {
      retry(id);
      pump();
      publish();
    },
    retryAll() {
      for (const { id } of items) retry(id);
      pump();
      publish();
    },
    dismiss: (id) => dismiss([id]),
    clearEnded: () => dismiss(items.map(({ id }) => id)),
    close() {
      if (life.signal.aborted) return;
      wakeUp.close();
      turns = [];
      items = [];
      entries.clear();
      for (const { controller } of underWay) controller.abort();
      life.abort();
      publish();
    },
  };
}
