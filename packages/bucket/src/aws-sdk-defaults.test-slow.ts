import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { test } from "node:test";
import {
  type ChecksumAlgorithm,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { startTestBucket, testCredentials, testRegion } from "./testing/test-bucket.ts";

const Bucket = "test-bucket";

test("the AWS SDK with its defaults puts and gets, from memory and from streams", async (t) => {
  const bucket = await startTestBucket(t);
  const client = new S3Client({
    endpoint: bucket.origin,
    region: testRegion,
    credentials: testCredentials,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  t.after(() => client.destroy());
  const content = randomBytes(300_000);
  const put = async (Key: string, Body: Buffer | Readable, algorithm?: ChecksumAlgorithm) => {
    const checksum = algorithm && { ChecksumAlgorithm: algorithm };
    const sent = { Bucket, Key, Body, ContentLength: content.length, ...checksum };
    const answer = await client.send(new PutObjectCommand(sent));
    // It checks the checksum while it reads.
    const got = await client.send(new GetObjectCommand({ Bucket, Key }));
    assert.ok(content.equals((await got.Body?.transformToByteArray()) ?? Buffer.of()));
    return answer;
  };
  assert.match((await put("memory", content)).ChecksumCRC32 ?? "", /^.{6}==$/);
  assert.match((await put("stream", Readable.from([content]))).ChecksumCRC32 ?? "", /^.{6}==$/);
  assert.ok((await put("sha256", Readable.from([content]), "SHA256")).ChecksumSHA256);
  assert.ok((await put("sha1", Readable.from([content]), "SHA1")).ChecksumSHA1);
  const Delete = { Objects: [{ Key: "memory" }, { Key: "none" }] };
  const removed = await client.send(new DeleteObjectsCommand({ Bucket, Delete }));
  assert.deepEqual(removed.Deleted, Delete.Objects);
  assert.ok((await put("crc32c", Readable.from([content]), "CRC32C")).ChecksumCRC32C);
});
