import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { startTestBucket } from "../testing/test-bucket.ts";
import { waitUntil } from "../testing/wait-until.ts";

interface EventRecord {
  readonly eventVersion: string;
  readonly eventSource: string;
  readonly awsRegion: string;
  readonly eventTime: string;
  readonly eventName: string;
  readonly responseElements: Record<string, string>;
  readonly s3: {
    readonly s3SchemaVersion: string;
    readonly configurationId: string;
    readonly bucket: { readonly name: string };
    readonly object: { key: string; size?: number; eTag?: string; sequencer: string };
  };
}

/** A bucket that tells its events at once to a receiver, which answers `status` once `isOpen` is set. */
async function startTold(t: TestContext) {
  const records: EventRecord[] = [];
  const gate = { isOpen: true };
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      if (!gate.isOpen) return;
      records.push(...(JSON.parse(body) as { Records: EventRecord[] }).Records);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"];
  const bucket = await startTestBucket(t, {
    notifications: [{ id: "all", url, bearerToken: "t", events, delayMs: 0, intervalMs: 1 }],
  });
  return { bucket, records, gate };
}

test("a PUT is told of as S3 tells it", async (t) => {
  const { bucket, records } = await startTold(t);
  const answer = await bucket.put("a%20b/%C3%A9+c", "content");
  await waitUntil(() => records.length === 1, "the event");
  const [record] = records;
  assert.ok(record);
  const { eventTime, s3, responseElements, ...rest } = record;
  assert.deepEqual(rest, {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: "us-east-1",
    eventName: "ObjectCreated:Put",
  });
  assert.ok(Math.abs(Date.parse(eventTime) - Date.now()) < 60_000);
  assert.equal(responseElements["x-amz-request-id"], answer.headers["x-amz-request-id"]);
  assert.equal(s3.s3SchemaVersion, "1.0");
  assert.equal(s3.configurationId, "all");
  assert.equal(s3.bucket.name, "test-bucket");
  const { sequencer, ...object } = s3.object;
  assert.match(sequencer, /^[0-9A-F]{16}$/);
  assert.deepEqual(object, {
    key: "a+b/%C3%A9%2Bc",
    size: 7,
    eTag: String(answer.headers.etag).replaceAll('"', ""),
  });
});

test("every way in which an object comes or goes is told by its name, and refusals are not", async (t) => {
  const { bucket, records } = await startTold(t);
  await bucket.put("a", "content");
  await bucket.put("taken", "content", { "if-none-match": "*" });
  assert.equal((await bucket.put("taken", "content", { "if-none-match": "*" })).status, 412);
  assert.equal(
    (await bucket.signed("PUT", "copy", { headers: { "x-amz-copy-source": "/test-bucket/a" } })).status,
    200,
  );
  const begun = await bucket.signed("POST", "parts?uploads=");
  const uploadId = /<UploadId>(\w+)</.exec(begun.body.toString())?.[1];
  const part = await bucket.signed("PUT", `parts?partNumber=1&uploadId=${uploadId}`, { body: "content" });
  await bucket.signed("POST", `parts?uploadId=${uploadId}`, {
    body: `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part></CompleteMultipartUpload>`,
  });
  await bucket.signed("DELETE", "a");
  const md5 = createHash("md5");
  const body = "<Delete><Object><Key>copy</Key></Object><Object><Key>none</Key></Object></Delete>";
  await bucket.signed("POST", "?delete=", {
    headers: { "content-md5": md5.update(body).digest("base64") },
    body,
  });
  await waitUntil(() => records.length >= 7, "the events");
  assert.deepEqual(
    records.map(({ eventName, s3 }) => `${eventName} ${s3.object.key} ${s3.object.size}`).toSorted(),
    [
      "ObjectCreated:Put a 7",
      "ObjectCreated:Put taken 7",
      "ObjectCreated:Copy copy 7",
      "ObjectCreated:CompleteMultipartUpload parts 7",
      "ObjectRemoved:Delete a undefined",
      "ObjectRemoved:Delete copy undefined",
      "ObjectRemoved:Delete none undefined",
    ].toSorted(),
  );
});

test("a PUT waits for nobody who listens, and closing for a second at most", async (t) => {
  const { bucket, records, gate } = await startTold(t);
  gate.isOpen = false;
  for (let sent = 0; sent < 20; sent += 1)
    assert.equal((await bucket.put(`k${sent}`, "content")).status, 200);
  assert.equal(records.length, 0);
  const begunAtMs = performance.now();
  await bucket.bucket.close();
  assert.ok(performance.now() - begunAtMs < 4_000);
});
