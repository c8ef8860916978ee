import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { encodeChunks } from "../../harness/aws-chunked.ts";
import type { S3Answer } from "../../harness/s3-requests.ts";
import { signHeaders } from "../../harness/sign-s3.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import {
  assertAbsent,
  assertHolds,
  assertOk,
  assertRefused,
  contentOf,
  type S3Session,
} from "../s3-session.ts";

const digest = (algorithm: string, content: Uint8Array | string): string =>
  createHash(algorithm).update(content).digest("base64");

/** What every catalogue of checksums has the check values of. */
const nineDigits = "123456789";
const hexToBase64 = (hex: string): string => Buffer.from(hex, "hex").toString("base64");

/** By algorithm, as headers name it: of `nineDigits`, and one that is as long and wrong. */
const checksums: readonly (readonly [string, string, string])[] = [
  ["crc32", hexToBase64("cbf43926"), hexToBase64("cbf43927")],
  ["crc32c", hexToBase64("e3069283"), hexToBase64("e3069284")],
  ["crc64nvme", hexToBase64("ae8b14860a799888"), hexToBase64("ae8b14860a799889")],
  ["sha1", digest("sha1", nineDigits), digest("sha1", "else")],
  ["sha256", digest("sha256", nineDigits), digest("sha256", "else")],
];

const md5: ConformanceCase[] = [
  {
    name: "a body with its Content-MD5 is taken",
    source: "API_PutObject Content-MD5",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "bar", { "content-md5": digest("md5", "bar") });
      await assertHolds(s3, key, "bar");
    },
  },
  {
    name: "a body with another's Content-MD5 is refused, and leaves nothing",
    source: "ErrorResponses BadDigest; s3-tests test_object_create_bad_md5_bad",
    async run(s3) {
      const key = s3.newKey();
      const headers = { "content-md5": digest("md5", "else") };
      assertRefused(await s3.send("PUT", key, { headers, body: "bar" }), 400, "BadDigest");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "a body with another's Content-MD5 leaves what was there before",
    source: "ErrorResponses BadDigest",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "before");
      const headers = { "content-md5": digest("md5", "else") };
      assertRefused(await s3.send("PUT", key, { headers, body: "after" }), 400, "BadDigest");
      await assertHolds(s3, key, "before");
    },
  },
  ...(
    [
      ["too short", "YWJyYWNhZGFicmE="],
      ["no base64", "*".repeat(24)],
      ["in hex", createHash("md5").update("bar").digest("hex")],
    ] as const
  ).map(
    ([what, value]): ConformanceCase => ({
      name: `a Content-MD5 that is ${what} is refused`,
      source: "ErrorResponses InvalidDigest; s3-tests test_object_create_bad_md5_invalid_short",
      async run(s3) {
        const sent = { headers: { "content-md5": value }, body: "bar" };
        assertRefused(await s3.send("PUT", s3.newKey(), sent), 400, "InvalidDigest");
      },
    }),
  ),
];

const flexible: ConformanceCase[] = checksums.flatMap(([name, good, wrong]): ConformanceCase[] => [
  {
    name: `a body with its x-amz-checksum-${name} is taken, and the checksum answered`,
    source: "API_PutObject; UserGuide checking-object-integrity",
    async run(s3) {
      const key = s3.newKey();
      const { headers } = await s3.put(key, nineDigits, { [`x-amz-checksum-${name}`]: good });
      assert.equal(headers[`x-amz-checksum-${name}`], good);
      const head = await s3.head(key, { "x-amz-checksum-mode": "ENABLED" });
      assert.equal(head.headers[`x-amz-checksum-${name}`], good);
    },
  },
  {
    name: `a body with another's x-amz-checksum-${name} is refused, and leaves nothing`,
    source: "UserGuide checking-object-integrity; ErrorResponses BadDigest",
    async run(s3) {
      const key = s3.newKey();
      const sent = { headers: { [`x-amz-checksum-${name}`]: wrong }, body: nineDigits };
      assertRefused(await s3.send("PUT", key, sent), 400, "BadDigest");
      await assertAbsent(s3, key);
    },
  },
  {
    name: `an x-amz-checksum-${name} that is none is refused`,
    source: "UserGuide checking-object-integrity; ErrorResponses InvalidRequest",
    async run(s3) {
      const sent = { headers: { [`x-amz-checksum-${name}`]: "AAA=" }, body: nineDigits };
      assertRefused(await s3.send("PUT", s3.newKey(), sent), 400, "InvalidRequest");
    },
  },
  {
    name: `a wrong x-amz-checksum-${name} leaves what was there before`,
    source: "UserGuide checking-object-integrity",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "before");
      const sent = { headers: { [`x-amz-checksum-${name}`]: wrong }, body: nineDigits };
      await s3.send("PUT", key, sent);
      await assertHolds(s3, key, "before");
    },
  },
]);

