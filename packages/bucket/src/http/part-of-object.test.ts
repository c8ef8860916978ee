import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { sha256Base64, startTestBucket, type TestBucket } from "../testing/test-bucket.ts";

const bodies = [randomBytes(5 * 1024 ** 2), randomBytes(1000)];
const whole = Buffer.concat(bodies);

/** As parts 3 and 7. */
async function putInTwoParts(bucket: TestBucket): Promise<void> {
  const begun = await bucket.signed("POST", "k?uploads");
  const uploadId = /<UploadId>(.*)<\/UploadId>/.exec(String(begun.body))?.[1];
  let parts = "";
  for (const [index, number] of [3, 7].entries()) {
    const body = bodies[index] ?? "";
    const { headers } = await bucket.signed("PUT", `k?partNumber=${number}&uploadId=${uploadId}`, { body });
    parts += `<Part><PartNumber>${number}</PartNumber><ETag>${headers.etag}</ETag></Part>`;
  }
  const body = `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`;
  assert.equal((await bucket.signed("POST", `k?uploadId=${uploadId}`, { body })).status, 200);
}

test("a part of an object is read by the number that it was uploaded with", async (t) => {
  const bucket = await startTestBucket(t);
  await putInTwoParts(bucket);
  const first = await bucket.signed("GET", "k?partNumber=3");
  assert.deepEqual(
    [first.status, first.headers["content-range"], first.headers["x-amz-mp-parts-count"]],
    [206, `bytes 0-${5 * 1024 ** 2 - 1}/${whole.length}`, "2"],
  );
  assert.ok(first.body.equals(bodies[0] ?? Buffer.of()));
  const head = await bucket.signed("HEAD", "k?partNumber=7");
  assert.deepEqual(
    [head.status, head.headers["content-length"], head.headers["x-amz-mp-parts-count"]],
    [206, "1000", "2"],
  );
  for (const number of [1, 4, 10_000]) {
    const none = await bucket.signed("GET", `k?partNumber=${number}`);
    assert.deepEqual([none.status, none.code], [416, "InvalidPartNumber"]);
  }
});

test("an object that came at once is part 1 of itself", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", "content");
  const { status, headers, body } = await bucket.signed("GET", "k?partNumber=1");
  assert.deepEqual(
    [status, headers["content-range"], headers["x-amz-mp-parts-count"], String(body)],
    [206, "bytes 0-6/7", undefined, "content"],
  );
  assert.equal((await bucket.signed("GET", "k?partNumber=2")).code, "InvalidPartNumber");
  assert.equal((await bucket.signed("GET", "k?partNumber=0")).code, "InvalidArgument");
  assert.equal((await bucket.signed("GET", "k?partNumber=x")).code, "InvalidArgument");
  const both = await bucket.signed("GET", "k?partNumber=1", { headers: { range: "bytes=0-1" } });
  assert.equal(both.code, "InvalidRequest");
  await bucket.put("empty", "");
  assert.equal((await bucket.signed("GET", "empty?partNumber=1")).status, 200);
});

test("an object's attributes are told, those that are asked for", async (t) => {
  const bucket = await startTestBucket(t);
  await putInTwoParts(bucket);
  const put = await bucket.put("plain", "content");
  const ask = async (key: string, names: string, more: Record<string, string> = {}) =>
    String(
      (
        await bucket.signed("GET", `${key}?attributes`, {
          headers: { "x-amz-object-attributes": names, ...more },
        })
      ).body,
    );
  const plain = await ask("plain", "ETag,Checksum, ObjectSize,StorageClass,ObjectParts");
  const etag = String(put.headers.etag).replaceAll('"', "");
  const checksum = `<ChecksumSHA256>${sha256Base64("content")}</ChecksumSHA256><ChecksumType>FULL_OBJECT</ChecksumType>`;
  assert.ok(
    plain.endsWith(
      `<Checksum>${checksum}</Checksum><ETag>${etag}</ETag><ObjectSize>7</ObjectSize><StorageClass>STANDARD</StorageClass></GetObjectAttributesResponse>`,
    ),
    plain,
  );
  const parts = await ask("k", "ObjectParts", { "x-amz-max-parts": "1" });
  assert.match(
    parts,
    /<PartsCount>2<\/PartsCount>.*<NextPartNumberMarker>3<.*<IsTruncated>true<.*<PartNumber>3<\/PartNumber><Size>5242880<\/Size>/,
  );
  const rest = await ask("k", "ObjectParts", { "x-amz-part-number-marker": "3" });
  assert.match(rest, /<IsTruncated>false<.*<PartNumber>7<\/PartNumber><Size>1000<\/Size>/);
  assert.match(await ask("k", "Everything"), /<Code>InvalidArgument</);
  assert.match(await ask("none", "ETag"), /<Code>NoSuchKey</);
});
