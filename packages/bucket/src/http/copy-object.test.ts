import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { createChecksum } from "../storage/checksum.ts";
import { diskFileOperations } from "../storage/file-operations.ts";
import { filesBelow } from "../testing/temporary-directory.ts";
import { type Answer, sha256Base64, startTestBucket, type TestBucket } from "../testing/test-bucket.ts";
import { fileError } from "../testing/watched-file-operations.ts";

const textOf = (name: string, { body }: Answer): string | undefined =>
  new RegExp(`<${name}>(.*?)</${name}>`).exec(String(body))?.[1]?.replaceAll("&quot;", '"');

const copyTo = (
  bucket: TestBucket,
  key: string,
  source: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  bucket.signed("PUT", key, { headers: { "x-amz-copy-source": `test-bucket/${source}`, ...headers } });

test("a copy within the bucket has its own key, the same content and the same metadata", async (t) => {
  const bucket = await startTestBucket(t);
  const metadata = { "content-type": "image/png", "x-amz-meta-name": "value", "cache-control": "no-cache" };
  const put = await bucket.put("uploads/a", "content", metadata);
  const copy = await bucket.signed("PUT", "files/b", {
    headers: { "x-amz-copy-source": "/test-bucket/uploads%2Fa", "if-none-match": "*" },
  });
  assert.equal(copy.status, 200);
  assert.equal(textOf("ETag", copy), put.headers.etag);
  assert.equal(textOf("ChecksumSHA256", copy), sha256Base64("content"));
  await bucket.signed("DELETE", "uploads/a");
  const got = await bucket.get("files/b");
  assert.equal(String(got.body), "content");
  for (const [name, value] of Object.entries(metadata)) assert.equal(got.headers[name], value);
});

test("copies are refused for reasons of their own", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("a", "content");
  await bucket.put("taken", "other");
  const attempt = async (key: string, headers: Record<string, string>) => {
    const { status, code } = await bucket.signed("PUT", key, { headers });
    return [status, code];
  };
  const from = (source: string) => ({ "x-amz-copy-source": source });
  const ofA = from("test-bucket/a");
  assert.deepEqual(await attempt("b", from("test-bucket/missing")), [404, "NoSuchKey"]);
  assert.deepEqual(await attempt("b", from("other-bucket/a")), [404, "NoSuchBucket"]);
  for (const nothing of ["test-bucket/", "test-bucket", "/", "other"])
    assert.deepEqual(await attempt("b", from(nothing)), [400, "InvalidArgument"]);
  assert.deepEqual(await attempt("b", from("test-bucket/a?versionId=1")), [400, "InvalidArgument"]);
  assert.deepEqual(await attempt("b", from("test-bucket/a?other=1")), [400, "InvalidArgument"]);
  assert.deepEqual(await attempt("b", from("test-bucket/%zz")), [400, "InvalidArgument"]);
  assert.deepEqual(await attempt("a", ofA), [400, "InvalidRequest"]);
  assert.deepEqual(await attempt("taken", { ...ofA, "if-none-match": "*" }), [412, "PreconditionFailed"]);
  assert.deepEqual(await attempt("taken", { ...ofA, "if-match": '"other"' }), [412, "PreconditionFailed"]);
  assert.deepEqual(await attempt("b", { ...ofA, "if-match": '"other"' }), [404, "NoSuchKey"]);
  const other = { ...ofA, "x-amz-metadata-directive": "MERGE" };
  assert.deepEqual(await attempt("b", other), [400, "InvalidArgument"]);
  assert.deepEqual(await attempt("b", { ...ofA, "x-amz-tagging": "a=b" }), [400, "InvalidArgument"]);
  const customerKey = { ...ofA, "x-amz-copy-source-server-side-encryption-customer-algorithm": "AES256" };
  assert.deepEqual(await attempt("b", customerKey), [501, "NotImplemented"]);
  assert.equal((await bucket.get("b")).status, 404);
  assert.equal(String((await bucket.get("taken")).body), "other");
});

