import type { Problem, Upload, WireRequest } from "@stowage/protocol";
import { AbortedError } from "../errors.ts";
import type { AbortSignalLike, ApiOptions, FileSource, PartOf } from "../ports.ts";
import { parseRetryAfterMs } from "../retry-after.ts";

/** What a worker's sender is given. */
export interface WorkerPlatform<Source extends FileSource>
  extends Pick<ApiOptions, "server" | "getToken" | "fetch"> {
  /** Lower-case hex. */
  sha256(bytes: Source | PartOf<Source>): Promise<string>;
  /** Calls back after so many milliseconds; returns how to have it not. */
  later(ms: number, callBack: () => void): () => void;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
}

/** What the API said; of a problem its `code` and `detail`. */
export interface Said<Item> extends Partial<Pick<Problem, "code" | "detail">> {
  readonly items?: readonly Item[];
  readonly upload?: Upload;
  readonly requests?: readonly WireRequest[];
}

const apiTimeoutMs = 30_000;

/** `fetch` tells nothing of bytes on their way: below 32 kB a second the browser ends the worker before a part is through. */
const putTimeoutMs = 60_000;
const leastBytesPerMs = 32;

/** What is on its way when a page takes over has so long to end: what has arrived is not sent again. */
const graceMs = 2000;

/** Then, or where a server asks for more patience, the browser is asked to come again: it waits better. */
const maxAttempts = 4;
const longestRetryAfterMs = 60_000;

/**
 * The requests of a worker's turn. None begins once the lead is lost: what they give is an AbortedError then, as it is when the network,
 * the server or the token fail for good.
 *
 * @param onGaveUp - told when another turn may bring more
 */
export function createWorkerRequests<Source extends FileSource>(
  { server, getToken, fetch, later }: WorkerPlatform<Source>,
  lost: AbortSignalLike,
  onGaveUp: () => void,
) {
  const assertLeading = () => {
    if (lost.aborted) throw new AbortedError();
  };

  /** Nothing where no answer came. */
  const exchange = async (
    url: string,
    init: { method: string; headers: object; body?: unknown },
    limitMs: number,
  ): Promise<Answer | undefined> => {
    assertLeading();
    const inner = new AbortController();
    const abort = () => inner.abort();
    const stopTimer = later(limitMs, abort);
    const yieldSoon = () => later(graceMs, abort);
    lost.addEventListener("abort", yieldSoon);
    let answer: Answer | undefined;
    try {
      const response = await fetch(url, { ...init, signal: inner.signal });
      answer = {
        status: response.status,
        text: await response.text(),
        retryAfterMs: parseRetryAfterMs(response.headers.get("retry-after")),
      };
    } catch {
      // What it was is no matter: it may pass.
    }
    stopTimer();
    lost.removeEventListener("abort", yieldSoon);
    assertLeading();
    return answer;
  };

  const rest = async (ms: number): Promise<void> => {
    await new Promise<void>((resolve) => {
      later(ms, resolve);
      lost.addEventListener("abort", resolve);
    });
    assertLeading();
  };
  /** Before the n-th repeat (from 1): longer and longer, with jitter, and what the server asked for on top. */
  const pause = async (repeat: number, askedMs = 0): Promise<void> => {
    if (repeat < maxAttempts && askedMs <= longestRetryAfterMs)
      return rest(askedMs + Math.random() * 500 * 2 ** repeat);
    onGaveUp();
    throw new AbortedError();
  };

  return {
    assertLeading,
    rest,
    pause,
    /** Asks the API until it says this, or no. */
    async ask<Item = never>(
      method: string,
      path: string,
      wanted: "items" | "upload",
      body?: object,
    ): Promise<Said<Item>> {
      for (let repeat = 1; ; repeat += 1) {
        const token = await getToken();
        if (token === undefined) throw new AbortedError();
        const headers = {
          authorization: `Bearer ${token}`,
          ...(body && { "content-type": "application/json" }),
        };
        const url = `${server.replace(/\/+$/, "")}/v1/uploads${path}`;
        const answer = await exchange(
          url,
          { method, headers, body: body && JSON.stringify(body) },
          apiTimeoutMs,
        );
        const { status = 500, text = "" } = answer ?? {};
        const said = parse(text) as Said<Item> | undefined;
        if (status === 401 && said?.code) {
          await getToken(token);
          throw new AbortedError();
        }
        if (status < 500 && (said?.[wanted] || (status >= 400 && status !== 429 && said?.code))) return said;
        await pause(repeat, answer?.retryAfterMs);
      }
    },
    /** Nothing where no answer came. */
    async put(
      { url, method, headers }: WireRequest,
      bytes: Source | PartOf<Source>,
    ): Promise<Answer | undefined> {
      const body = await bytes.body();
      return exchange(url, { method, headers, body }, putTimeoutMs + bytes.sizeBytes / leastBytesPerMs);
    },
  };
}

export type WorkerRequests<Source extends FileSource> = ReturnType<typeof createWorkerRequests<Source>>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Somebody else's page.
    return undefined;
  }
}
