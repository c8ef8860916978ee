import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createPresigner } from "@stowage/sigv4";
import type { BucketServerOptions } from "../bucket-server.ts";
import { startTestBucket, testCredentials } from "../testing/test-bucket.ts";

async function start(t: TestContext, options: Partial<BucketServerOptions> = {}) {
  const bucket = await startTestBucket(t, options);
  const region = options.region ?? "us-east-1";
  const presign = createPresigner({ credentials: testCredentials, region });
  const send = (method: string, path: string, body = "") => {
    const headers = { "content-length": String(body.length) };
    const url = new URL(bucket.origin + path);
    const signed = presign({ method, url, headers, expiresInSeconds: 60, signedAt: new Date() });
    return bucket.send(method, signed, { headers, body });
  };
  return { bucket, send };
}

test("the only bucket is listed, with when it was made and where", async (t) => {
  const { send } = await start(t, { region: "eu-west-1" });
  const before = Date.now();
  const answer = String((await send("GET", "/")).body);
  assert.match(answer, /<Owner><ID>stowage<\/ID>/);
  const [, name, created = "", region] =
    /<Bucket><Name>(.*)<\/Name><CreationDate>(.*)<\/CreationDate><BucketRegion>(.*)<\/BucketRegion>/.exec(
      answer,
    ) ?? [];
  assert.deepEqual([name, region], ["test-bucket", "eu-west-1"]);
  assert.ok(Math.abs(Date.parse(created) - before) < 60_000);
  assert.doesNotMatch(String((await send("GET", "/?prefix=other")).body), /<Bucket>/);
  assert.equal((await send("PUT", "/")).code, "MethodNotAllowed");
});

test("where the bucket is, is told as S3 tells it: nothing for us-east-1", async (t) => {
  const first = await start(t);
  assert.match(
    String((await first.send("GET", "/test-bucket?location")).body),
    /<LocationConstraint xmlns="[^"]*"><\/LocationConstraint>/,
  );
  const other = await start(t, { region: "eu-west-1" });
  assert.match(
    String((await other.send("GET", "/test-bucket?location")).body),
    /<LocationConstraint xmlns="[^"]*">eu-west-1<\/LocationConstraint>/,
  );
  const head = await other.send("HEAD", "/test-bucket");
  assert.deepEqual([head.status, head.headers["x-amz-bucket-region"]], [200, "eu-west-1"]);
});

const configuration = (constraint: string): string =>
  `<CreateBucketConfiguration><LocationConstraint>${constraint}</LocationConstraint></CreateBucketConfiguration>`;

test("making the bucket that is there is no error in us-east-1, and one elsewhere; no other can be made", async (t) => {
  const first = await start(t);
  const made = await first.send("PUT", "/test-bucket");
  assert.deepEqual([made.status, made.headers.location], [200, "/test-bucket"]);
  assert.equal((await first.send("PUT", "/another")).code, "TooManyBuckets");
  const other = await start(t, { region: "eu-west-1" });
  for (const body of ["", configuration("eu-west-1")]) {
    const again = await other.send("PUT", "/test-bucket", body);
    assert.deepEqual([again.status, again.code], [409, "BucketAlreadyOwnedByYou"]);
  }
  const misplaced = await other.send("PUT", "/test-bucket", configuration("eu-west-2"));
  assert.equal(misplaced.code, "IllegalLocationConstraintException");
  assert.equal((await other.send("PUT", "/test-bucket", "<a>")).code, "MalformedXML");
  const tagged = "<CreateBucketConfiguration><Tags></Tags></CreateBucketConfiguration>";
  assert.equal((await other.send("PUT", "/test-bucket", tagged)).code, "NotImplemented");
  assert.equal((await other.send("DELETE", "/test-bucket")).code, "NotImplemented");
});

test("what names no bucket, or another, is not found", async (t) => {
  const { send } = await start(t);
  for (const [method, path] of [
    ["GET", "/other"],
    ["PUT", "/other/k"],
    ["DELETE", "/other"],
    ["GET", "/other?location"],
    ["GET", "//k"],
  ] as const) {
    const { status, code } = await send(method, path);
    assert.deepEqual([status, code], [404, "NoSuchBucket"], path);
  }
});
