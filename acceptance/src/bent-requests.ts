import { randomBytes } from "node:crypto";
import { type RawAnswer, type RawRequest, sendRaw } from "./harness/raw-http.ts";
import { sha256Of } from "./harness/transfer.ts";
import type { PresignedRequest } from "./harness/wire.ts";

const base64Sha256 = (bytes: Uint8Array): string => Buffer.from(sha256Of(bytes), "hex").toString("base64");

/** The request as it was presigned, with the length of its body. */
export type Honest = RawRequest & { readonly headers: readonly (readonly [string, string])[] };

export const withHeader = (honest: Honest, name: string, value: string): RawRequest => ({
  ...honest,
  headers: [...honest.headers.filter(([given]) => given.toLowerCase() !== name.toLowerCase()), [name, value]],
});
export const withoutHeader = (honest: Honest, name: string): RawRequest => ({
  ...honest,
  headers: honest.headers.filter(([given]) => given.toLowerCase() !== name.toLowerCase()),
});
export const withTarget = (honest: RawRequest, change: (target: string) => string): RawRequest => ({
  ...honest,
  target: change(honest.target),
});
export const withParameter = (
  honest: RawRequest,
  change: (parameters: URLSearchParams) => void,
): RawRequest =>
  withTarget(honest, (target) => {
    const url = new URL(target, "http://bucket.test");
    change(url.searchParams);
    return `${url.pathname}${url.search}`;
  });
export const withBody = (honest: Honest, bytes: Uint8Array): RawRequest => ({
  ...withHeader(honest, "Content-Length", String(bytes.length)),
  body: [bytes],
});

/** Sends what was presigned, bent by `bend`, over a socket of its own. */
export function sendBent(
  request: PresignedRequest,
  bytes: Uint8Array,
  bend: (honest: Honest) => RawRequest,
): Promise<RawAnswer | undefined> {
  const url = new URL(request.url);
  return sendRaw(
    url.origin,
    bend({
      method: request.method,
      target: `${url.pathname}${url.search}`,
      headers: [...Object.entries(request.headers), ["Content-Length", String(bytes.length)]],
      body: [bytes],
    }),
  );
}

/** One way to bend a presigned PUT that must not store anything. */
export interface Attack {
  readonly what: string;
  readonly bend: (honest: Honest, bytes: Buffer) => RawRequest;
  /** Statuses that refuse it. Default 403. */
  readonly refusedWith?: readonly number[];
  /** The server may hang up without an answer. Default false. */
  readonly mayHangUp?: boolean;
}

const signatureParameters = [
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-SignedHeaders",
  "X-Amz-Signature",
];

