import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { startTestBucket, testCredentials, testRegion } from "./testing/test-bucket.ts";

const Bucket = "test-bucket";

/** A client with the SDK's defaults. */
async function start(t: TestContext) {
  const bucket = await startTestBucket(t);
  const client = new S3Client({
    endpoint: bucket.origin,
    region: testRegion,
    credentials: testCredentials,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  t.after(() => client.destroy());
  const put = (Key: string, more: object = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body: Key, ...more }));
  return { client, put };
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

test("the AWS SDK's metadata come back, and are copied or replaced", async (t) => {
  const { client, put } = await start(t);
  const about = {
    CacheControl: "max-age=1",
    ContentDisposition: "inline",
    ContentEncoding: "identity, br",
    ContentLanguage: "de",
    ContentType: "text/plain",
    Metadata: { name: "value", other: "x y" },
  };
  await put("k", { ...about, ServerSideEncryption: "AES256", StorageClass: "STANDARD" });
  const headOf = async (Key: string) => {
    const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
    const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Metadata } =
      head;
    return { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Metadata };
  };
  const expected = { ...about, ContentEncoding: "br" };
  assert.deepEqual(await headOf("k"), expected);
  const copying = { Bucket, Key: "copy", CopySource: `${Bucket}/k` };
  await client.send(new CopyObjectCommand(copying));
  assert.deepEqual(await headOf("copy"), expected);
  const replacing = { ...copying, MetadataDirective: "REPLACE", Metadata: { new: "1" } } as const;
  const copied = await client.send(new CopyObjectCommand({ ...replacing, ChecksumAlgorithm: "CRC64NVME" }));
  assert.match(copied.CopyObjectResult?.ChecksumCRC64NVME ?? "", /^.{11}=$/);
  const { Metadata, CacheControl } = await headOf("copy");
  assert.deepEqual([Metadata, CacheControl], [{ new: "1" }, "private, no-cache"]);
});

test("the AWS SDK lists by folder and page by page, in every version", async (t) => {
  const { client, put } = await start(t);
  for (const Key of ["a", "b/1", "b/2 +%", "c/ä", "d"]) await put(Key);
  const pages = paginateListObjectsV2(
    { client, pageSize: 2 },
    { Bucket, Delimiter: "/", EncodingType: "url" },
  );
  const lines: (string | undefined)[] = [];
  for await (const { Contents = [], CommonPrefixes = [] } of pages)
    lines.push(...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix));
  assert.deepEqual(lines, ["a", "b/", "d", "c/"]);

  const first = await client.send(new ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 2 }));
  assert.deepEqual([first.IsTruncated, first.NextMarker], [true, "b/"]);
  const second = await client.send(
    new ListObjectsCommand({ Bucket, Delimiter: "/", Marker: first.NextMarker }),
  );
  assert.deepEqual(second.CommonPrefixes, [{ Prefix: "c/" }]);
  const owned = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "b/", FetchOwner: true }));
  assert.deepEqual(
    owned.Contents?.map(({ Key, Owner }) => [Key, Owner?.ID]),
    [
      ["b/1", "stowage"],
      ["b/2 +%", "stowage"],
    ],
  );
  const versions = await client.send(new ListObjectVersionsCommand({ Bucket }));
  const Objects = (versions.Versions ?? []).map(({ Key, VersionId }) => ({ Key, VersionId }));
  assert.equal(Objects.length, 5);
  await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  assert.equal((await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount, 0);
});

