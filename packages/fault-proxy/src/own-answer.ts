import type { IncomingMessage } from "node:http";
import type { Fault } from "./fault.ts";

/** Whose words the proxy uses where it answers itself: problem details, or S3's error documents. */
export type Speaks = "api" | "s3";

export interface OwnAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type AnsweredFault = Extract<Fault, { readonly kind: "503" | "429" | "portal" | "expired" }>;

export const isAnswered = (fault: Fault): fault is AnsweredFault =>
  fault.kind === "503" || fault.kind === "429" || fault.kind === "portal" || fault.kind === "expired";

const portalPage =
  "<!doctype html><title>Welcome</title><h1>Airport Wi-Fi</h1><p>Accept the terms to go online.</p>";

/** What the proxy answers instead of the target. */
export function ownAnswer(fault: AnsweredFault, speaks: Speaks, { headers }: IncomingMessage): OwnAnswer {
  if (fault.kind === "portal")
    return {
      status: 200,
      headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
      body: portalPage,
    };
  const answer = speaks === "s3" ? storeAnswer(fault) : apiAnswer(fault);
  return { ...answer, headers: { ...answer.headers, ...corsHeaders(headers.origin) } };
}

/** What both real servers let pages of an allowed origin read; every origin is allowed. */
const corsHeaders = (origin: string | undefined): Record<string, string> =>
  origin === undefined
    ? {}
    : {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": "ETag, Location, Retry-After, WWW-Authenticate",
        vary: "Origin",
      };

const retryAfter = (fault: AnsweredFault): string =>
  String((fault.kind === "429" ? fault.retryAfterSeconds : undefined) ?? 1);

function storeAnswer(fault: AnsweredFault): OwnAnswer {
  if (fault.kind === "expired") return storeError(403, "AccessDenied", "Request has expired");
  if (fault.kind === "429")
    return storeError(429, "TooManyRequests", "Please reduce your request rate.", {
      "retry-after": retryAfter(fault),
    });
  return storeError(503, "SlowDown", "Please reduce your request rate.");
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const storeError = (
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): OwnAnswer => ({
  status,
  headers: { "content-type": "application/xml", ...headers },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>fault-proxy</RequestId></Error>`,
});

function apiAnswer(fault: AnsweredFault): OwnAnswer {
  if (fault.kind === "expired")
    return problem(401, "unauthenticated", "The access token has expired.", {
      "www-authenticate": 'Bearer realm="stowage", error="invalid_token"',
    });
  return fault.kind === "429"
    ? problem(429, "rate-limited", "Too many requests.", { "retry-after": retryAfter(fault) })
    : problem(503, "unavailable", "The database does not answer right now.", {
        "retry-after": retryAfter(fault),
      });
}

/** RFC 9457, with Stowage's `code`. */
const problem = (
  status: number,
  code: string,
  detail: string,
  headers: Record<string, string>,
): OwnAnswer => ({
  status,
  headers: { "content-type": "application/problem+json; charset=utf-8", ...headers },
  body: JSON.stringify({ type: `/docs/problems#${code}`, title: code, status, detail, code }),
});
