import assert from "node:assert/strict";
import { test } from "node:test";
import { createPresigner } from "@stowage/sigv4";
import { startTestBucket, testCredentials } from "../testing/test-bucket.ts";

test("deleting an object is done or was done already", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", "content");
  for (let times = 0; times < 2; times += 1) assert.equal((await bucket.signed("DELETE", "k")).status, 204);
  assert.equal((await bucket.get("k")).code, "NoSuchKey");
});

const answers: [what: string, method: string, target: string, status: number, code: string | undefined][] = [
  ["a page size that is no number", "GET", "?list-type=2&max-keys=many", 400, "InvalidArgument"],
  ["a token that is none", "GET", "?list-type=2&continuation-token=%21", 400, "InvalidArgument"],
  ["an unknown encoding", "GET", "?list-type=2&encoding-type=x", 400, "InvalidArgument"],
  ["a negative page size", "GET", "?max-keys=-1", 400, "InvalidArgument"],
  ["a type of listing that there is not", "GET", "?list-type=3", 400, "InvalidArgument"],
  ["the ACL of an object that is not there", "GET", "k?acl", 404, "NoSuchKey"],
  ["changing an object's ACL", "PUT", "k?acl", 501, "NotImplemented"],
  ["an object's legal hold", "GET", "k?legal-hold", 501, "NotImplemented"],
  ["a part of an object that is not there", "GET", "k?partNumber=1", 404, "NoSuchKey"],
  ["a version", "GET", "k?versionId=abc", 400, "InvalidArgument"],
  ["a form upload", "POST", "", 501, "NotImplemented"],
  ["removing the bucket", "DELETE", "", 501, "NotImplemented"],
  ["a verb that objects don't have", "PATCH", "k", 405, "MethodNotAllowed"],
  ["a verb that buckets don't have", "PATCH", "", 405, "MethodNotAllowed"],
  ["the bucket's existence", "HEAD", "", 200, undefined],
];
for (const [what, method, target, status, code] of answers)
  test(`${what}: ${status}`, async (t) => {
    const bucket = await startTestBucket(t);
    const answer = await bucket.signed(method, target);
    assert.deepEqual([answer.status, answer.code], [status, code]);
    if (status === 405) assert.match(String(answer.headers.allow), /GET, HEAD/);
  });

test("an error document says what went wrong and with what, and never repeats a query", async (t) => {
  const bucket = await startTestBucket(t);
  const answer = await bucket.get("a%3Cb%3E?response-content-type=x");
  assert.equal(answer.headers["content-type"], "application/xml");
  assert.equal(
    String(answer.body),
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Resource>/test-bucket/a%3Cb%3E</Resource><RequestId>${answer.headers["x-amz-request-id"]}</RequestId></Error>`,
  );
});

test("another bucket does not exist, but for those who sign only", async (t) => {
  const bucket = await startTestBucket(t);
  assert.equal((await bucket.send("GET", "/other-bucket/k")).code, "AccessDenied");
  const other = createPresigner({ credentials: testCredentials, region: "us-east-1" })({
    method: "GET",
    url: new URL(`${bucket.origin}/other-bucket/k`),
    expiresInSeconds: 60,
    signedAt: new Date(),
  });
  const answer = await bucket.send("GET", other);
  assert.deepEqual([answer.status, answer.code], [404, "NoSuchBucket"]);
  assert.equal((await bucket.send("GET", "/")).code, "AccessDenied");
});

test("what is refused is logged without signature, query or header", async (t) => {
  const bucket = await startTestBucket(t);
  const url = bucket.presign("GET", "missing");
  await bucket.send("GET", url);
  await bucket.send("GET", url.replace("missing", "other"));
  await bucket.send("GET", "/test-bucket/k", { headers: { authorization: "Bearer secret-of-a-person" } });
  assert.deepEqual(
    bucket.log.map(({ level, msg, method, path, status, code }) => [level, msg, method, path, status, code]),
    [
      ["info", "request refused", "GET", "/test-bucket/missing", 404, "NoSuchKey"],
      ["info", "request refused", "GET", "/test-bucket/other", 403, "SignatureDoesNotMatch"],
      ["info", "request refused", "GET", "/test-bucket/k", 400, "InvalidArgument"],
    ],
  );
  assert.doesNotMatch(JSON.stringify(bucket.log), /X-Amz|Signature=|secret/);
});
