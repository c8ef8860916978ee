import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { type Answer, type Api, askApi, assertProblemShape } from "./api-client.ts";
import type { StoreAnswer } from "./transfer.ts";
import type { PresignedRequest } from "./wire.ts";

export interface Patience {
  /** How long one request is tried before the client gives up: nothing is away for so long. */
  readonly giveUpAfterMs: number;
  /** Told of each try that came to nothing. */
  onRetry?(why: string): void;
}

/** Between two tries where nobody answered. */
const retryMs = 60;

/** A request that hangs for longer is broken off and made again. */
const hangsAfterMs = 20_000;

/** The connection was refused, broken off, or hung: `undefined` for what is another error. */
function whyUnanswered(error: unknown): string | undefined {
  if (error instanceof TypeError) return error.cause instanceof Error ? error.cause.message : error.message;
  if (error instanceof DOMException && error.name === "TimeoutError") return "it hung";
  return undefined;
}

/**
 * Asks until there is an answer that is no "come again later": the connection may be refused or break off, and an answer may
 * be a 503, which must then say when to come again.
 */
async function insist<T extends { readonly status: number; readonly headers: Headers }>(
  what: string,
  { giveUpAfterMs, onRetry }: Patience,
  ask: (signal: AbortSignal) => Promise<T>,
  isLater: (answer: T) => boolean,
): Promise<T> {
  const giveUpAtMs = performance.now() + giveUpAfterMs;
  for (;;) {
    let why: string | undefined;
    let waitMs = retryMs;
    try {
      const answer = await ask(AbortSignal.timeout(hangsAfterMs));
      if (!isLater(answer)) return answer;
      why = `it was answered ${answer.status}`;
      waitMs = Number(answer.headers.get("retry-after") ?? 0) * 1000 || retryMs;
    } catch (error) {
      why = whyUnanswered(error);
      if (why === undefined) throw error;
    }
    if (performance.now() > giveUpAtMs) throw new Error(`${what} was tried for ${giveUpAfterMs} ms: ${why}`);
    onRetry?.(`${what}: ${why}`);
    await delay(waitMs);
  }
}

/** The API as a good client asks it: again where nobody answers, and after Retry-After where it says 503. Nothing else of 500 and above may come. */
export function createPatientApi(origin: string, token: string, patience: Patience): Api {
  const api: Api = {
    origin,
    token,
    async send<T>(method: string, path: string, options = {}) {
      const what = `${method} ${path}`;
      const answer = await insist<Answer<T>>(
        what,
        patience,
        (signal) => askApi<T>({ origin, token, method, path, signal, ...options }),
        (answer) => {
          if (answer.status !== 503) return false;
          assertProblemShape(answer);
          return true;
        },
      );
      assert.ok(answer.status < 500, `${what} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
      if (answer.status >= 400) assertProblemShape(answer);
      return answer;
    },
    get: (path, headers) => api.send("GET", path, headers === undefined ? {} : { headers }),
    post: (path, json) => api.send("POST", path, { json: json ?? {} }),
    delete: (path, headers) => api.send("DELETE", path, headers === undefined ? {} : { headers }),
  };
  return api;
}

/** Sends or fetches bytes by a presigned request, again where the bucket is away. */
export const transferPatiently = (
  request: PresignedRequest,
  patience: Patience,
  bytes?: Uint8Array,
): Promise<StoreAnswer> =>
  insist(
    `${request.method} of bytes`,
    patience,
    async (signal) => {
      const response = await fetch(request.url, {
        method: request.method,
        headers: request.headers,
        signal,
        ...(bytes === undefined ? {} : { body: Uint8Array.from(bytes) }),
      });
      return {
        status: response.status,
        headers: response.headers,
        bytes: Buffer.from(await response.arrayBuffer()),
      };
    },
    ({ status }) => status === 503,
  );
