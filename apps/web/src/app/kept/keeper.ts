import type { File, FileSource, Uploader, UploadQueue } from "@stowage/client";
import { createBrowserFileCache, eraseKeptFiles } from "@stowage/client/browser/offline";
import { filesQuery, keyOf } from "@stowage/react";
import type { KeptPictures } from "@stowage/react/picture";
import type { QueryClient } from "@tanstack/react-query";
import { largePicture } from "../files/file-kind.ts";
import { registerWorker } from "../uploads/register-worker.ts";
import { canKeep, keepsPictures, offlineReader } from "./device-choice.ts";
import { dropFile } from "./drop-file.ts";
import { savesData } from "./saves-data.ts";

/** What is kept now. */
export interface KeptNow {
  readonly files: number;
  readonly sizeBytes: number;
  /** Milliseconds of the device's clock; 0 where nothing is kept. */
  readonly readableUntilMs: number;
}

/** Keeps pictures of one person on this device without being asked, within limits: decision 0066. */
export interface Keeper extends KeptPictures {
  kept(): Promise<KeptNow>;
  /** Tells when it may be another. */
  subscribe(listener: () => void): () => void;
  /** Forgets all of it, and keeps nothing in this browser from now on. */
  refuse(): Promise<void>;
  /** Keeps again what is seen from now on. */
  allow(): void;
}

/** Some thousand thumbnails and a few hundred large pictures. */
const budgetBytes = 100_000_000;

/** Of so many files the large picture is kept, too, without anybody having looked at it. */
const newestFiles = 50;

/** Why a picture is not kept, however often it is tried. */
const withoutRoom: ReadonlySet<string> = new Set(["too-large", "no-room"]);

/** After what is on the screen has come, and in few requests. */
const pauseMs = 2_000;

/** @param life - ends with the visit: nothing is kept after that, and what is shown is no concern of this any more */
export function startKeeper({
  client,
  queue,
  person,
  life,
  queryClient,
}: {
  readonly client: Uploader<FileSource>;
  readonly queue: UploadQueue<FileSource>;
  readonly person: string;
  readonly life: AbortSignal;
  readonly queryClient: QueryClient;
}): Keeper {
  const cache = createBrowserFileCache({ uploader: client, person, offlineBudgetBytes: budgetBytes });
  /** What has been asked to be kept, by derivative; not again in this visit. */
  const asked = new Map<string, Set<string>>();
  let waiting = new Map<string, Set<string>>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let round = new AbortController();
  let keeping: Promise<unknown> = Promise.resolve();
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };

  const want = (fileId: string, derivative: string) => {
    const known = asked.get(derivative) ?? new Set();
    if (known.has(fileId)) return;
    asked.set(derivative, known.add(fileId));
    waiting.set(derivative, (waiting.get(derivative) ?? new Set()).add(fileId));
    timer ??= setTimeout(() => void keepWaiting(), pauseMs);
  };
  const keepWaiting = async () => {
    timer = undefined;
    if (life.aborted || !keepsPictures.get()) return;
    // Bytes that a person waits for go first; and who leaves this page has not looked.
    if (!navigator.onLine || document.hidden || queue.getSnapshot().totals.active > 0) {
      timer = setTimeout(() => void keepWaiting(), pauseMs);
      return;
    }
    const batch = waiting;
    waiting = new Map();
    const { signal } = round;
    for (const [derivative, ids] of batch) {
      keeping = keep(derivative, [...ids], signal);
      await keeping;
    }
    tell();
  };
  const keep = async (derivative: string, ids: readonly string[], signal: AbortSignal) => {
    let again = ids;
    try {
      const notKept = await cache.cache(ids, { derivatives: [derivative], signal });
      again = notKept.filter(({ code }) => !withoutRoom.has(code)).map(({ fileId }) => fileId);
    } catch {
      // No network, or no storage.
    }
    // It may be had when it is seen again: what was in the trash, for instance.
    for (const id of again) asked.get(derivative)?.delete(id);
  };
  const keepNewest = async () => {
    const [first] = (await queryClient.ensureInfiniteQueryData(filesQuery(client))).pages;
    for (const file of first?.items.slice(0, newestFiles) ?? [])
      for (const derivative of picturesOf(file)) want(file.id, derivative);
  };
  const begin = () => {
    offlineReader.set(person);
    void registerWorker();
    // Whoever saves data has each picture come once.
    if (!savesData()) keepNewest().catch(() => undefined);
  };

  life.addEventListener("abort", () => {
    clearTimeout(timer);
    round.abort();
    cache.close();
  });
  cache.onGone(({ fileId, reason }) => {
    for (const ids of asked.values()) ids.delete(fileId);
    if (reason === "refused") dropFile(queryClient, client, fileId);
    if (reason === "changed")
      void queryClient.invalidateQueries({
        queryKey: keyOf(client),
        predicate: ({ queryKey: [, , what] }) => what !== "url",
      });
    tell();
  });
  if (keepsPictures.get()) begin();

  return {
    cached: async (...picture) => (keepsPictures.get() ? cache.cached(...picture) : undefined),
    onGone: (listener, ids) => cache.onGone(listener, keepsPictures.get() ? ids : []),
    seen(fileId, derivative) {
      if (keepsPictures.get() && !savesData()) want(fileId, derivative);
    },
    async kept() {
      if (!canKeep()) return { files: 0, sizeBytes: 0, readableUntilMs: 0 };
      const { files, sizeBytes, readableMs } = await cache.kept();
      return {
        files: files.length,
        sizeBytes,
        readableUntilMs: readableMs > 0 ? Date.now() + readableMs : 0,
      };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async refuse() {
      keepsPictures.set(false);
      offlineReader.forget();
      asked.clear();
      waiting.clear();
      round.abort();
      round = new AbortController();
      await keeping;
      await cache.uncache();
      tell();
    },
    allow() {
      keepsPictures.set(true);
      begin();
      tell();
    },
  };
}

/** What a person's sign-out in another tab has erased, once more: this one may just have been keeping something. */
export const erasePictures = (person: string): Promise<void> => eraseKeptFiles({ person });

const picturesOf = (file: File): string[] =>
  ["thumbnail", largePicture(file)].filter(
    (wanted) => wanted !== undefined && file.derivatives.some(({ name }) => name === wanted),
  ) as string[];
