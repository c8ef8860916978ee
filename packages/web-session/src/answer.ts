import { type ServerResponse, STATUS_CODES } from "node:http";

/** Of every answer: nothing of it is kept, framed, sniffed, or told to the next page. */
const commonHeaders = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
} as const;

export type ProblemCode =
  | "signed-out"
  | "unavailable"
  | "cross-site"
  | "body-too-large"
  | "method-not-allowed"
  | "not-found"
  | "internal-error";

const statuses: Readonly<Record<ProblemCode, number>> = {
  "signed-out": 401,
  "cross-site": 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "body-too-large": 413,
  "internal-error": 500,
  unavailable: 503,
};

/** What one request is answered with. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** `Set-Cookie` lines. */
  readonly cookies?: readonly string[];
  readonly body?: string;
}

export const redirectTo = (location: string, cookies: readonly string[] = []): Answer => ({
  status: 302,
  headers: { Location: location },
  cookies,
});

/** There is nothing to say; browsers log no error of it. */
export const noContent: Answer = { status: 204 };

export const json = (value: unknown, cookies: readonly string[] = []): Answer => ({
  status: 200,
  headers: { "Content-Type": "application/json; charset=utf-8" },
  cookies,
  body: JSON.stringify(value),
});

/** RFC 9457, with a stable `code`. */
export function problem(
  code: ProblemCode,
  detail: string,
  {
    headers = {},
    cookies = [],
  }: { readonly headers?: Readonly<Record<string, string>>; readonly cookies?: readonly string[] } = {},
): Answer {
  const status = statuses[code];
  return {
    status,
    headers: { ...headers, "Content-Type": "application/problem+json; charset=utf-8" },
    cookies,
    body: JSON.stringify({ type: "about:blank", title: STATUS_CODES[status], status, detail, code }),
  };
}

export function send(response: ServerResponse, { status, headers, cookies = [], body = "" }: Answer): void {
  response.writeHead(status, {
    ...commonHeaders,
    ...headers,
    // RFC 9110 section 8.6: none with 204.
    ...(status === 204 ? {} : { "Content-Length": Buffer.byteLength(body) }),
    ...(cookies.length === 0 ? {} : { "Set-Cookie": [...cookies] }),
  });
  response.end(body);
}