const signedPayload: ConformanceCase[] = [
  {
    name: "two checksums of different algorithms are refused",
    source: "API_PutObject: a single x-amz-checksum- header; ErrorResponses InvalidRequest",
    async run(s3) {
      const [crc32, , , sha1] = checksums;
      const headers = { "x-amz-checksum-crc32": crc32?.[1] ?? "", "x-amz-checksum-sha1": sha1?.[1] ?? "" };
      assertRefused(await s3.send("PUT", s3.newKey(), { headers, body: nineDigits }), 400, "InvalidRequest");
    },
  },
  {
    name: "an algorithm without a checksum is refused",
    source: "API_PutObject x-amz-sdk-checksum-algorithm: there must be a corresponding header, otherwise 400",
    async run(s3) {
      const headers = { "x-amz-sdk-checksum-algorithm": "SHA256" };
      assertRefused(await s3.send("PUT", s3.newKey(), { headers, body: "x" }), 400, "InvalidRequest");
    },
  },
  {
    name: "a body that is not the one whose SHA-256 was signed is refused, and leaves nothing",
    source: "API sig-v4-header-based-auth; ErrorResponses XAmzContentSHA256Mismatch",
    async run(s3) {
      const key = s3.newKey();
      const payload = createHash("sha256").update("else").digest("hex");
      const answer = await s3.send("PUT", key, { body: "bar", payload });
      assertRefused(answer, 400, "XAmzContentSHA256Mismatch");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "a body that is signed as UNSIGNED-PAYLOAD is taken",
    source: "API sig-v4-header-based-auth",
    async run(s3) {
      const key = s3.newKey();
      assertOk(await s3.send("PUT", key, { body: "bar", payload: "UNSIGNED-PAYLOAD" }));
      await assertHolds(s3, key, "bar");
    },
  },
];

interface Chunked {
  readonly payload: string;
  readonly content?: Buffer;
  readonly chunkBytes?: number;
  readonly trailers?: Readonly<Record<string, string>>;
  /** What `x-amz-trailer` announces, where it is not what is sent. */
  readonly announced?: string;
  readonly spoil?: number | "trailer";
  readonly headers?: Readonly<Record<string, string>>;
  readonly decodedBytes?: number | null;
  readonly bend?: (body: Buffer) => Buffer;
}

const aBody = contentOf(150_000, 7);

async function sendChunked(s3: S3Session, key: string, chunked: Chunked): Promise<S3Answer> {
  const { payload, content = aBody, trailers, headers = {}, decodedBytes = content.length } = chunked;
  const announced = chunked.announced ?? Object.keys(trailers ?? {}).join(",");
  const request = s3.toSign("PUT", key, {
    payload,
    headers: {
      "content-encoding": "aws-chunked",
      ...(decodedBytes !== null && { "x-amz-decoded-content-length": String(decodedBytes) }),
      ...(announced !== "" && { "x-amz-trailer": announced }),
      ...headers,
    },
  });
  const { headers: signed, chunks } = signHeaders(request);
  const encoded = encodeChunks({
    ...chunked,
    content,
    ...(payload.includes("HMAC") && { signing: chunks }),
  });
  const body = chunked.bend ? chunked.bend(encoded) : encoded;
  return s3.fetch("PUT", `${s3.place.endpoint}${request.path}`, { headers: signed, body });
}

const signedChunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const signedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const unsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const sha256Trailer = { "x-amz-checksum-sha256": digest("sha256", aBody) };
const wrongTrailer = { "x-amz-checksum-sha256": digest("sha256", "else") };
const sigv4Streaming = "API sigv4-streaming; sigv4-streaming-trailers";

const taken = (name: string, chunked: Chunked): ConformanceCase => ({
  name,
  source: sigv4Streaming,
  async run(s3) {
    const key = s3.newKey();
    assertOk(await sendChunked(s3, key, chunked));
    await assertHolds(s3, key, chunked.content ?? aBody);
  },
});

const refused = (name: string, chunked: Chunked, status: number, ...codes: string[]): ConformanceCase => ({
  name,
  source: sigv4Streaming,
  async run(s3) {
    const key = s3.newKey();
    assertRefused(await sendChunked(s3, key, chunked), status, ...codes);
    await assertAbsent(s3, key);
  },
});

const chunked: ConformanceCase[] = [
  taken("an aws-chunked body with signed chunks is taken", { payload: signedChunks }),
  taken("an aws-chunked body of a single chunk is taken", { payload: signedChunks, chunkBytes: 200_000 }),
  taken("an aws-chunked body without bytes is taken", { payload: signedChunks, content: Buffer.alloc(0) }),
  taken("an aws-chunked body with signed chunks and a signed trailer is taken", {
    payload: signedTrailer,
    trailers: sha256Trailer,
  }),
  taken("an aws-chunked body with unsigned chunks and a trailer is taken", {
    payload: unsignedTrailer,
    trailers: sha256Trailer,
  }),
  ...checksums.map(([name, good]) =>
    taken(`a trailer may have the body's ${name}`, {
      payload: unsignedTrailer,
      content: Buffer.from(nineDigits),
      trailers: { [`x-amz-checksum-${name}`]: good },
    }),
  ),
  refused(
    "a chunk with another signature is refused, and nothing is left",
    { payload: signedChunks, spoil: 1 },
    403,
    "SignatureDoesNotMatch",
  ),
  refused(
    "a last, empty chunk with another signature is refused",
    { payload: signedChunks, spoil: 3 },
    403,
    "SignatureDoesNotMatch",
  ),
  refused(
    "a chunk whose bytes were changed is refused",
    {
      payload: signedChunks,
      bend: (body) => Buffer.concat([body.subarray(0, 1000), Buffer.from("?"), body.subarray(1001)]),
    },
    403,
    "SignatureDoesNotMatch",
  ),
  refused(
    "a signed trailer with another signature is refused",
    { payload: signedTrailer, trailers: sha256Trailer, spoil: "trailer" },
    403,
    "SignatureDoesNotMatch",
  ),
  refused(
    "a signed trailer with another body's checksum is refused",
    { payload: signedTrailer, trailers: wrongTrailer },
    400,
    "BadDigest",
  ),
  refused(
    "an unsigned trailer with another body's checksum is refused",
    { payload: unsignedTrailer, trailers: wrongTrailer },
    400,
    "BadDigest",
  ),
  ...checksums.map(([name, , wrong]) =>
    refused(
      `a trailer with another body's ${name} is refused`,
      {
        payload: unsignedTrailer,
        content: Buffer.from(nineDigits),
        trailers: { [`x-amz-checksum-${name}`]: wrong },
      },
      400,
      "BadDigest",
    ),
  ),
  refused(
    "a trailer that was not announced is refused",
    { payload: unsignedTrailer, trailers: sha256Trailer, announced: "x-amz-checksum-crc32" },
    400,
    "MalformedTrailerError",
  ),
  refused(
    "an aws-chunked body whose own length is not said is refused",
    { payload: signedChunks, decodedBytes: null },
    411,
    "MissingContentLength",
  ),
  refused(
    "an aws-chunked body shorter than was said is refused",
    { payload: signedChunks, decodedBytes: aBody.length + 1 },
    400,
    "IncompleteBody",
  ),
  refused(
    "an aws-chunked body longer than was said is refused",
    { payload: unsignedTrailer, trailers: sha256Trailer, decodedBytes: aBody.length - 1 },
    400,
    "IncompleteBody",
    "InvalidRequest",
  ),
  {
    name: "aws-chunked is not kept as the object's content-encoding",
    source: "API sigv4-streaming; s3-tests test_object_content_encoding_aws_chunked",
    async run(s3) {
      const key = s3.newKey();
      assertOk(await sendChunked(s3, key, { payload: signedChunks }));
      assert.equal((await s3.head(key)).headers["content-encoding"], undefined);
    },
  },
  {
    name: "a content-encoding besides aws-chunked is kept",
    source: "API sigv4-streaming: aws-chunked,gzip; s3-tests test_object_content_encoding_aws_chunked",
    async run(s3) {
      const key = s3.newKey();
      assertOk(
        await sendChunked(s3, key, {
          payload: signedChunks,
          headers: { "content-encoding": "aws-chunked,x-own" },
        }),
      );
      assert.equal((await s3.head(key)).headers["content-encoding"], "x-own");
    },
  },
];

export const uploadIntegrity: ConformanceGroup = {
  operation: "PutObject: integrity",
  cases: [...md5, ...flexible, ...signedPayload, ...chunked],
};
