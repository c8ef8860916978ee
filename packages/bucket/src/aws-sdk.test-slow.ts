import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { sha256Base64, startTestBucket, testCredentials, testRegion } from "./testing/test-bucket.ts";

const Bucket = "test-bucket";

async function startWithSdk(t: TestContext) {
  const bucket = await startTestBucket(t);
  const client = new S3Client({
    endpoint: bucket.origin,
    region: testRegion,
    credentials: testCredentials,
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    maxAttempts: 1,
  });
  t.after(() => client.destroy());
  return { bucket, client };
}

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "none";
  } catch (error) {
    assert.ok(error instanceof S3ServiceException);
    return `${error.$metadata.httpStatusCode} ${error.name}`;
  }
};

test("the AWS SDK puts, heads, gets, lists, copies and deletes", async (t) => {
  const { client } = await startWithSdk(t);
  const Body = randomBytes(3_000_000);
  const Key = "folder/ä b+c/file.bin";
  const put = await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "image/png" }));
  assert.equal(put.ETag, `"${createHash("md5").update(Body).digest("hex")}"`);

  const head = await client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
  assert.deepEqual(
    [head.ContentLength, head.ContentType, head.ETag, head.ChecksumSHA256],
    [Body.length, "image/png", put.ETag, sha256Base64(Body)],
  );

  const get = await client.send(new GetObjectCommand({ Bucket, Key }));
  assert.ok(Body.equals((await get.Body?.transformToByteArray()) ?? Buffer.of()));
  const part = await client.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=100000-199999" }));
  assert.ok(Body.subarray(100_000, 200_000).equals((await part.Body?.transformToByteArray()) ?? Buffer.of()));

  const copy = { Bucket, Key: "copy", CopySource: `${Bucket}/${encodeURIComponent(Key)}` };
  const copied = await client.send(new CopyObjectCommand({ ...copy, IfNoneMatch: "*" }));
  assert.equal(copied.CopyObjectResult?.ETag, put.ETag);
  assert.equal(
    await codeOf(client.send(new CopyObjectCommand({ ...copy, IfNoneMatch: "*" }))),
    "412 PreconditionFailed",
  );

  const list = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }));
  assert.deepEqual(
    list.Contents?.map((object) => [object.Key, object.Size, object.ETag]),
    [["copy", Body.length, put.ETag]],
  );
  const rest = await client.send(
    new ListObjectsV2Command({ Bucket, ContinuationToken: list.NextContinuationToken }),
  );
  assert.deepEqual([rest.Contents?.map((object) => object.Key), rest.IsTruncated], [[Key], false]);

  await client.send(new DeleteObjectCommand({ Bucket, Key }));
  await client.send(new DeleteObjectCommand({ Bucket, Key }));
  await assert.rejects(client.send(new GetObjectCommand({ Bucket, Key })), NoSuchKey);
  assert.equal(await codeOf(client.send(new HeadObjectCommand({ Bucket, Key }))), "404 NotFound");
  await client.send(new HeadBucketCommand({ Bucket }));
});

test("the AWS SDK's conditions and checksums hold", async (t) => {
  const { client } = await startWithSdk(t);
  const put = (input: object) =>
    client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "content", ...input }));
  await put({ IfNoneMatch: "*", ChecksumSHA256: sha256Base64("content") });
  assert.equal(await codeOf(put({ IfNoneMatch: "*" })), "412 PreconditionFailed");
  assert.equal(await codeOf(put({ ChecksumSHA256: sha256Base64("other") })), "400 BadDigest");
  assert.equal(
    await codeOf(put({ ContentMD5: createHash("md5").update("other").digest("base64") })),
    "400 BadDigest",
  );
  assert.equal(await codeOf(put({ Tagging: "a=b&a=c" })), "400 InvalidArgument");
});

test("a URL presigned by the AWS SDK, with its headers signed, works once", async (t) => {
  const { bucket, client } = await startWithSdk(t);
  const body = randomBytes(50_000);
  const headers = {
    "content-length": String(body.length),
    "content-type": "image/jpeg",
    "if-none-match": "*",
    "x-amz-checksum-sha256": sha256Base64(body),
  };
  const command = new PutObjectCommand({
    Bucket,
    Key: "k",
    ContentLength: body.length,
    ContentType: "image/jpeg",
    IfNoneMatch: "*",
    ChecksumSHA256: sha256Base64(body),
  });
  const names = new Set(Object.keys(headers));
  const url = await getSignedUrl(client, command, {
    expiresIn: 60,
    signableHeaders: new Set([...names, "host"]),
    unhoistableHeaders: names,
  });
  assert.equal((await bucket.send("PUT", url, { headers, body })).status, 200);
  assert.equal((await bucket.send("PUT", url, { headers, body })).status, 412);
  const getUrl = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: "k" }), { expiresIn: 60 });
  assert.ok((await bucket.send("GET", getUrl)).body.equals(body));
});