export const attacks: readonly Attack[] = [
  {
    what: "one byte more",
    bend: (honest, bytes) => withBody(honest, Buffer.concat([bytes, Buffer.from("x")])),
  },
  { what: "one byte fewer", bend: (honest, bytes) => withBody(honest, bytes.subarray(0, -1)) },
  { what: "no bytes", bend: (honest) => withBody(honest, Buffer.alloc(0)) },
  {
    what: "other bytes of the same length",
    bend: (honest, bytes) => withBody(honest, randomBytes(bytes.length)),
    refusedWith: [400, 403],
  },
  {
    what: "other bytes with their own digest in the header",
    bend: (honest, bytes) => {
      const other = randomBytes(bytes.length);
      return { ...withHeader(honest, "x-amz-checksum-sha256", base64Sha256(other)), body: [other] };
    },
  },
  { what: "no digest", bend: (honest) => withoutHeader(honest, "x-amz-checksum-sha256") },
  { what: "another content type", bend: (honest) => withHeader(honest, "content-type", "text/html") },
  { what: "no content type", bend: (honest) => withoutHeader(honest, "content-type") },
  { what: "no If-None-Match", bend: (honest) => withoutHeader(honest, "if-none-match") },
  { what: "another If-None-Match", bend: (honest) => withHeader(honest, "if-none-match", '"abc"') },
  {
    what: "two content types",
    bend: (honest) => ({ ...honest, headers: [...honest.headers, ["content-type", "text/html"]] }),
    refusedWith: [400, 403],
  },
  {
    what: "chunked encoding",
    bend: (honest, bytes) => ({
      ...withoutHeader(withHeader(honest, "Transfer-Encoding", "chunked") as Honest, "Content-Length"),
      body: [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n0\r\n\r\n")],
    }),
    refusedWith: [403, 411, 400],
  },
  {
    what: "chunked encoding beside a length",
    bend: (honest, bytes) => ({
      ...withHeader(honest, "Transfer-Encoding", "chunked"),
      body: [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n0\r\n\r\n")],
    }),
    refusedWith: [403, 411, 400],
  },
  {
    what: "no length",
    bend: (honest) => ({ ...withoutHeader(honest, "Content-Length"), body: [] }),
    refusedWith: [403, 411, 400],
  },
  {
    what: "two lengths",
    bend: (honest) => ({ ...honest, headers: [...honest.headers, ["Content-Length", "1"]] }),
    refusedWith: [400, 403],
  },
  {
    what: "a body that breaks off",
    bend: (honest, bytes) => ({ ...honest, body: [bytes.subarray(0, 100)], halfClose: true }),
    refusedWith: [400, 408],
    mayHangUp: true,
  },
  ...["GET", "HEAD", "DELETE", "POST"].map((method) => ({
    what: `${method} in place of PUT`,
    bend: (honest: Honest) => ({
      ...honest,
      method,
      ...(method === "POST" ? {} : { body: [], headers: [] }),
    }),
    refusedWith: [403, 405],
  })),
  {
    what: "OPTIONS of no origin",
    bend: (honest) => ({ ...honest, method: "OPTIONS", body: [], headers: [] }),
    refusedWith: [400, 403, 405],
  },
  {
    what: "another key",
    bend: (honest) =>
      withTarget(honest, (target) => target.replace(/(.)\?/, (_, last) => `${last === "a" ? "b" : "a"}?`)),
  },
  {
    what: "a key below it",
    bend: (honest) => withTarget(honest, (target) => target.replace("?", "/x?")),
  },
  {
    what: "a key with dot segments",
    bend: (honest) => withTarget(honest, (target) => target.replace(/\/uploads\//, "/files/../uploads/")),
    refusedWith: [403, 400],
  },
  {
    what: "a key with a percent-encoded letter",
    bend: (honest) => withTarget(honest, (target) => target.replace("/uploads/", "/%75ploads/")),
    refusedWith: [403, 400, 200],
  },
  {
    what: "a doubled slash",
    bend: (honest) => withTarget(honest, (target) => target.replace("/uploads/", "//uploads/")),
    refusedWith: [403, 400, 404],
  },
  ...[
    "x=1",
    "acl",
    "tagging",
    "uploads",
    "partNumber=1&uploadId=x",
    "versionId=x",
    "X-Amz-Security-Token=x",
  ].map((parameter) => ({
    what: `the added parameter ${parameter}`,
    bend: (honest: Honest) => withTarget(honest, (target) => `${target}&${parameter}`),
    refusedWith: [403, 400],
  })),
  ...signatureParameters.map((name) => ({
    what: `${name} left out`,
    bend: (honest: Honest) => withParameter(honest, (parameters) => parameters.delete(name)),
    refusedWith: [403, 400],
  })),
  ...signatureParameters.map((name) => ({
    what: `${name} given twice`,
    bend: (honest: Honest) =>
      withParameter(honest, (parameters) => parameters.append(name, parameters.get(name) ?? "")),
    refusedWith: [403, 400],
  })),
  {
    what: "a longer life",
    bend: (honest) => withParameter(honest, (parameters) => parameters.set("X-Amz-Expires", "3000")),
  },
  {
    what: "a life of a week",
    bend: (honest) => withParameter(honest, (parameters) => parameters.set("X-Amz-Expires", "604800")),
    refusedWith: [403, 400],
  },
  {
    what: "an endless life",
    bend: (honest) => withParameter(honest, (parameters) => parameters.set("X-Amz-Expires", "99999999999")),
    refusedWith: [403, 400],
  },
  {
    what: "another date",
    bend: (honest) => withParameter(honest, (parameters) => parameters.set("X-Amz-Date", "20991231T235959Z")),
    refusedWith: [403, 400],
  },
  {
    what: "fewer signed headers",
    bend: (honest) => withParameter(honest, (parameters) => parameters.set("X-Amz-SignedHeaders", "host")),
    refusedWith: [403, 400],
  },
  {
    what: "another access key",
    bend: (honest) =>
      withParameter(honest, (parameters) =>
        parameters.set(
          "X-Amz-Credential",
          (parameters.get("X-Amz-Credential") ?? "").replace(/^[^/]+/, "AKIAIOSFODNN7EXAMPLE"),
        ),
      ),
  },
  {
    what: "another algorithm",
    bend: (honest) =>
      withParameter(honest, (parameters) => parameters.set("X-Amz-Algorithm", "AWS4-HMAC-SHA1")),
    refusedWith: [403, 400],
  },
  {
    what: "a signature of zeros",
    bend: (honest) =>
      withParameter(honest, (parameters) => parameters.set("X-Amz-Signature", "0".repeat(64))),
  },
  {
    what: "an empty signature",
    bend: (honest) => withParameter(honest, (parameters) => parameters.set("X-Amz-Signature", "")),
    refusedWith: [403, 400],
  },
  {
    what: "no signature at all",
    bend: (honest) => withTarget(honest, (target) => target.replace(/\?.*/, "")),
  },
  {
    what: "a second signature in a header",
    bend: (honest) =>
      withHeader(
        honest,
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00",
      ),
    refusedWith: [403, 400],
  },
  { what: "another host", bend: (honest) => withHeader(honest, "Host", "bucket.example.test") },
  {
    what: "two hosts",
    bend: (honest) => ({ ...honest, headers: [...honest.headers, ["Host", "a.test"], ["Host", "b.test"]] }),
    refusedWith: [403, 400],
  },
  ...[
    ["x-amz-acl", "public-read"],
    ["x-amz-meta-owner", "me"],
    ["x-amz-tagging", "a=b"],
    ["x-amz-storage-class", "GLACIER"],
    ["x-amz-website-redirect-location", "https://example.test/"],
    ["x-amz-copy-source", "/stowage/files/x"],
    ["x-amz-content-sha256", "UNSIGNED-PAYLOAD"],
    ["x-amz-checksum-crc32", "AAAAAA=="],
    ["X-Amz-Grant-Read", 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'],
  ].map(([name = "", value = ""]) => ({
    what: `the unsigned header ${name}`,
    bend: (honest: Honest) => withHeader(honest, name, value),
    refusedWith: [403, 400],
  })),
];
