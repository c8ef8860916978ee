import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { filesBelow } from "../testing/temporary-directory.ts";
import { type Answer, startTestBucket, type TestBucket } from "../testing/test-bucket.ts";

const outcome = ({ status, code }: Answer) => [status, code];
const changed = [412, "PreconditionFailed"];
const missing = [404, "NoSuchKey"];

test("an upload with If-Match replaces the object that it names, and no other", async (t) => {
  const bucket = await startTestBucket(t);
  const first = await bucket.put("k", "one");
  const second = await bucket.put("k", "two", { "if-match": String(first.headers.etag) });
  assert.equal(second.status, 200);
  assert.deepEqual(
    outcome(await bucket.put("k", "three", { "if-match": String(first.headers.etag) })),
    changed,
  );
  assert.equal(String((await bucket.get("k")).body), "two");
  assert.deepEqual(outcome(await bucket.put("none", "one", { "if-match": "*" })), missing);
});

test("of uploads that replace the same object at the same time exactly one does", async (t) => {
  const bucket = await startTestBucket(t);
  const { etag } = (await bucket.put("k", "start")).headers;
  const bodies = Array.from({ length: 8 }, (_, index) => `content ${index}`);
  const answers = await Promise.all(
    bodies.map((body) => bucket.put("k", body, { "if-match": String(etag) })),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...bodies.slice(1).map(() => 412)]);
  const winner = answers.findIndex(({ status }) => status === 200);
  assert.equal(String((await bucket.get("k")).body), bodies[winner]);
  assert.deepEqual(filesBelow(join(bucket.directory, "incoming")), []);
});

test("nobody who counts by reading and replacing loses a step to another", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("count", "0");
  const countOne = async (): Promise<void> => {
    for (;;) {
      const { body, headers } = await bucket.get("count");
      const next = String(Number(String(body)) + 1);
      const answer = await bucket.put("count", next, { "if-match": String(headers.etag) });
      if (answer.status === 200) return;
      assert.deepEqual(outcome(answer), changed);
    }
  };
  await Promise.all(Array.from({ length: 6 }, countOne));
  assert.equal(String((await bucket.get("count")).body), "6");
});

test("an object is removed only while it is the one that If-Match names", async (t) => {
  const bucket = await startTestBucket(t);
  const remove = async (etag: string) =>
    outcome(await bucket.signed("DELETE", "k", { headers: { "if-match": etag } }));
  const { etag } = (await bucket.put("k", "one")).headers;
  assert.deepEqual(await remove('"other"'), changed);
  assert.deepEqual(await remove(String(etag)), [204, undefined]);
  assert.deepEqual(await remove("*"), missing);
  await bucket.put("k", "two");
  assert.deepEqual(await remove("*"), [204, undefined]);
  const other = await bucket.signed("DELETE", "k", { headers: { "if-none-match": "*" } });
  assert.deepEqual(outcome(other), [501, "NotImplemented"]);
});

async function completing(bucket: TestBucket, headers: Record<string, string>): Promise<Answer> {
  const begun = await bucket.signed("POST", "k?uploads");
  const uploadId = /<UploadId>(.*)<\/UploadId>/.exec(String(begun.body))?.[1];
  const part = await bucket.signed("PUT", `k?partNumber=1&uploadId=${uploadId}`, { body: "in parts" });
  const parts = `<Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part>`;
  const body = `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`;
  return bucket.signed("POST", `k?uploadId=${uploadId}`, { body, headers });
}

test("an upload in parts replaces the object that If-Match names, and leaves nothing where it must not", async (t) => {
  const bucket = await startTestBucket(t);
  assert.deepEqual(outcome(await completing(bucket, { "if-match": '"abc"' })), missing);
  const { etag } = (await bucket.put("k", "one")).headers;
  assert.deepEqual(outcome(await completing(bucket, { "if-match": '"abc"' })), changed);
  assert.deepEqual(filesBelow(join(bucket.directory, "parts")), []);
  assert.equal((await completing(bucket, { "if-match": String(etag) })).status, 200);
  assert.equal(String((await bucket.get("k")).body), "in parts");
});
