import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { segmentOffset } from "../storage/object-file.ts";
import { presignAnyKey } from "../testing/presign-any-key.ts";
import { filesBelow } from "../testing/temporary-directory.ts";
import {
  rawHead,
  sha256Base64,
  startTestBucket,
  type TestBucket,
  uploadHeaders,
} from "../testing/test-bucket.ts";
import { waitUntil } from "../testing/wait-until.ts";
import { fileError, watchFileOperations } from "../testing/watched-file-operations.ts";

const body = randomBytes(1_000_000);

test("an object comes with what a cache and a careful browser need", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", body, uploadHeaders(body));
  const { status, headers, body: got } = await bucket.get("k");
  assert.equal(status, 200);
  assert.ok(got.equals(body));
  const { date, etag, "last-modified": lastModified, "x-amz-request-id": requestId, ...rest } = headers;
  assert.match(String(etag), /^"[0-9a-f]{32}"$/);
  assert.ok(Math.abs(Date.parse(String(date)) - Date.parse(String(lastModified))) < 60_000);
  assert.match(String(requestId), /^[0-9A-F]{16}$/);
  assert.deepEqual(rest, {
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache",
    connection: "close",
    "content-length": "1000000",
    "content-security-policy": "sandbox; default-src 'none'",
    "content-type": "image/jpeg",
    "cross-origin-resource-policy": "cross-origin",
    "referrer-policy": "no-referrer",
    "x-amz-server-side-encryption": "AES256",
    "x-content-type-options": "nosniff",
  });
});

test("HEAD says what GET would, and sends nothing", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", body, uploadHeaders(body));
  const get = await bucket.get("k");
  const head = await bucket.send("HEAD", bucket.presign("HEAD", "k"));
  assert.equal(head.body.length, 0);
  for (const name of ["etag", "content-length", "content-type", "last-modified", "accept-ranges"])
    assert.equal(head.headers[name], get.headers[name]);
  const missing = await bucket.send("HEAD", bucket.presign("HEAD", "missing"));
  assert.deepEqual([missing.status, missing.body.length], [404, 0]);
});

test("the SHA-256 is given to who asks for it, of the whole object only", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", body);
  const headers = { "x-amz-checksum-mode": "ENABLED" };
  for (const method of ["GET", "HEAD"]) {
    const whole = await bucket.signed(method, "k", { headers });
    assert.equal(whole.headers["x-amz-checksum-sha256"], sha256Base64(body));
  }
  const part = await bucket.signed("GET", "k", { headers: { ...headers, range: "bytes=0-9" } });
  assert.equal(part.headers["x-amz-checksum-sha256"], undefined);
  assert.equal((await bucket.signed("GET", "k")).headers["x-amz-checksum-sha256"], undefined);
});

test("a range is answered with the part, and one beyond the end with the size", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", body);
  const part = await bucket.get("k", { range: "bytes=65530-65545" });
  assert.equal(part.status, 206);
  assert.equal(part.headers["content-range"], "bytes 65530-65545/1000000");
  assert.ok(part.body.equals(body.subarray(65_530, 65_546)));
  const tail = await bucket.get("k", { range: "bytes=-7" });
  assert.ok(tail.body.equals(body.subarray(-7)));
  const beyond = await bucket.get("k", { range: "bytes=1000000-" });
  assert.deepEqual([beyond.status, beyond.code], [416, "InvalidRange"]);
  assert.equal(beyond.headers["content-range"], "bytes */1000000");
  assert.equal((await bucket.get("k", { range: "bytes=0-1,5-6" })).status, 200);
  assert.equal((await bucket.get("k", { range: "bytes=0-1", "if-range": '"other"' })).status, 200);
});

test("conditions are answered without the content", async (t) => {
  const bucket = await startTestBucket(t);
  const { headers } = await bucket.put("k", body);
  const etag = String(headers.etag);
  const fresh = await bucket.get("k", { "if-none-match": etag });
  assert.deepEqual([fresh.status, fresh.body.length, fresh.headers.etag], [304, 0, etag]);
  const failed = await bucket.get("k", { "if-match": '"other"' });
  assert.deepEqual([failed.status, failed.code], [412, "PreconditionFailed"]);
  assert.equal((await bucket.get("k", { "if-match": etag })).status, 200);
});

