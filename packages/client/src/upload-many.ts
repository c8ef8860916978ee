import { AbortedError } from "./errors.ts";
import type { FileSource } from "./ports.ts";
import { createSlots } from "./slots.ts";
import type { UploadOptions, UploadResult } from "./upload-file.ts";
import type { Uploader } from "./uploader.ts";

/** How one of many ended. */
export type UploadOutcome<Source> = { readonly file: Source } & (
  | { readonly result: UploadResult; readonly error?: never }
  | { readonly error: unknown; readonly result?: never }
);

export interface UploadManyOptions<Source extends FileSource> extends Omit<UploadOptions<Source>, "ref"> {
  /** As for one file, but a function: each has its own. */
  readonly ref?: (file: Source, sha256: string | undefined) => string | Promise<string>;
  /** Told once for each file, as they end. One that failed never stops the others. */
  onOutcome?(outcome: UploadOutcome<Source>): void;
}

export interface UploadCounts {
  readonly ready: number;
  readonly rejected: number;
  /** Those that threw; `onOutcome` was told why. */
  readonly failed: number;
  /** Without `wait`: sent, and not yet ended. */
  readonly sent: number;
}

/**
 * Files that are under way at once, from the first read to the verdict: however many there are, no more of them are
 * held in memory. Servers let a person have 1000 open uploads by default.
 */
const maxUnderWay = 800;

/** Those among them whose bytes are not sent yet: as many as can share a request. Their requests run out in time. */
const maxUnsent = 100;

/**
 * Sends any number of files by an uploader, from a list or a lazy iterable, which is asked for the next file only when
 * there is room; how each ended is told to `onOutcome`. By itself, so that who has a queue loads none of it.
 *
 * @throws AbortedError once the signal is aborted, and what the iterable or `onOutcome` throws
 */
export async function uploadMany<Source extends FileSource>(
  { upload }: Pick<Uploader<Source>, "upload">,
  files: Iterable<Source> | AsyncIterable<Source>,
  { onOutcome, ...options }: UploadManyOptions<Source> = {},
): Promise<UploadCounts> {
  const underWaySlots = createSlots(() => maxUnderWay);
  const unsentSlots = createSlots(() => maxUnsent);
  const counts = { ready: 0, rejected: 0, failed: 0, sent: 0 };
  const { signal } = options;
  const underWay = new Set<Promise<void>>();
  const mistakes: unknown[] = [];

  const outcomeOf = async (file: Source): Promise<UploadOutcome<Source>> => {
    let isSent = false;
    const sent = () => {
      if (!isSent) unsentSlots.release();
      isSent = true;
    };
    const onProgress: UploadOptions<Source>["onProgress"] = (progress) => {
      if (progress.stage === "checking") sent();
      options.onProgress?.(progress, file);
    };
    try {
      return { file, result: await upload(file, { ...options, onProgress }) };
    } catch (error) {
      return { file, error };
    } finally {
      sent();
    }
  };
  const run = async (file: Source): Promise<void> => {
    const outcome = await outcomeOf(file);
    counts[outcome.result ? countOf(outcome.result) : "failed"] += 1;
    try {
      if (!signal?.aborted) onOutcome?.(outcome);
    } catch (error) {
      mistakes.push(error);
    }
    underWaySlots.release();
  };

  const iterator = iteratorOf(files);
  try {
    while (!signal?.aborted && mistakes.length === 0) {
      await underWaySlots.acquire();
      await unsentSlots.acquire();
      const next = await iterator.next();
      if (next.done) break;
      const work = run(next.value).finally(() => underWay.delete(work));
      underWay.add(work);
    }
  } finally {
    await iterator.return?.();
    await Promise.all(underWay);
  }
  if (signal?.aborted) throw new AbortedError();
  if (mistakes.length > 0) throw mistakes[0];
  return counts;
}

function countOf({ upload: { state } }: UploadResult): "ready" | "rejected" | "sent" {
  return state === "ready" || state === "rejected" ? state : "sent";
}

/** Not `for await`: the machines of some phones lack it. */
function iteratorOf<T>(items: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}