test("a copy's source is held to the four conditions", async (t) => {
  const bucket = await startTestBucket(t);
  const etag = String((await bucket.put("a", "content")).headers.etag);
  const before = new Date(Date.now() - 100_000).toUTCString();
  const after = new Date(Date.now() + 100_000).toUTCString();
  for (const [condition, value, status] of [
    ["if-match", etag, 200],
    ["if-match", '"other"', 412],
    ["if-none-match", '"other"', 200],
    ["if-none-match", etag, 412],
    ["if-unmodified-since", after, 200],
    ["if-unmodified-since", before, 412],
    ["if-modified-since", before, 200],
    ["if-modified-since", after, 412],
  ] as const)
    for (const directive of ["COPY", "REPLACE"]) {
      const headers = { [`x-amz-copy-source-${condition}`]: value, "x-amz-metadata-directive": directive };
      const answer = await copyTo(bucket, "b", "a?versionId=null", headers);
      assert.equal(answer.status, status, `${condition}: ${value}`);
    }
});

test("a copy with other metadata has only that, and the same content", async (t) => {
  const bucket = await startTestBucket(t);
  const content = randomBytes(400_000);
  await bucket.put("a", content, { "content-type": "image/png", "x-amz-meta-old": "1", expires: "0" });
  const replacing = {
    "x-amz-metadata-directive": "REPLACE",
    "content-type": "image/jpeg",
    "x-amz-meta-new": "2",
  };
  for (const key of ["b", "a"]) {
    const copy = await copyTo(bucket, key, "a", replacing);
    const md5 = createHash("md5").update(content).digest("hex");
    assert.deepEqual([copy.status, textOf("ETag", copy)], [200, `"${md5}"`]);
    const { body, headers } = await bucket.get(key);
    assert.ok(body.equals(content));
    const { "content-type": type, etag, expires, "x-amz-meta-new": added, "x-amz-meta-old": old } = headers;
    assert.deepEqual(
      [type, etag, expires, added, old],
      ["image/jpeg", `"${md5}"`, undefined, "2", undefined],
    );
  }
  assert.deepEqual(filesBelow(join(bucket.directory, "incoming")), []);
});

test("a copy can be asked for a checksum that its source has not", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("a", "content", { "x-amz-meta-kept": "1" });
  for (const algorithm of ["CRC32C", "CRC64NVME", "SHA256"] as const) {
    const checksum = createChecksum(algorithm);
    checksum.update(Buffer.from("content"));
    const value = checksum.digest().toString("base64");
    const copy = await copyTo(bucket, "b", "a", { "x-amz-checksum-algorithm": algorithm });
    assert.equal(textOf(`Checksum${algorithm}`, copy), value);
    const { headers } = await bucket.signed("HEAD", "b", { headers: { "x-amz-checksum-mode": "ENABLED" } });
    assert.equal(headers[`x-amz-checksum-${algorithm.toLowerCase()}`], value);
    assert.equal(headers["x-amz-meta-kept"], "1");
  }
  assert.equal((await copyTo(bucket, "b", "a", { "x-amz-checksum-algorithm": "NONE" })).status, 400);
});

test("an object in parts becomes one file when its metadata is replaced, and its parts go", async (t) => {
  const bucket = await startTestBucket(t);
  const begun = await bucket.signed("POST", "a?uploads", { headers: { "x-amz-meta-old": "1" } });
  const uploadId = textOf("UploadId", begun);
  const parts = [randomBytes(5 * 1024 ** 2), randomBytes(10)];
  let listed = "";
  for (const [index, body] of parts.entries()) {
    const { headers } = await bucket.signed("PUT", `a?partNumber=${index + 1}&uploadId=${uploadId}`, {
      body,
    });
    listed += `<Part><PartNumber>${index + 1}</PartNumber><ETag>${headers.etag}</ETag></Part>`;
  }
  const body = `<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>`;
  await bucket.signed("POST", `a?uploadId=${uploadId}`, { body });
  const whole = Buffer.concat(parts);
  const copy = await copyTo(bucket, "a", "a", { "x-amz-metadata-directive": "REPLACE" });
  assert.equal(textOf("ETag", copy), `"${createHash("md5").update(whole).digest("hex")}"`);
  const got = await bucket.get("a");
  assert.ok(got.body.equals(whole));
  assert.equal(got.headers["x-amz-meta-old"], undefined);
  assert.deepEqual(filesBelow(join(bucket.directory, "parts")), []);
});

