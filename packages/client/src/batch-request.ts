import type { Problem, Upload } from "@stowage/protocol";
import { abortable } from "./abortable.ts";
import type { ApiAnswer, AskApi } from "./api-request.ts";
import { hasItems } from "./api-request.ts";
import { createBatch } from "./batch.ts";
import { ProblemError, UnexpectedAnswerError } from "./errors.ts";
import type { AbortControllerLike, AbortSignalLike } from "./ports.ts";
import { isTransient, type OnWait, type Retry } from "./retry.ts";

/** Most files that one create takes, and most ids that one complete does. */
const maxItemsPerRequest = 100;

/** The backoff of an endless wait stays at that of this repeat: up to 2 s. */
const endlessRepeat = 3;

export interface Waiting {
  readonly signal?: AbortSignalLike | undefined;
  readonly onWait?: OnWait | undefined;
}

interface Others {
  readonly underWay: number;
  readonly changes: number;
}

/** How the API answers one item of a batch. */
interface ItemAnswer {
  readonly upload?: Upload;
  readonly problem?: Problem;
  readonly retryAfterMs?: number | undefined;
}

interface Needs {
  readonly askApi: AskApi;
  readonly retry: Retry;
  abortController(): AbortControllerLike;
}

/**
 * A POST that takes many items and answers each with its upload or its problem, asked for one item at a time: those
 * that come at about the same time share a request, which goes on while one of them is waited for. A problem that may pass is tried again.
 *
 * @param bodyOf - the request's body for these items
 * @param others - for a refusal that passes once others of this client's end: how many are under way, and a number that
 *   changes whenever one begins or ends; while there are any, or it changes, the wait has no end
 * @returns a function that throws ProblemError for a refused item, and what AskApi throws
 */
export function createBatchRequest<Item>(
  { askApi, retry, abortController }: Needs,
  path: string,
  bodyOf: (items: Item[]) => object,
  others: (error: ProblemError) => Others | undefined = () => undefined,
): (item: Item, waiting: Waiting) => Promise<Upload> {
  interface Entry extends Waiting {
    readonly item: Item;
  }

  const ask = async (entries: readonly Entry[]): Promise<ItemAnswer[]> => {
    const unwanted = abortController();
    const leave = () => {
      if (entries.every(({ signal }) => signal?.aborted)) unwanted.abort();
    };
    for (const { signal } of entries) signal?.addEventListener("abort", leave);
    leave();
    try {
      return await askApi(
        {
          method: "POST",
          path,
          body: bodyOf(entries.map(({ item }) => item)),
          signal: unwanted.signal,
          onWait: (wait) => {
            for (const { onWait } of entries) onWait?.(wait);
          },
        },
        (answer) => readItems(answer, entries.length),
      );
    } finally {
      for (const { signal } of entries) signal?.removeEventListener("abort", leave);
    }
  };

  const askOne = createBatch(maxItemsPerRequest, ask);

  return async (item, { signal, onWait }) => {
    for (let repeat = 1; ; repeat += 1) {
      const { upload, problem, retryAfterMs } = await abortable(askOne({ item, signal, onWait }), signal);
      if (upload) return upload;
      if (!problem) throw new UnexpectedAnswerError(`POST ${path}`, 200);
      const error = new ProblemError(problem, retryAfterMs);
      if (!isTransient(error)) throw error;
      const before = others(error);
      const notLast = Math.min(repeat, endlessRepeat, retry.maxAttempts - 1);
      await retry.pause(error, before ? notLast : repeat, signal, onWait);
      // Looked at again: those that were created by the very same answer are known only now.
      const moves = before && (before.underWay > 0 || others(error)?.changes !== before.changes);
      if (moves) repeat = Math.min(repeat, endlessRepeat - 1, retry.maxAttempts - 2);
      else if (repeat >= retry.maxAttempts) throw error;
    }
  };
}

const readItems = ({ json, retryAfterMs }: ApiAnswer, count: number): ItemAnswer[] | undefined =>
  hasItems(json, count)
    ? (json.items as ItemAnswer[]).map(({ upload, problem }) => ({
        ...(upload && { upload }),
        ...(problem && { problem }),
        retryAfterMs,
      }))
    : undefined;
