import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { createBucketServer } from "./bucket-server.ts";
import { MasterKeyMismatchError } from "./storage/master-key-check.ts";
import { testMasterKey } from "./testing/stored-content.ts";
import { filesBelow, temporaryDirectory } from "./testing/temporary-directory.ts";
import {
  rawHead,
  startTestBucket,
  testBucketName,
  testCredentials,
  uploadHeaders,
} from "./testing/test-bucket.ts";
import { waitUntil } from "./testing/wait-until.ts";

const options = {
  directory: "/nonexistent/data",
  bucket: testBucketName,
  region: "us-east-1",
  credentials: [testCredentials],
  masterKey: testMasterKey,
};

test("an option out of its range stops the start", () => {
  for (const wrong of [
    { masterKey: new Uint8Array(16) },
    { bucket: "A" },
    { bucket: "a/b" },
    { maxPresignedExpiresInSeconds: 0 },
    { maxPresignedExpiresInSeconds: 604_801 },
    { corsOrigins: ["*"] },
  ])
    assert.throws(() => createBucketServer({ ...options, ...wrong }), RangeError, JSON.stringify(wrong));
});

test("a start that fails says why and leaves the port free", async (t) => {
  await assert.rejects(createBucketServer(options).listen({ host: "127.0.0.1", port: 0 }), {
    code: "ENOENT",
  });
  const bucket = await startTestBucket(t);
  const { directory, port } = bucket;
  await assert.rejects(createBucketServer({ ...options, directory }).listen({ host: "127.0.0.1", port }), {
    code: "EADDRINUSE",
  });
  const other = createBucketServer({ ...options, directory, masterKey: new Uint8Array(32) });
  await assert.rejects(other.listen({ host: "127.0.0.1", port: 0 }), MasterKeyMismatchError);
  assert.equal(other.server.listening, false);
});

test("health is told to anyone, and nothing else is", async (t) => {
  const bucket = await startTestBucket(t);
  const health = await bucket.send("GET", "/-/health");
  assert.deepEqual([health.status, String(health.body)], [200, "ok\n"]);
  assert.equal((await bucket.send("POST", "/-/health")).status, 403);
  assert.equal((await bucket.send("GET", "/-/health?x")).status, 403);
});

test("objects survive a restart", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const first = await startTestBucket(t, { directory });
  await first.put("k", "content");
  await first.bucket.close();
  const second = await startTestBucket(t, { directory });
  assert.equal(String((await second.get("k")).body), "content");
});

test("a connection carries many requests", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", "content");
  const get = rawHead("GET", bucket.presign("GET", "k"), {});
  const last = rawHead("GET", bucket.presign("GET", "k"), { connection: "close" });
  const received = await bucket.raw(get, get, get, last);
  assert.equal(received.split("HTTP/1.1 200 OK").length - 1, 4);
});

test("close lets an upload under way end, and takes no more", async (t) => {
  const bucket = await startTestBucket(t, { closeTimeoutMs: 10_000 });
  const body = Buffer.alloc(100_000, 1);
  const headers = { ...uploadHeaders(body), "content-length": String(body.length) };
  const socket = connect(bucket.port, "127.0.0.1");
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
  });
  socket.write(rawHead("PUT", bucket.presign("PUT", "k", headers), headers));
  socket.write(body.subarray(0, 50_000));
  const incoming = join(bucket.directory, "incoming");
  await waitUntil(() => filesBelow(incoming).length === 1, "the upload to begin");
  const closed = bucket.bucket.close();
  await assert.rejects(bucket.get("k"), { code: "ECONNREFUSED" });
  socket.write(body.subarray(50_000));
  await closed;
  await waitUntil(() => received !== "", "the answer");
  assert.match(received, /^HTTP\/1\.1 200 OK\r\n/);
  assert.deepEqual(filesBelow(incoming), []);
});

test("close ends an upload that does not, and cleans up after it", async (t) => {
  const bucket = await startTestBucket(t, { closeTimeoutMs: 50 });
  const headers = { "content-length": "100000" };
  const socket = connect(bucket.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(rawHead("PUT", bucket.presign("PUT", "k", headers), headers));
  const incoming = join(bucket.directory, "incoming");
  await waitUntil(() => filesBelow(incoming).length === 1, "the upload to begin");
  await bucket.bucket.close();
  assert.deepEqual(filesBelow(incoming), []);
  socket.destroy();
});

test("a client that does not finish its request's head is answered 408", async (t) => {
  const bucket = await startTestBucket(t, { headersTimeoutMs: 100 });
  const received = await bucket.raw("GET /test-bucket/k HTTP/1.1\r\nhost: a\r\n");
  assert.match(received, /^HTTP\/1\.1 408 Request Timeout\r\n/);
});

test("an upload that stands still is given up, and leaves nothing behind", async (t) => {
  const bucket = await startTestBucket(t, { idleTimeoutMs: 200 });
  const headers = { "content-length": "100000" };
  const head = rawHead("PUT", bucket.presign("PUT", "k", headers), headers);
  assert.equal(await bucket.raw(head, Buffer.alloc(1000)), "");
  await waitUntil(() => filesBelow(join(bucket.directory, "incoming")).length === 0, "the clean-up");
  assert.deepEqual(filesBelow(join(bucket.directory, "objects")), []);
});

test("what is not HTTP is answered 400, and too many headers 431", async (t) => {
  const bucket = await startTestBucket(t);
  assert.match(await bucket.raw("nonsense\r\n\r\n"), /^HTTP\/1\.1 400 Bad Request\r\n/);
  const long = `GET / HTTP/1.1\r\nhost: a\r\nx: ${"a".repeat(20_000)}\r\n\r\n`;
  assert.match(await bucket.raw(long), /^HTTP\/1\.1 431 /);
  const twoLengths =
    "PUT /test-bucket/k HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n";
  assert.match(await bucket.raw(twoLengths, "ab"), /^HTTP\/1\.1 400 /);
  const smuggled =
    "PUT /test-bucket/k HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
  assert.match(await bucket.raw(smuggled), /^HTTP\/1\.1 400 /);
});

test("a target that no key can have is refused", async (t) => {
  const bucket = await startTestBucket(t);
  for (const target of ["/test-bucket/%zz", "/test-bucket/%ff", "http://elsewhere/test-bucket/k", "*"])
    assert.match(
      await bucket.raw(`GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`),
      /^HTTP\/1\.1 40[03] /,
      target,
    );
});

test("what can't be read after a request ends its answer, and is not answered within it", async (t) => {
  const { put, presign, port } = await startTestBucket(t);
  // Less than a bad request's answer is left after whole batches: it would make the content as long as announced.
  const content = Buffer.alloc(16 * 1024 ** 2 + 60, "a");
  await put("k", content);
  const received: Buffer[] = [];
  const socket = connect(port, "127.0.0.1");
  socket.write(rawHead("GET", presign("GET", "k"), {}));
  await once(socket, "readable");
  // Its answer is longer than what a connection takes from a client that does not read.
  socket.write("\0 is no method\r\n\r\n");
  await delay(100);
  for await (const chunk of socket) received.push(chunk as Buffer);
  const answer = Buffer.concat(received);
  assert.match(answer.toString("latin1", 0, 20), /^HTTP\/1.1 200 OK/);
  const came = answer.subarray(answer.indexOf("\r\n\r\n") + 4);
  assert.ok(came.length < content.length, `${came.length} bytes`);
  assert.ok(came.equals(content.subarray(0, came.length)));
});