test("signed query members replace headers of the answer", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", body, uploadHeaders(body));
  const disposition = `attachment; filename="a.jpg"; filename*=UTF-8''%C3%A4.jpg`;
  const query = new URLSearchParams({
    "response-cache-control": "private, max-age=300",
    "response-content-disposition": disposition,
    "response-content-language": "de",
    "response-content-type": "application/octet-stream",
    "response-expires": "Fri, 02 Jan 2026 03:04:05 GMT",
  });
  const { headers } = await bucket.get(`k?${query}`);
  assert.equal(headers["cache-control"], "private, max-age=300");
  assert.equal(headers["content-disposition"], disposition);
  assert.equal(headers["content-language"], "de");
  assert.equal(headers["content-type"], "application/octet-stream");
  assert.equal(headers.expires, "Fri, 02 Jan 2026 03:04:05 GMT");
  assert.equal(headers["x-content-type-options"], "nosniff");
});

test("a replaced header can't smuggle in another", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", body);
  for (const value of ["a\r\nset-cookie: a=b", "a\nb", "\u0000", "ä\u0100"]) {
    const answer = await bucket.get(`k?response-content-disposition=${encodeURIComponent(value)}`);
    assert.deepEqual([answer.status, answer.code], [400, "InvalidArgument"]);
    assert.equal(answer.headers["set-cookie"], undefined);
  }
});

test("a presigned URL is for its verb, its key and its query, and for nothing else", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", body);
  await bucket.put("k2", body);
  const url = bucket.presign("GET", "k");
  for (const method of ["HEAD", "PUT", "DELETE", "POST"])
    assert.equal(
      (await bucket.send(method, url, { headers: { "content-length": "0" } })).status,
      403,
      method,
    );
  for (const changed of [
    url.replace("/k?", "/k2?"),
    url.replace("/test-bucket/", "/other-bucket/"),
    url.replace("X-Amz-Expires=600", "X-Amz-Expires=601"),
    `${url}&response-content-type=text/html`,
    `${url}&acl`,
    url.replace(/Signature=./, "Signature=0").replace(/.$/, "0"),
  ])
    assert.equal((await bucket.send("GET", changed)).status, 403, changed);
  assert.equal((await bucket.send("GET", url, { headers: { host: "elsewhere" } })).status, 403);
  assert.equal((await bucket.send("GET", url)).status, 200);
});

test("a URL is refused once it has expired", async (t) => {
  let now = Date.now();
  const bucket = await startTestBucket(t, { now: () => new Date(now) });
  await bucket.put("k", body);
  const url = bucket.presign("GET", "k", {}, 60);
  assert.equal((await bucket.send("GET", url)).status, 200);
  now += 61_000;
  const expired = await bucket.send("GET", url);
  assert.deepEqual([expired.status, expired.code], [403, "AccessDenied"]);
});

test("a URL that is dated ahead is refused, but for the difference that two clocks may have", async (t) => {
  let now = Date.now();
  const bucket = await startTestBucket(t, { now: () => new Date(now) });
  await bucket.put("k", body);
  const minted = now;
  // The API's clock is ahead of the bucket's by as much.
  for (const [aheadMs, status] of [
    [50_000, 200],
    [70_000, 403],
    [840_000, 403],
  ] as const) {
    now = minted;
    const url = bucket.presign("GET", "k", {}, 600);
    now = minted - aheadMs;
    assert.equal((await bucket.send("GET", url)).status, status, `${aheadMs}`);
  }
});

test("keys that would lead elsewhere on a disk are keys like any other", async (t) => {
  const bucket = await startTestBucket(t);
  const keys = [
    "../../etc/passwd",
    "/abs",
    "..",
    ".",
    "a\0b",
    "a/../../b",
    "a//b/",
    "ä/😀",
    "A",
    "a",
    "con",
    "%2e%2e",
  ];
  const host = `127.0.0.1:${bucket.port}`;
  for (const key of keys) {
    const content = `content of ${key}`;
    const headers = { "content-length": String(Buffer.byteLength(content)) };
    const url = presignAnyKey("PUT", key, host, Buffer.byteLength(content));
    assert.equal((await bucket.send("PUT", url, { headers, body: content })).status, 200, key);
  }
  for (const key of keys)
    assert.equal(
      String((await bucket.send("GET", presignAnyKey("GET", key, host))).body),
      `content of ${key}`,
    );
  assert.equal(filesBelow(join(bucket.directory, "objects")).length, keys.length);
  // Besides them the checks of master key and hard links, and nothing elsewhere.
  assert.equal(filesBelow(join(bucket.directory, "..")).length, keys.length + 3);
});

