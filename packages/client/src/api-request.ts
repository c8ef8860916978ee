import type { Me, Problem } from "@stowage/protocol";
import { NotSignedInError, ProblemError, UnexpectedAnswerError } from "./errors.ts";
import type { AbortSignalLike, ApiOptions } from "./ports.ts";
import type { OnWait, Retry } from "./retry.ts";
import { parseRetryAfterMs } from "./retry-after.ts";
import type { WithinIdleTime } from "./time-limit.ts";

export interface ApiAnswer {
  readonly status: number;
  /** `undefined` where the body is no JSON. */
  readonly json: unknown;
  readonly etag: string | undefined;
  readonly retryAfterMs: number | undefined;
}

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** From `/v1` on. */
  readonly path: string;
  readonly body?: object;
  /** Beside those that each request has, such as `if-match`. With `if-none-match`, `read` sees a 304, too. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignalLike | undefined;
  readonly onWait?: OnWait | undefined;
}

/**
 * Asks the API until it answers: transient failures are repeated, a `401` asks for another token once. `read` takes
 * out what was asked for, `undefined` where the answer is not what Stowage says (a captive portal answers 200 too).
 * It sees a failing answer only where that has `items`: a batch says what became of each. (Where nothing can be said yet of any,
 * the whole is asked again.)
 *
 * @throws AbortedError, NetworkError, NotSignedInError, ProblemError, UnexpectedAnswerError
 */
export type AskApi = <T>(request: ApiRequest, read: (answer: ApiAnswer) => T | undefined) => Promise<T>;

interface Needs {
  readonly retry: Retry;
  readonly withinIdleTime: WithinIdleTime;
}

const defaultRequestTimeoutMs = 30_000;

export function createAskApi(options: ApiOptions, { retry, withinIdleTime }: Needs): AskApi {
  const { requestTimeoutMs = defaultRequestTimeoutMs } = options;
  // Browsers refuse a fetch that is called as a method of something else than their window.
  const { fetch, server: origin } = options;

  const exchange = ({ method, path, body, headers, signal }: ApiRequest, token: string): Promise<ApiAnswer> =>
    withinIdleTime(`${method} ${origin}${path}`, requestTimeoutMs, signal, async (abort) => {
      const response = await fetch(origin + path, {
        method,
        headers: {
          accept: "application/json",
          authorization: `Bearer ${token}`,
          ...(body && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: abort,
      });
      return {
        status: response.status,
        json: parseJson(await response.text()),
        etag: response.headers.get("etag") ?? undefined,
        retryAfterMs: parseRetryAfterMs(response.headers.get("retry-after")),
      };
    });

  /** An app asks its own server for a token: that it can't be reached is no matter of the file. */
  const getToken = ({ signal }: ApiRequest, refused?: string) =>
    withinIdleTime("getToken", requestTimeoutMs, signal, () => options.getToken(refused));

  const authenticated = async (request: ApiRequest): Promise<ApiAnswer> => {
    const token = await getToken(request);
    if (token === undefined) throw new NotSignedInError("You are signed out.");
    const answer = await exchange(request, token);
    if (answer.status !== 401 || !isProblem(answer.json)) return answer;

    const refused = new NotSignedInError(answer.json.detail, { cause: new ProblemError(answer.json) });
    const other = await getToken(request, token);
    if (other === undefined || other === token) throw refused;
    const second = await exchange(request, other);
    if (second.status === 401) throw refused;
    return second;
  };

  return (request, read) =>
    retry.run(
      async () => {
        const answer = await authenticated(request);
        const { status, json, retryAfterMs } = answer;
        const value =
          isSuccess(status) || status === 304 || (status < 500 && hasItems(json)) ? read(answer) : undefined;
        if (value !== undefined) return value;
        if (!isSuccess(status) && isProblem(json)) throw new ProblemError(json, retryAfterMs);
        throw new UnexpectedAnswerError(`${request.method} ${origin}${request.path}`, status, retryAfterMs);
      },
      request.signal,
      request.onWait,
    );
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is an answer too: whoever reads it finds nothing in it.
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const isProblem = (json: unknown): json is Problem =>
  isObject(json) && typeof json.code === "string" && typeof json.status === "number";

/** For `read`: whether an answer's body is a list, of so many items where that is known. */
export const hasItems = (json: unknown, count?: number): json is { items: unknown[] } =>
  isObject(json) && Array.isArray(json.items) && (count === undefined || json.items.length === count);

/** For `read`: whether an answer's body has that member, a string or an object. */
export const hasMember = <Name extends string>(json: unknown, name: Name): json is Record<Name, unknown> =>
  isObject(json) && Object.hasOwn(json, name) && Boolean(json[name]);

/** `read` of `GET /v1/me`. */
export const readMe = ({ json }: ApiAnswer): Me | undefined =>
  hasMember(json, "id") ? (json as unknown as Me) : undefined;
