import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestBucket } from "../testing/test-bucket.ts";

const absent: [subResource: string, code: string][] = [
  ["encryption", "ServerSideEncryptionConfigurationNotFoundError"],
  ["object-lock", "ObjectLockConfigurationNotFoundError"],
  ["policy", "NoSuchBucketPolicy"],
  ["policyStatus", "NoSuchBucketPolicy"],
  ["replication", "ReplicationConfigurationNotFoundError"],
  ["tagging", "NoSuchTagSet"],
  ["website", "NoSuchWebsiteConfiguration"],
];
const settings: [subResource: string, document: RegExp][] = [
  ["accelerate", /<AccelerateConfiguration [^>]*><\/AccelerateConfiguration>$/],
  ["logging", /<BucketLoggingStatus [^>]*><\/BucketLoggingStatus>$/],
  ["ownershipControls", /<ObjectOwnership>BucketOwnerEnforced</],
  ["publicAccessBlock", /<BlockPublicAcls>true<.*<RestrictPublicBuckets>true</],
  ["requestPayment", /<Payer>BucketOwner</],
  ["versioning", /<VersioningConfiguration [^>]*><\/VersioningConfiguration>$/],
];

test("what a bucket is not set to has S3's code for that, and can't be set", async (t) => {
  const bucket = await startTestBucket(t);
  for (const [subResource, code] of absent) {
    const answer = await bucket.signed("GET", `?${subResource}`);
    assert.deepEqual([answer.status, answer.code], [404, code]);
    const change = await bucket.signed("PUT", `?${subResource}`, { body: "<a/>" });
    assert.deepEqual([change.status, change.code], [501, "NotImplemented"]);
  }
});

test("a bucket's settings are those of one that nobody has changed", async (t) => {
  const bucket = await startTestBucket(t);
  for (const [subResource, document] of settings) {
    const answer = await bucket.signed("GET", `?${subResource}`);
    assert.equal(answer.status, 200);
    assert.match(String(answer.body), document);
  }
  const other = await bucket.signed("GET", "?policy", { headers: { "x-amz-other": "1" } });
  assert.equal(other.code, "NotImplemented");
});

test("who expects another owner of the bucket is turned away", async (t) => {
  const bucket = await startTestBucket(t);
  const put = (owner: string) =>
    bucket.signed("PUT", "k", { body: "content", headers: { "x-amz-expected-bucket-owner": owner } });
  assert.equal((await put("111122223333")).code, "AccessDenied");
  assert.equal((await bucket.get("k")).status, 404);
  assert.equal((await put("stowage")).status, 200);
});

test("bucket and objects are the owner's alone, and objects have no tags", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", "content");
  const grants =
    /<Grantee xmlns:xsi="[^"]*" xsi:type="CanonicalUser"><ID>stowage<\/ID>.*<\/Grantee><Permission>FULL_CONTROL</;
  for (const target of ["?acl", "k?acl", "k?acl&versionId=null"])
    assert.match(String((await bucket.signed("GET", target)).body), grants);
  assert.match(String((await bucket.signed("GET", "k?tagging")).body), /<TagSet><\/TagSet>/);
  for (const target of ["none?acl", "none?tagging"])
    assert.equal((await bucket.signed("GET", target)).code, "NoSuchKey");
});