test("the AWS SDK learns what the bucket is and is not set to", async (t) => {
  const { client, put } = await start(t);
  const { Buckets, Owner } = await client.send(new ListBucketsCommand({}));
  assert.deepEqual([Buckets?.map(({ Name }) => Name), Owner?.ID], [[Bucket], "stowage"]);
  assert.equal((await client.send(new HeadBucketCommand({ Bucket }))).BucketRegion, testRegion);
  assert.equal((await client.send(new CreateBucketCommand({ Bucket }))).Location, `/${Bucket}`);
  assert.equal(
    await codeOf(client.send(new CreateBucketCommand({ Bucket: "another" }))),
    "400 TooManyBuckets",
  );
  const location = await client.send(new GetBucketLocationCommand({ Bucket }));
  assert.equal(location.LocationConstraint || "none", "none");
  assert.equal((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status, undefined);
  await put("k");
  for (const acl of [
    await client.send(new GetBucketAclCommand({ Bucket })),
    await client.send(new GetObjectAclCommand({ Bucket, Key: "k" })),
  ])
    assert.deepEqual(
      acl.Grants?.map(({ Grantee, Permission }) => [Grantee?.Type, Grantee?.ID, Permission]),
      [["CanonicalUser", "stowage", "FULL_CONTROL"]],
    );
  assert.deepEqual((await client.send(new GetObjectTaggingCommand({ Bucket, Key: "k" }))).TagSet, []);
  assert.equal(await codeOf(client.send(new GetBucketPolicyCommand({ Bucket }))), "404 NoSuchBucketPolicy");
  assert.equal(await codeOf(client.send(new GetBucketTaggingCommand({ Bucket }))), "404 NoSuchTagSet");
  assert.equal(
    await codeOf(client.send(new GetBucketEncryptionCommand({ Bucket }))),
    "404 ServerSideEncryptionConfigurationNotFoundError",
  );
});

test("the AWS SDK replaces and removes only the object that it means", async (t) => {
  const { client, put } = await start(t);
  const { ETag } = await put("k");
  assert.equal(await codeOf(put("k", { IfMatch: '"other"' })), "412 PreconditionFailed");
  assert.equal(await codeOf(put("none", { IfMatch: ETag })), "404 NoSuchKey");
  await put("k", { IfMatch: ETag, Body: "changed" });
  const remove = (IfMatch: string) => client.send(new DeleteObjectCommand({ Bucket, Key: "k", IfMatch }));
  assert.equal(await codeOf(remove(ETag ?? "")), "412 PreconditionFailed");
  await remove("*");
  assert.equal(await codeOf(client.send(new HeadObjectCommand({ Bucket, Key: "k" }))), "404 NotFound");
});

for (const [algorithm, type, field] of [
  ["CRC64NVME", undefined, "ChecksumCRC64NVME"],
  ["CRC32", "FULL_OBJECT", "ChecksumCRC32"],
  ["CRC32C", "COMPOSITE", "ChecksumCRC32C"],
] as const)
  test(`the AWS SDK sends and copies parts with ${algorithm} (${type ?? "by default"}), and reads them one by one`, async (t) => {
    const { client, put } = await start(t);
    const Key = "parts";
    const create = new CreateMultipartUploadCommand({
      Bucket,
      Key,
      ChecksumAlgorithm: algorithm,
      ChecksumType: type,
      Metadata: { name: "value" },
    });
    const { UploadId, ChecksumType } = await client.send(create);
    assert.equal(ChecksumType, type ?? "FULL_OBJECT");
    const bodies = [randomBytes(5 * 1024 ** 2), randomBytes(1000)] as const;
    await put("source", { Body: Buffer.concat([Buffer.alloc(10), bodies[1]]) });
    const part = { Bucket, Key, UploadId };
    const sent = await client.send(
      new UploadPartCommand({ ...part, PartNumber: 1, Body: bodies[0], ChecksumAlgorithm: algorithm }),
    );
    const source = { CopySource: `${Bucket}/source`, CopySourceRange: "bytes=10-1009" };
    const { CopyPartResult: copied } = await client.send(
      new UploadPartCopyCommand({ ...part, ...source, PartNumber: 2 }),
    );
    const Parts = [sent, copied].map((answer, index) => ({
      PartNumber: index + 1,
      ETag: answer?.ETag,
      [field]: answer?.[field],
    }));
    const done = await client.send(
      new CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts } }),
    );
    assert.deepEqual([done.ChecksumType, typeof done[field]], [ChecksumType, "string"]);

    // It checks the whole object's checksum while it reads.
    const got = await client.send(new GetObjectCommand({ Bucket, Key }));
    assert.ok(Buffer.concat(bodies).equals((await got.Body?.transformToByteArray()) ?? Buffer.of()));
    assert.deepEqual(
      [got.Metadata, got[field], got.ChecksumType],
      [{ name: "value" }, done[field], ChecksumType],
    );
    const second = await client.send(new GetObjectCommand({ Bucket, Key, PartNumber: 2 }));
    assert.equal(second.PartsCount, 2);
    assert.ok(bodies[1].equals((await second.Body?.transformToByteArray()) ?? Buffer.of()));
    const attributes = await client.send(
      new GetObjectAttributesCommand({
        Bucket,
        Key,
        ObjectAttributes: ["ETag", "Checksum", "ObjectParts", "ObjectSize"],
      }),
    );
    assert.deepEqual(
      [attributes.ObjectSize, attributes.Checksum?.[field], attributes.ObjectParts?.TotalPartsCount],
      [bodies[0].length + 1000, done[field], 2],
    );
    assert.deepEqual(
      attributes.ObjectParts?.Parts?.map(({ Size }) => Size),
      [bodies[0].length, 1000],
    );
  });
