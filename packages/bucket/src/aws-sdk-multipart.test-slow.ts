import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  NoSuchUpload,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { startTestBucket, testCredentials, testRegion } from "./testing/test-bucket.ts";

const Bucket = "test-bucket";
const Key = "folder/ä b.mp4";

for (const [checksums, algorithm] of [
  ["WHEN_REQUIRED", "SHA256"],
  ["WHEN_SUPPORTED", "CRC32"],
] as const)
  test(`the AWS SDK uploads in parts, lists and aborts, with ${algorithm}`, async (t) => {
    const bucket = await startTestBucket(t);
    const client = new S3Client({
      endpoint: bucket.origin,
      region: testRegion,
      credentials: testCredentials,
      forcePathStyle: true,
      requestChecksumCalculation: checksums,
      maxAttempts: 1,
    });
    t.after(() => client.destroy());
    const begin = async () => {
      const create = new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: algorithm });
      return (await client.send(create)).UploadId;
    };
    const UploadId = await begin();
    const bodies = [randomBytes(5 * 1024 ** 2), randomBytes(100)];
    const Parts = [];
    for (const [index, Body] of bodies.entries()) {
      const PartNumber = index + 1;
      const part = { Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm: algorithm };
      const { ETag, ChecksumSHA256, ChecksumCRC32 } = await client.send(new UploadPartCommand(part));
      Parts.push({ PartNumber, ETag, ...(algorithm === "SHA256" ? { ChecksumSHA256 } : { ChecksumCRC32 }) });
    }
    const listed = await client.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    assert.deepEqual(
      listed.Parts?.map(({ PartNumber, ETag, ChecksumSHA256, ChecksumCRC32 }) => ({
        PartNumber,
        ETag,
        ...(algorithm === "SHA256" ? { ChecksumSHA256 } : { ChecksumCRC32 }),
      })),
      Parts,
    );
    const completing = { Bucket, Key, UploadId, MultipartUpload: { Parts }, IfNoneMatch: "*" };
    const done = await client.send(new CompleteMultipartUploadCommand(completing));
    const got = await client.send(new GetObjectCommand({ Bucket, Key }));
    assert.ok(Buffer.concat(bodies).equals((await got.Body?.transformToByteArray()) ?? Buffer.of()));
    assert.equal(got.ETag, done.ETag);

    const other = await begin();
    const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "folder/" }));
    assert.deepEqual(
      uploads.Uploads?.map((upload) => [upload.Key, upload.UploadId]),
      [[Key, other]],
    );
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: other }));
    await assert.rejects(
      client.send(new ListPartsCommand({ Bucket, Key, UploadId: other })),
      (error) => error instanceof NoSuchUpload || (error instanceof Error && error.name === "NoSuchUpload"),
    );
  });