async function spoil(bucket: TestBucket, at: number): Promise<void> {
  const [path = ""] = filesBelow(join(bucket.directory, "objects"));
  const file = await readFile(path);
  file[at] = (file[at] ?? 0) ^ 1;
  await writeFile(path, file);
}

test("a corrupt beginning is a server error, told to the operator", async (t) => {
  for (const at of [100, segmentOffset(0) + 5]) {
    const bucket = await startTestBucket(t);
    await bucket.put("k", body);
    await spoil(bucket, at);
    const answer = await bucket.get("k");
    assert.deepEqual([answer.status, answer.code], [500, "InternalError"]);
    assert.ok(bucket.log.some(({ level, msg }) => level === "error" && msg === "object corrupt"));
  }
});

test("a corrupt part further on ends the answer before a wrong byte of it", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", body);
  await spoil(bucket, segmentOffset(9) + 5);
  const received = await bucket.raw(rawHead("GET", bucket.presign("GET", "k"), { connection: "close" }));
  const content = Buffer.from(received.slice(received.indexOf("\r\n\r\n") + 4), "latin1");
  assert.ok(content.length < body.length);
  assert.ok(body.subarray(0, content.length).equals(content));
  assert.ok(bucket.log.some(({ level, msg }) => level === "error" && msg === "object corrupt"));
  // A part that is sound can still be had.
  assert.equal((await bucket.get("k", { range: "bytes=0-99999" })).status, 206);
});

test("a disk that fails in the middle ends the answer, and the server goes on", async (t) => {
  let reads = 0;
  const { operations } = watchFileOperations((call) => {
    if (call !== "file.readAt") return;
    reads += 1;
    // The header, the first bytes of the content, the rest.
    if (reads === 3) throw fileError("EIO");
  });
  const bucket = await startTestBucket(t, { fileOperations: operations });
  await bucket.put("k", body);
  reads = 0;
  await assert.rejects(bucket.get("k"), /aborted|ECONNRESET/);
  assert.ok((await bucket.get("k")).body.equals(body));
});

test("a client that leaves in the middle frees the file", async (t) => {
  const { operations, count } = watchFileOperations();
  const bucket = await startTestBucket(t, { fileOperations: operations });
  const large = Buffer.alloc(20_000_000);
  await bucket.put("k", large);
  const [opened, closed] = [count("openFile", "createFile"), count("file.close")];
  const socket = connect(bucket.port, "127.0.0.1");
  socket.write(rawHead("GET", bucket.presign("GET", "k"), {}));
  socket.once("data", () => socket.destroy());
  await waitUntil(() => count("openFile", "createFile") > opened, "the read to begin");
  await waitUntil(
    () => count("openFile", "createFile") - opened === count("file.close") - closed,
    "the file to be closed",
  );
});

test("a client that reads slowly does not make the server read ahead", async (t) => {
  const { operations, calls, count } = watchFileOperations();
  const bucket = await startTestBucket(t, { fileOperations: operations, idleTimeoutMs: 300 });
  const large = Buffer.alloc(30_000_000);
  await bucket.put("k", large);
  calls.length = 0;
  const socket = connect(bucket.port, "127.0.0.1");
  // What it hears of the server's leaving may be a reset.
  socket.on("error", () => socket.destroy());
  socket.pause();
  socket.write(rawHead("GET", bucket.presign("GET", "k"), {}));
  // The server gives up on the client, which took nothing, and what it had read by then is little.
  await waitUntil(() => count("file.close") === 1, "the server to give up");
  assert.ok(count("file.readAt") < 60, `${count("file.readAt")} reads of 115`);
  socket.destroy();
});
