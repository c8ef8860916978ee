import { abortable } from "../abortable.ts";
import { createAskFiles } from "./ask-files.ts";
import { isExpired } from "./decide-expiry.ts";
import type { FileCache, FileCacheOptions, GoneFile } from "./file-cache.ts";
import { createJudge } from "./judge-kept.ts";
import { keepFiles } from "./keep-files.ts";
import { createKeptInUse } from "./kept-in-use.ts";
import { openPassingTime } from "./passing-time.ts";
import { createRenewedUrls } from "./renewed-urls.ts";
import { watchKept } from "./watch-kept.ts";

const dayMs = 86_400_000;
const defaultTtlMs = 7 * dayMs;
const maxTtlMs = 30 * dayMs;
const defaultBudgetBytes = 200_000_000;
const defaultDerivatives = ["thumbnail", "preview"];

/**
 * What nothing can run in when its blob's address is opened as a page: that page would be of the application's own origin.
 */
const inertType = /^(image\/(jpeg|png|webp|gif|avif)|(video|audio)\/[\w.-]+)$/;

/**
 * Files of one person kept on this device: fetched while there is a network, read without, gone when they may not be read any more.
 *
 * @throws RangeError for an `offlineTtlMs` or `offlineBudgetBytes` that is out of range
 */
export function createFileCache<Shown>(options: FileCacheOptions<Shown>): FileCache<Shown> {
  const {
    uploader: { askApi, files, platform },
    store,
    contact,
    offlineTtlMs: ttlMs = defaultTtlMs,
    offlineBudgetBytes: budgetBytes = defaultBudgetBytes,
  } = options;
  if (!(ttlMs >= 0 && ttlMs <= maxTtlMs)) throw new RangeError("offlineTtlMs is 0 to 30 days.");
  if (!(budgetBytes >= 0)) throw new RangeError("offlineBudgetBytes is 0 or more.");

  const { clock, abortController } = platform;
  const askFiles = createAskFiles(askApi);
  const urls = createRenewedUrls({ files, clock, wallMs: options.wallMs });
  const listeners = new Set<(gone: GoneFile) => void>();
  const closing = abortController();
  const inUse = createKeptInUse(clock);

  const tell = (gone: readonly GoneFile[]): void => {
    urls.forget(new Set(gone.map(({ fileId }) => fileId)));
    for (const each of gone) for (const listener of [...listeners]) listener(each);
  };
  // Opened at the first call: a page that keeps nothing and shows nothing opens nothing.
  const open = async () => {
    const time = await openPassingTime(store, clock, options.wallMs);
    const judge = createJudge({ store, inUse, time, tell });
    const watch = watchKept({ store, contact, clock, abortController, askFiles, inUse, judge });
    closing.signal.addEventListener("abort", watch.close);
    return { time, watch };
  };
  let opened: ReturnType<typeof open> | undefined;
  const opening = () => {
    opened ??= open();
    return abortable(opened, closing.signal);
  };
  /** Where this device's storage can't be opened there is nothing to ask after: whoever reads from it is told. */
  const start = (work: (all: Awaited<ReturnType<typeof open>>) => void): void =>
    void opening().then(work, () => undefined);

  return {
    async cache(ids, { derivatives = defaultDerivatives, signal } = {}) {
      const { time, watch } = await opening();
      const both = abortController();
      const abort = () => both.abort();
      const signals = [signal, closing.signal];
      for (const each of signals) {
        each?.addEventListener("abort", abort);
        if (each?.aborted) abort();
      }
      try {
        const needs = { ...options, files, clock, askFiles, time, ttlMs, budgetBytes };
        return await keepFiles(needs, ids, derivatives, both.signal);
      } finally {
        for (const each of signals) each?.removeEventListener("abort", abort);
        inUse.touch();
        watch.start();
      }
    },
    async cached(id, derivative) {
      const { time, watch } = await opening();
      const found = await store.read(id, derivative, time.nowMs());
      if (!found || !(await watch.mayShow(found.row))) return undefined;
      const { contentType, version } = found.row;
      inUse.use(found.row);
      watch.start();
      const shownType = inertType.test(contentType) ? contentType : "application/octet-stream";
      return { blob: options.toBlob(found.bytes, shownType), contentType, version };
    },
    async kept() {
      const { time } = await opening();
      const nowMs = time.nowMs();
      const rows = (await store.list()).filter((row) => !isExpired(row, nowMs));
      const ids = new Set(rows.map(({ fileId }) => fileId));
      const files = (await store.files()).filter(({ id }) => ids.has(id));
      return {
        files: files.sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1)),
        sizeBytes: rows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        readableMs: rows.reduce(
          (least, row) => Math.min(least, row.checkedAtMs + row.ttlMs - nowMs),
          rows.length > 0 ? maxTtlMs : 0,
        ),
      };
    },
    async uncache(ids) {
      const wanted = ids && new Set(ids);
      const rows = (await store.list()).filter(({ fileId }) => !wanted || wanted.has(fileId));
      await store.remove(rows);
      urls.forget(wanted);
    },
    url: urls.url,
    onGone(listener, ids = []) {
      // One of its own for each call: the same function may be given twice.
      const own = (gone: GoneFile) => listener(gone);
      listeners.add(own);
      const release = inUse.hold(ids);
      if (ids.length > 0) start(({ watch }) => watch.start());
      return () => {
        listeners.delete(own);
        release();
      };
    },
    signedIn: () => start(({ watch }) => watch.meet()),
    close() {
      closing.abort();
      store.close();
    },
  };
}
