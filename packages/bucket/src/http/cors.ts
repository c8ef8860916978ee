import type { IncomingMessage, ServerResponse } from "node:http";
import { S3Error } from "./s3-error.ts";

const methods: readonly string[] = ["GET", "HEAD", "PUT", "POST"];
const requestHeaders: ReadonlySet<string> = new Set([
  "cache-control",
  "content-md5",
  "content-type",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "pragma",
  "range",
]);
const amzHeader = /^x-amz-[a-z0-9-]+$/;
/** What a page may read of an answer besides what every page may. */
const exposedHeaders: readonly string[] = [
  "ETag",
  "Location",
  "Retry-After",
  "Accept-Ranges",
  "Content-Length",
  "Content-Range",
  "x-amz-checksum-crc32",
  "x-amz-checksum-crc32c",
  "x-amz-checksum-crc64nvme",
  "x-amz-checksum-sha1",
  "x-amz-checksum-sha256",
  "x-amz-checksum-type",
  "x-amz-request-id",
];
const exposed = exposedHeaders.join(", ");
/** Browsers cap it at two hours or less. */
const maxAgeSeconds = 3600;

/** The rules in force, as `GET ?cors` tells them. */
export interface CorsRules {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  /** Request headers; `x-amz-*` for all that begin so. */
  readonly requestHeaders: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly maxAgeSeconds: number;
}

export interface Cors {
  readonly rules: CorsRules;
  /** Marks a response for the pages of a configured origin; to be called before anything is answered. */
  mark(request: IncomingMessage, response: ServerResponse): void;
  /** Answers an OPTIONS request, or throws AccessForbidden. */
  preflight(request: IncomingMessage, response: ServerResponse): void;
}

/**
 * Cross-origin rules of the Fetch standard for a fixed list of origins, compared exactly. No cookie is
 * ever read, so credentials are not allowed.
 */
export function createCors(origins: readonly string[]): Cors {
  const allowedOrigins: ReadonlySet<string> = new Set(origins);
  for (const origin of allowedOrigins)
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new RangeError(`corsOrigins: "${origin}" is not an origin such as https://app.example`);

  const isAllowed = (origin: string | undefined): origin is string =>
    origin !== undefined && allowedOrigins.has(origin);

  return {
    rules: {
      origins,
      methods,
      requestHeaders: [...requestHeaders, "x-amz-*"],
      exposedHeaders,
      maxAgeSeconds,
    },

    mark({ headers: { origin } }, response) {
      if (allowedOrigins.size === 0) return;
      response.setHeader("vary", "Origin");
      if (!isAllowed(origin)) return;
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("access-control-expose-headers", exposed);
    },

    preflight({ headers }, response) {
      if (headers.origin === undefined)
        throw new S3Error("BadRequest", "Insufficient information. Origin request header needed.");
      const method = headers["access-control-request-method"] ?? "";
      const asked = (headers["access-control-request-headers"] ?? "")
        .split(",")
        .map((name) => name.trim().toLowerCase())
        .filter((name) => name !== "");
      const isFine =
        isAllowed(headers.origin) &&
        methods.includes(method) &&
        asked.every((name) => requestHeaders.has(name) || amzHeader.test(name));
      if (!isFine) throw new S3Error("AccessForbidden", "CORSResponse: This CORS request is not allowed.");
      response.writeHead(204, {
        "access-control-allow-methods": methods.join(", "),
        ...(asked.length > 0 && { "access-control-allow-headers": asked.join(", ") }),
        "access-control-max-age": String(maxAgeSeconds),
        vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
      });
      response.end();
    },
  };
}
