import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { test } from "node:test";
import { assertNothingLeft } from "../testing/nothing-left.ts";
import {
  rawHead,
  sha256Base64,
  sha256Hex,
  startTestBucket,
  type TestBucket,
  uploadHeaders,
} from "../testing/test-bucket.ts";

import { waitUntil } from "../testing/wait-until.ts";

const body = randomBytes(100_000);

interface Refusal {
  readonly what: string;
  readonly status: number;
  readonly code: string;
  attempt(bucket: TestBucket): ReturnType<TestBucket["send"]>;
}

const length = { "content-length": String(body.length) };
const refusals: Refusal[] = [
  {
    what: "an upload without a signature",
    status: 403,
    code: "AccessDenied",
    attempt: (bucket) => bucket.send("PUT", "/test-bucket/k", { body, headers: length }),
  },
  {
    what: "a presigned URL that leaves the length open",
    status: 403,
    code: "AccessDenied",
    attempt: (bucket) => bucket.send("PUT", bucket.presign("PUT", "k"), { body, headers: length }),
  },
  {
    what: "a body of another length than was signed",
    status: 403,
    code: "SignatureDoesNotMatch",
    attempt: (bucket) => {
      const url = bucket.presign("PUT", "k", { "content-length": "10" });
      return bucket.send("PUT", url, { body, headers: length });
    },
  },
  {
    what: "a chunked body",
    status: 411,
    code: "MissingContentLength",
    attempt: (bucket) =>
      bucket.send("PUT", bucket.presign("PUT", "k"), { body, headers: { "transfer-encoding": "chunked" } }),
  },
  {
    what: "another content type than was signed",
    status: 403,
    code: "SignatureDoesNotMatch",
    attempt: (bucket) => {
      const url = bucket.presign("PUT", "k", { ...length, "content-type": "image/png" });
      return bucket.send("PUT", url, { body, headers: { ...length, "content-type": "text/html" } });
    },
  },
  {
    what: "a header of Amazon's that was not signed",
    status: 403,
    code: "AccessDenied",
    attempt: (bucket) =>
      bucket.send("PUT", bucket.presign("PUT", "k", length), {
        body,
        headers: { ...length, "x-amz-acl": "public-read" },
      }),
  },
  {
    what: "a copy by way of an upload's URL",
    status: 403,
    code: "AccessDenied",
    attempt: (bucket) =>
      bucket.send("PUT", bucket.presign("PUT", "k", { "content-length": "0" }), {
        headers: { "content-length": "0", "x-amz-copy-source": "test-bucket/other" },
      }),
  },
  {
    what: "a URL that lives longer than allowed",
    status: 400,
    code: "AuthorizationQueryParametersError",
    attempt: (bucket) =>
      bucket.send("PUT", bucket.presign("PUT", "k", length, 3601), { body, headers: length }),
  },
  {
    what: "a body that has not the signed SHA-256",
    status: 400,
    code: "BadDigest",
    attempt: (bucket) => bucket.put("k", body, uploadHeaders("something else")),
  },
  {
    what: "a body that has not the SHA-256 moved to the query",
    status: 400,
    code: "BadDigest",
    attempt: (bucket) => {
      const checksum = encodeURIComponent(sha256Base64("something else"));
      const url = bucket.presign("PUT", `k?x-amz-checksum-sha256=${checksum}`, length);
      return bucket.send("PUT", url, { body, headers: length });
    },
  },
  {
    what: "a body that has not the payload hash of a header signature",
    status: 400,
    code: "XAmzContentSHA256Mismatch",
    attempt: (bucket) =>
      bucket.signed("PUT", "k", { body, headers: length, payloadSha256: sha256Hex("something else") }),
  },
  {
    what: "a malformed SHA-256",
    status: 400,
    code: "InvalidRequest",
    attempt: (bucket) => bucket.put("k", body, { "x-amz-checksum-sha256": "abcd" }),
  },
  {
    what: "a body that has not the Content-MD5",
    status: 400,
    code: "BadDigest",
    attempt: (bucket) =>
      bucket.put("k", body, { "content-md5": createHash("md5").update("something else").digest("base64") }),
  },
  {
    what: "a malformed Content-MD5",
    status: 400,
    code: "InvalidDigest",
    attempt: (bucket) => bucket.put("k", body, { "content-md5": "abcd" }),
  },
  {
    what: "more than an object may have",
    status: 400,
    code: "EntityTooLarge",
    attempt: (bucket) => bucket.put("k", randomBytes(1_000_001)),
  },
  {
    what: "a body that has not the CRC32",
    status: 400,
    code: "BadDigest",
    attempt: (bucket) => bucket.put("k", body, { "x-amz-checksum-crc32": "AAAAAA==" }),
  },
  {
    what: "a malformed CRC64NVME",
    status: 400,
    code: "InvalidRequest",
    attempt: (bucket) => bucket.put("k", body, { "x-amz-checksum-crc64nvme": "AAAAAA==" }),
  },
  {
    what: "two checksums at once",
    status: 400,
    code: "InvalidRequest",
    attempt: (bucket) =>
      bucket.put("k", body, { ...uploadHeaders(body), "x-amz-checksum-crc32": "AAAAAA==" }),
  },
  {
    what: "a checksum of another kind",
    status: 501,
    code: "NotImplemented",
    attempt: (bucket) => bucket.put("k", body, { "x-amz-checksum-xxhash64": "AAAAAA==" }),
  },
  {
    what: "tags that are none",
    status: 400,
    code: "InvalidTag",
    attempt: (bucket) => bucket.put("k", body, { "x-amz-tagging": "a=%3Cb%3E" }),
  },
  {
    what: "another storage class",
    status: 501,
    code: "NotImplemented",
    attempt: (bucket) => bucket.put("k", body, { "x-amz-storage-class": "GLACIER" }),
  },
  {
    what: "encryption under a key that is not ours",
    status: 501,
    code: "NotImplemented",
    attempt: (bucket) => bucket.put("k", body, { "x-amz-server-side-encryption": "aws:kms" }),
  },
  {
    what: "more metadata than S3 takes",
    status: 400,
    code: "MetadataTooLarge",
    attempt: (bucket) =>
      bucket.put("k", body, { "x-amz-meta-a": "v".repeat(1024), "x-amz-meta-b": "v".repeat(1023) }),
  },
  {
    what: "a content-disposition longer than S3 takes",
    status: 400,
    code: "MetadataTooLarge",
    attempt: (bucket) => bucket.put("k", body, { "content-disposition": "v".repeat(2030) }),
  },
  {
    what: "an ACL that opens an object",
    status: 400,
    code: "AccessControlListNotSupported",
    attempt: (bucket) => bucket.put("k", body, { "x-amz-acl": "public-read" }),
  },
  {
    what: "an ACL that does not exist",
    status: 400,
    code: "InvalidArgument",
    attempt: (bucket) => bucket.put("k", body, { "x-amz-acl": "everybody" }),
  },
  {
    what: "a storage class that S3 has and this server has not",
    status: 501,
    code: "NotImplemented",
    attempt: (bucket) => bucket.put("k", body, { "x-amz-storage-class": "GLACIER" }),
  },
  {
    what: "a storage class that does not exist",
    status: 400,
    code: "InvalidStorageClass",
    attempt: (bucket) => bucket.put("k", body, { "x-amz-storage-class": "PAPER" }),
  },
  {
    what: "an algorithm without a checksum",
    status: 400,
    code: "InvalidRequest",
    attempt: (bucket) => bucket.put("k", body, { "x-amz-sdk-checksum-algorithm": "CRC32" }),
  },
  {
    what: "to replace an object that is not there",
    status: 404,
    code: "NoSuchKey",
    attempt: (bucket) => bucket.put("k", body, { "if-match": '"abc"' }),
  },
  {
    what: "a condition that S3 does not have on writes",
    status: 501,
    code: "NotImplemented",
    attempt: (bucket) => bucket.put("k", body, { "if-none-match": '"abc"' }),
  },
  {
    what: "two conditions at once",
    status: 501,
    code: "NotImplemented",
    attempt: (bucket) => bucket.put("k", body, { "if-none-match": "*", "if-match": '"abc"' }),
  },
  {
    what: "a streaming signature without the content's length",
    status: 411,
    code: "MissingContentLength",
    attempt: (bucket) =>
      bucket.signed("PUT", "k", {
        body,
        headers: length,
        payloadSha256: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
      }),
  },
  {
    what: "a content type that does not fit",
    status: 400,
    code: "InvalidRequest",
    attempt: (bucket) => bucket.put("k", body, { "content-type": "a".repeat(256) }),
  },
  {
    what: "a key that is too long",
    status: 400,
    code: "KeyTooLongError",
    attempt: (bucket) => bucket.put("k".repeat(1025), body),
  },
];
for (const { what, status, code, attempt } of refusals)
  test(`refuses ${what} and keeps nothing of it`, async (t) => {
    const bucket = await startTestBucket(t, { maxObjectSizeBytes: 1_000_000 });
    const answer = await attempt(bucket);
    assert.deepEqual([answer.status, answer.code], [status, code]);
    assertNothingLeft(bucket);
  });

test("a body that is too long to be read for nothing is refused at once, and the connection given up", async (t) => {
  const bucket = await startTestBucket(t);
  const headers = { "content-length": String(6 * 1024 ** 3) };
  const socket = connect(bucket.port, "127.0.0.1");
  t.after(() => socket.destroy());
  socket.write(rawHead("PUT", bucket.presign("PUT", "k", headers), headers));
  socket.write(body);
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
  });
  await waitUntil(() => received.endsWith("</Error>"), "the whole answer");
  assert.match(
    received,
    /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*connection: close\r\n[\s\S]*<Code>EntityTooLarge</i,
  );
  assertNothingLeft(bucket);
});
