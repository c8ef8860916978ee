import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestBucket } from "../testing/test-bucket.ts";

const body = "content";
const metadata = {
  "cache-control": "max-age=60",
  "content-disposition": 'attachment; filename="a b.txt"',
  "content-encoding": "gzip",
  "content-language": "de, en",
  expires: "Thu, 01 Dec 2044 16:00:00 GMT",
  "x-amz-meta-__proto__": "of no consequence",
  "x-amz-meta-name": "some value",
};
const ours = {
  "content-security-policy": "sandbox; default-src 'none'",
  "x-content-type-options": "nosniff",
};

test("an object comes back with the headers that it was stored with, and those that every object has", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("presigned", body, metadata);
  await bucket.signed("PUT", "signed", { body, headers: metadata });
  for (const key of ["presigned", "signed"])
    for (const method of ["GET", "HEAD"]) {
      const { status, headers } = await bucket.signed(method, key);
      assert.equal(status, 200);
      for (const [name, value] of Object.entries({ ...metadata, ...ours }))
        assert.equal(headers[name], value);
    }
  const unchanged = await bucket.get("presigned", { "if-none-match": "*" });
  assert.deepEqual([unchanged.status, unchanged.headers["cache-control"]], [304, "max-age=60"]);
  const plain = await bucket.put("plain", body);
  assert.equal(plain.status, 200);
  assert.equal((await bucket.get("plain")).headers["cache-control"], "private, no-cache");
});

test("whoever signs a GET has the last word on its headers", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", body, metadata);
  const { headers } = await bucket.signed("GET", "k?response-content-disposition=inline&response-expires=0");
  assert.deepEqual([headers["content-disposition"], headers.expires], ["inline", "0"]);
  assert.equal(headers["x-amz-meta-name"], "some value");
});

test("who holds a presigned URL can't add to what it signs", async (t) => {
  const bucket = await startTestBucket(t);
  const length = { "content-length": String(body.length) };
  const put = (key: string, added: Record<string, string>) =>
    bucket.send("PUT", bucket.presign("PUT", key, length), { headers: { ...length, ...added }, body });
  const { "content-encoding": _, ...harmless } = metadata;
  assert.equal((await put("meta", { "x-amz-meta-name": "value" })).code, "AccessDenied");
  assert.equal((await put("encoding", { "content-encoding": "gzip" })).code, "AccessDenied");
  assert.equal((await bucket.get("encoding")).status, 404);
  const system = Object.fromEntries(Object.entries(harmless).filter(([name]) => !name.startsWith("x-amz")));
  assert.equal((await put("system", system)).status, 200);
  const { headers } = await bucket.get("system");
  assert.equal(headers["cache-control"], "private, no-cache");
  for (const name of ["content-disposition", "content-language", "expires"])
    assert.equal(headers[name], undefined);
});

test("metadata in the query of a presigned URL is kept, if a header can hold it", async (t) => {
  const bucket = await startTestBucket(t);
  const put = (query: string) => bucket.put(`k?${query}`, body);
  assert.equal((await put("x-amz-meta-name=a%20value")).status, 200);
  assert.equal((await bucket.get("k")).headers["x-amz-meta-name"], "a value");
  for (const query of ["x-amz-meta-a=b%0D%0Aset-cookie:%20a", "x-amz-meta-a%0Ab=c", "x-amz-meta-a=%C3%A4"])
    assert.deepEqual([(await put(query)).code, query], ["InvalidArgument", query]);
});

test("how a body came is no part of its encoding", async (t) => {
  const bucket = await startTestBucket(t);
  for (const [sent, kept] of [
    ["aws-chunked", undefined],
    ["gzip,aws-chunked", "gzip"],
    ["aws-chunked, br", "br"],
    ["identity", undefined],
  ] as const) {
    await bucket.put("k", body, { "content-encoding": sent });
    assert.equal((await bucket.get("k")).headers["content-encoding"], kept);
  }
});

test("as much metadata as S3 allows is kept, with a content that is read to its end and in part", async (t) => {
  const bucket = await startTestBucket(t);
  const large = Buffer.alloc(300_000, "0123456789");
  const headers = {
    "content-disposition": '"'.repeat(2048 - "content-disposition".length),
    "x-amz-meta-a": '\\"'.repeat(511),
    "x-amz-meta-b": "v".repeat(1024),
  };
  assert.equal((await bucket.put("k", large, headers)).status, 200);
  const got = await bucket.get("k");
  assert.ok(got.body.equals(large));
  for (const [name, value] of Object.entries(headers)) assert.equal(got.headers[name], value);
  const part = await bucket.get("k", { range: "bytes=131070-196700" });
  assert.ok(part.body.equals(large.subarray(131_070, 196_701)));
  const listed = String((await bucket.signed("GET", "?list-type=2")).body);
  assert.match(listed, /<Size>300000<\/Size>/);
});

test("a multipart upload's object has the headers that the upload began with", async (t) => {
  const bucket = await startTestBucket(t);
  const begun = await bucket.signed("POST", "k?uploads", { headers: metadata });
  const uploadId = /<UploadId>(.*)<\/UploadId>/.exec(String(begun.body))?.[1];
  const part = await bucket.signed("PUT", `k?partNumber=1&uploadId=${uploadId}`, { body });
  const parts = `<Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part>`;
  const document = `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`;
  assert.equal((await bucket.signed("POST", `k?uploadId=${uploadId}`, { body: document })).status, 200);
  const got = await bucket.get("k");
  assert.equal(String(got.body), body);
  for (const [name, value] of Object.entries(metadata)) assert.equal(got.headers[name], value);
});

test("who asks for what every object has is told so", async (t) => {
  const bucket = await startTestBucket(t);
  const answer = await bucket.put("k", body, {
    "x-amz-acl": "bucket-owner-full-control",
    "x-amz-server-side-encryption": "AES256",
    "x-amz-storage-class": "STANDARD",
  });
  assert.deepEqual([answer.status, answer.headers["x-amz-server-side-encryption"]], [200, "AES256"]);
});
