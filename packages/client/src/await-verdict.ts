import type { Upload } from "@stowage/protocol";
import { abortable } from "./abortable.ts";
import { type AskApi, hasItems } from "./api-request.ts";
import type { Waiting } from "./batch-request.ts";
import { ClientError, ProblemError } from "./errors.ts";
import type { AbortSignalLike, Clock } from "./ports.ts";
import type { OnWait } from "./retry.ts";

/** Half of what the API takes: an address of under 4 kB passes every proxy. */
const maxIdsPerPoll = 100;
const shortestMs = 100;
const longestMs = 2000;
const growth = 1.6;

interface Needs {
  readonly askApi: AskApi;
  readonly complete: (id: string, waiting: Waiting) => Promise<Upload>;
}

interface Waiter {
  readonly id: string;
  readonly onWait: OnWait | undefined;
  intervalMs: number;
  dueMs: number;
  resolve(upload: Upload): void;
  reject(error: unknown): void;
}

/** Resolves once the upload is `ready` or `rejected`. Throws ClientError `upload-gone` where it never will be. */
export type AwaitVerdict = (id: string, waiting: Waiting) => Promise<Upload>;

/**
 * Asks after uploads until they have ended, all those that are due in one request; each at first after 100 ms, then
 * more and more seldom, every 2 s at last.
 */
export function createAwaitVerdict(
  { askApi, complete }: Needs,
  clock: Clock,
  neverAborted: AbortSignalLike,
): AwaitVerdict {
  const waiting = new Set<Waiter>();
  let polling = false;

  const ask = async (ids: readonly string[], onWait: OnWait): Promise<Upload[]> => {
    try {
      return await askApi(
        { method: "GET", path: `/v1/uploads?ids=${ids.map(encodeURIComponent).join(",")}`, onWait },
        ({ json }) => (hasItems(json) ? (json.items as Upload[]) : undefined),
      );
    } catch (error) {
      // A token that may only send can't read; completing once more changes nothing and answers the same.
      if (!(error instanceof ProblemError) || error.code !== "insufficient-scope") throw error;
      return Promise.all(ids.map((id) => complete(id, {})));
    }
  };

  const pollOnce = async (waiters: readonly Waiter[]) => {
    const ids = [...new Set(waiters.map(({ id }) => id))];
    const onWait: OnWait = (wait) => {
      for (const waiter of waiters) waiter.onWait?.(wait);
    };
    const uploads = new Map((await ask(ids, onWait)).map((upload) => [upload.id, upload]));
    for (const waiter of waiters) {
      const upload = uploads.get(waiter.id);
      waiter.intervalMs = Math.min(longestMs, waiter.intervalMs * growth);
      waiter.dueMs = clock.nowMs() + waiter.intervalMs;
      if (upload?.state === "ready" || upload?.state === "rejected") waiter.resolve(upload);
      else if (!upload || upload.state === "aborted")
        waiter.reject(new ClientError("upload-gone", "The server has ended it."));
    }
  };

  const poll = async () => {
    polling = true;
    while (waiting.size > 0) {
      await clock.delay(shortestMs, neverAborted);
      const soonMs = clock.nowMs() + shortestMs / 2;
      const due = [...waiting].filter(({ dueMs }) => dueMs <= soonMs).slice(0, maxIdsPerPoll);
      if (due.length === 0) continue;
      try {
        await pollOnce(due);
      } catch (error) {
        for (const waiter of due) waiter.reject(error);
      }
    }
    polling = false;
  };

  return async (id, { signal, onWait }) => {
    let waiter: Waiter | undefined;
    const verdict = new Promise<Upload>((resolve, reject) => {
      waiter = { id, onWait, intervalMs: shortestMs, dueMs: clock.nowMs() + shortestMs, resolve, reject };
      waiting.add(waiter);
      if (!polling) void poll();
    });
    try {
      return await abortable(verdict, signal);
    } finally {
      if (waiter) waiting.delete(waiter);
    }
  };
}