test("what is too large for one upload is too large to be written anew, and can be copied in parts", async (t) => {
  const bucket = await startTestBucket(t, { maxObjectSizeBytes: 6 * 1024 ** 2 });
  const part = randomBytes(6 * 1024 ** 2);
  await bucket.put("part", part);
  const begun = await bucket.signed("POST", "large?uploads", {
    headers: { "x-amz-checksum-algorithm": "CRC32C" },
  });
  const uploadId = textOf("UploadId", begun);
  const sendCopy = (number: number, source: string, headers: Record<string, string> = {}) =>
    copyTo(bucket, `large?partNumber=${number}&uploadId=${uploadId}`, source, headers);
  const first = await sendCopy(1, "part");
  const second = await sendCopy(2, "part", { "x-amz-copy-source-range": "bytes=1000000-1000099" });
  const digests = [part, part.subarray(1_000_000, 1_000_100)].map((content) => {
    const checksum = createChecksum("CRC32C");
    checksum.update(content);
    return checksum.digest();
  });
  assert.deepEqual(
    [first, second].map((answer) => textOf("ChecksumCRC32C", answer)),
    digests.map((digest) => digest.toString("base64")),
  );
  const listed = [first, second].map(
    (answer, index) =>
      `<Part><PartNumber>${index + 1}</PartNumber><ETag>${textOf("ETag", answer)}</ETag></Part>`,
  );
  const body = `<CompleteMultipartUpload>${listed.join("")}</CompleteMultipartUpload>`;
  const completed = await bucket.signed("POST", `large?uploadId=${uploadId}`, { body });
  assert.equal(completed.status, 200);
  const whole = Buffer.concat([part, part.subarray(1_000_000, 1_000_100)]);
  assert.ok((await bucket.get("large")).body.equals(whole));

  const anew = await copyTo(bucket, "b", "large", { "x-amz-metadata-directive": "REPLACE" });
  assert.deepEqual([anew.status, anew.code], [400, "InvalidRequest"]);
  assert.equal((await copyTo(bucket, "b", "large")).status, 200);
});

test("copies of parts are refused for reasons of their own", async (t) => {
  const bucket = await startTestBucket(t);
  const etag = String((await bucket.put("a", "content")).headers.etag);
  const uploadId = textOf("UploadId", await bucket.signed("POST", "k?uploads"));
  const attempt = async (source: string, headers: Record<string, string> = {}, id = uploadId) => {
    const { status, code } = await copyTo(bucket, `k?partNumber=1&uploadId=${id}`, source, headers);
    return [status, code];
  };
  const range = (value: string) => attempt("a", { "x-amz-copy-source-range": value });
  for (const value of ["bytes=0-7", "bytes=3-2", "bytes=1-", "bytes=-1", "0-1", "bytes=0-1,2-3"])
    assert.deepEqual(await range(value), [400, "InvalidArgument"]);
  assert.deepEqual(await attempt("none"), [404, "NoSuchKey"]);
  assert.deepEqual(await attempt("a", {}, "0".repeat(32)), [404, "NoSuchUpload"]);
  assert.deepEqual(await attempt("a", { "x-amz-copy-source-if-none-match": etag }), [
    412,
    "PreconditionFailed",
  ]);
  assert.deepEqual(await attempt("a", { "x-amz-meta-a": "b" }), [501, "NotImplemented"]);
  assert.deepEqual(await range("bytes=0-6"), [200, undefined]);
  assert.deepEqual(filesBelow(join(bucket.directory, "incoming")), []);
});

test("a file that has as many names as it may is no source of a further copy", async (t) => {
  let isFull = false;
  const { put, signed } = await startTestBucket(t, {
    fileOperations: {
      ...diskFileOperations,
      link: async (from, to) => {
        if (isFull) throw fileError("EMLINK");
        await diskFileOperations.link(from, to);
      },
    },
  });
  await put("k", "content");
  isFull = true;
  const copy = await signed("PUT", "copy", { headers: { "x-amz-copy-source": "/test-bucket/k" } });
  assert.deepEqual([copy.status, copy.code], [400, "InvalidRequest"]);
  assert.equal(copy.headers["x-content-type-options"], "nosniff");
});
