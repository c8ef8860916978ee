import assert from "node:assert/strict";
import type { Problem } from "./wire.ts";

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `undefined` where the answer is not JSON. */
  readonly body: T;
}

export interface SendOptions {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, as `application/json` unless `headers` says otherwise. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The HTTP API as one person (or nobody) sees it. */
export interface Api {
  readonly origin: string;
  readonly token: string | undefined;
  /**
   * Redirects are not followed. Every answer of 400 and above is held to RFC 9457 with `code` and `requestId`,
   * and nothing may answer with 500 and above.
   */
  send<T>(method: string, path: string, options?: SendOptions): Promise<Answer<T>>;
  get<T>(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer<T>>;
  post<T>(path: string, json?: unknown): Promise<Answer<T>>;
  delete<T>(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer<T>>;
}

/** Holds an error answer to what the contract says of all of them. */
export function assertProblemShape(answer: Answer): void {
  const where = `${answer.status} ${answer.text.slice(0, 500)}`;
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json\b/, where);
  const problem = answer.body as Problem;
  assert.equal(problem.status, answer.status, `status and body disagree: ${where}`);
  for (const member of ["type", "title", "detail", "code", "requestId"] as const)
    assert.ok(typeof problem[member] === "string" && problem[member] !== "", `no ${member}: ${where}`);
  assert.match(problem.code, /^[a-z0-9-]+$/, where);
  for (const error of problem.errors ?? []) {
    assert.match(error.pointer, /^(\/.*)?$/s, `not a JSON pointer: ${where}`);
    assert.ok(error.detail.length > 0, where);
  }
  if (answer.status === 401)
    assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer\b/, `no WWW-Authenticate: ${where}`);
  if (answer.status === 429 || answer.status === 503)
    assert.match(answer.headers.get("retry-after") ?? "", /^[1-9]\d*$/, `no Retry-After: ${where}`);
  assert.doesNotMatch(
    answer.text,
    /(^|\n|\\n)\s*at [^"]+:\d+:\d+|node:internal|node_modules/,
    `shows its insides: ${where}`,
  );
}

function parseJson(contentType: string, text: string): unknown {
  return /^application\/(problem\+)?json\b/.test(contentType) && text !== "" ? JSON.parse(text) : undefined;
}

/** One request and its answer, whatever it is. */
export async function askApi<T>({
  origin,
  token,
  method,
  path,
  json,
  raw,
  headers,
  signal,
}: SendOptions & {
  readonly origin: string;
  readonly token: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly signal?: AbortSignal;
}): Promise<Answer<T>> {
  const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
  const response = await fetch(`${origin}${path}`, {
    method,
    redirect: "manual",
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: parseJson(response.headers.get("content-type") ?? "", text) as T,
  };
}

export function createApi(origin: string, token?: string): Api {
  const api: Api = {
    origin,
    token,
    async send<T>(method: string, path: string, options: SendOptions = {}) {
      const answer = await askApi<T>({ origin, token, method, path, ...options });
      assert.ok(
        answer.status < 500,
        `${method} ${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`,
      );
      if (answer.status >= 400 && method !== "HEAD") assertProblemShape(answer);
      return answer;
    },
    get: (path, headers) => api.send("GET", path, headers === undefined ? {} : { headers }),
    post: (path, json) => api.send("POST", path, { json: json ?? {} }),
    delete: (path, headers) => api.send("DELETE", path, headers === undefined ? {} : { headers }),
  };
  return api;
}

/** The answer is this problem. */
export function assertProblem(answer: Answer, status: number, code?: string | RegExp): Problem {
  const problem = answer.body as Problem;
  assert.equal(answer.status, status, answer.text.slice(0, 500));
  if (typeof code === "string") assert.equal(problem.code, code, answer.text.slice(0, 500));
  else if (code !== undefined) assert.match(problem.code, code, answer.text.slice(0, 500));
  return problem;
}

/** The answer is a 400 that names this member. */
export function assertNames(answer: Answer, pointer: string): void {
  const problem = assertProblem(answer, 400, "validation-failed");
  assert.ok(
    problem.errors?.some((error) => error.pointer === pointer),
    `does not name ${pointer}: ${answer.text.slice(0, 500)}`,
  );
}
