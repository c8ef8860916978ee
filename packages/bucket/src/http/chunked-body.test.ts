import assert from "node:assert/strict";
import { hash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { createChunkSignatures, createHeaderSigner } from "@stowage/sigv4";
import fc from "fast-check";
import { createChecksum } from "../storage/checksum.ts";
import { assertNothingLeft } from "../testing/nothing-left.ts";
import {
  type Answer,
  startTestBucket,
  type TestBucket,
  testBucketName,
  testCredentials,
  testRegion,
  testSigningKey,
} from "../testing/test-bucket.ts";
import { createChunkDecoder } from "./chunk-decoder.ts";
import { S3Error } from "./s3-error.ts";

const content = randomBytes(150_000);
const crc32 = (of: Buffer): string => {
  const checksum = createChecksum("CRC32");
  checksum.update(of);
  return checksum.digest().toString("base64");
};

const cut = (whole: Buffer, chunkBytes: number): Buffer[] => [
  ...Array.from({ length: Math.ceil(whole.length / chunkBytes) }, (_, index) =>
    whole.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  ),
  Buffer.of(),
];

const unsignedBody = (whole: Buffer, chunkBytes: number, trailer: string): Buffer =>
  Buffer.concat([
    ...cut(whole, chunkBytes).flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from(chunk.length > 0 ? "\r\n" : ""),
    ]),
    Buffer.from(`${trailer}\r\n`),
  ]);

/** Signs and sends content in chunks; `spoil` may change the body before it goes. */
async function sendSigned(
  bucket: TestBucket,
  trailer: string | undefined,
  spoil: (body: Buffer) => Buffer = (body) => body,
): Promise<Answer> {
  const url = new URL(`${bucket.origin}/${testBucketName}/k`);
  const headers = createHeaderSigner({ credentials: testCredentials, region: testRegion })({
    method: "PUT",
    url,
    headers: {
      "content-encoding": "aws-chunked",
      "x-amz-decoded-content-length": String(content.length),
      ...(trailer !== undefined && { "x-amz-trailer": "x-amz-checksum-crc32" }),
    },
    payloadSha256: `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer === undefined ? "" : "-TRAILER"}`,
    signedAt: new Date(),
  });
  const signatures = createChunkSignatures({
    ...testSigningKey(headers["x-amz-date"] ?? ""),
    seedSignature: /Signature=(\w+)$/.exec(headers.authorization ?? "")?.[1] ?? "",
  });
  const pieces = cut(content, 65_536).flatMap((chunk) => [
    Buffer.from(
      `${chunk.length.toString(16)};chunk-signature=${signatures.chunk(hash("sha256", chunk, "hex"))}\r\n`,
    ),
    chunk,
    Buffer.from(chunk.length > 0 ? "\r\n" : ""),
  ]);
  if (trailer !== undefined) {
    const line = `x-amz-checksum-crc32:${trailer}`;
    const signature = signatures.trailer(hash("sha256", `${line}\n`, "hex"));
    pieces.push(Buffer.from(`${line}\r\nx-amz-trailer-signature:${signature}\r\n`));
  }
  const body = spoil(Buffer.concat([...pieces, Buffer.from("\r\n")]));
  return bucket.send("PUT", url.href, { headers, body });
}

for (const trailer of [undefined, crc32(content)])
  test(`signed chunks are stored ${trailer ? "with" : "without"} a signed trailer`, async (t) => {
    const bucket = await startTestBucket(t);
    const put = await sendSigned(bucket, trailer);
    assert.deepEqual([put.status, put.headers["x-amz-checksum-crc32"]], [200, trailer]);
    assert.ok((await bucket.get("k")).body.equals(content));
  });

const flip =
  (at: number) =>
  (body: Buffer): Buffer => {
    const spoilt = Buffer.from(body);
    spoilt[at] = (spoilt[at] ?? 0) ^ 1;
    return spoilt;
  };
for (const [what, spoil] of [
  ["content", flip(1000)],
  ["last content", flip(140_000)],
  ["a signature", flip(30)],
  [
    "a trailer",
    (body: Buffer) => Buffer.from(body.toString("latin1").replace("crc32:", "crc32c:"), "latin1"),
  ],
] as const)
  test(`a signed body of which ${what} was changed is refused, and nothing kept`, async (t) => {
    const bucket = await startTestBucket(t);
    const answer = await sendSigned(bucket, crc32(content), spoil);
    assert.ok([400, 403].includes(answer.status), String(answer.status));
    assert.ok(["SignatureDoesNotMatch", "InvalidRequest"].includes(answer.code ?? ""));
    assertNothingLeft(bucket);
  });

async function sendUnsigned(bucket: TestBucket, body: Buffer, name = "x-amz-checksum-crc32") {
  return bucket.signed("PUT", "k", {
    body,
    payloadSha256: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    headers: { "x-amz-decoded-content-length": String(content.length), "x-amz-trailer": name },
  });
}

test("unsigned chunks are held to the checksum that follows them", async (t) => {
  const bucket = await startTestBucket(t);
  const trailer = (value: string): string => `x-amz-checksum-crc32:${value}\r\n`;
  const wrong = await sendUnsigned(bucket, unsignedBody(content, 9000, trailer("AAAAAA==")));
  assert.deepEqual([wrong.status, wrong.code], [400, "BadDigest"]);
  const none = await sendUnsigned(bucket, unsignedBody(content, 9000, ""));
  assert.deepEqual([none.status, none.code], [400, "MalformedTrailerError"]);
  const short = await sendUnsigned(bucket, unsignedBody(content.subarray(1), 9000, trailer("AAAAAA==")));
  assert.deepEqual([short.status, short.code], [400, "IncompleteBody"]);
  const other = await sendUnsigned(bucket, unsignedBody(content, 9000, ""), "x-other");
  assert.deepEqual([other.status, other.code], [501, "NotImplemented"]);
  assertNothingLeft(bucket);
  assert.equal(
    (await sendUnsigned(bucket, unsignedBody(content, 9000, trailer(crc32(content))))).status,
    200,
  );
  assert.ok((await bucket.get("k")).body.equals(content));
});

test("a body is decoded the same however it is cut, and anything else is refused", async () => {
  const whole = Buffer.from("some content");
  const body = unsignedBody(whole, 5, "a:b\r\n");
  const decode = async (pieces: readonly Buffer[]): Promise<string> => {
    const got: Buffer[] = [];
    const decoder = createChunkDecoder({
      sizeBytes: whole.length,
      hasTrailers: true,
      async push(piece) {
        got.push(Buffer.from(piece));
      },
    });
    for (const piece of pieces) await decoder.push(piece);
    assert.deepEqual([...decoder.end()], [["a", "b"]]);
    return String(Buffer.concat(got));
  };
  await fc.assert(
    fc.asyncProperty(fc.nat(body.length), fc.nat(body.length), async (one, other) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      const pieces = [body.subarray(0, from), body.subarray(from, to), body.subarray(to)];
      assert.equal(await decode(pieces), String(whole));
      if (from === to) return;
      await assert.rejects(
        decode([body.subarray(0, from), body.subarray(to)]),
        (error) => error instanceof S3Error || (error instanceof Error && error.name === "AssertionError"),
      );
    }),
  );
});
