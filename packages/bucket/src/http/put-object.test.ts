import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { checksumAlgorithms, createChecksum } from "../storage/checksum.ts";
import { assertNothingLeft } from "../testing/nothing-left.ts";
import { getContent, openTestStore } from "../testing/stored-content.ts";
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

const body = randomBytes(100_000);
const length = { "content-length": String(body.length) };

test("a presigned upload is stored as it was sent", async (t) => {
  const bucket = await startTestBucket(t);
  const answer = await bucket.put("uploads/a1", body, uploadHeaders(body));
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["x-amz-checksum-sha256"], sha256Base64(body));
  assert.equal(answer.headers["set-cookie"], undefined);
  const got = await bucket.get("uploads/a1");
  assert.ok(got.body.equals(body));
  assert.equal(got.headers["content-type"], "image/jpeg");
  assert.equal(got.headers.etag, answer.headers.etag);
});

test("the ETag is the MD5 for who signs headers, and opaque for who has a presigned URL", async (t) => {
  const bucket = await startTestBucket(t);
  const md5 = createHash("md5").update(body).digest("hex");
  const signed = await bucket.signed("PUT", "a", {
    body,
    headers: { "content-length": String(body.length) },
  });
  assert.equal(signed.headers.etag, `"${md5}"`);
  const presigned = await bucket.put("b", body, uploadHeaders(body));
  assert.match(String(presigned.headers.etag), /^"[0-9a-f]{32}"$/);
  assert.notEqual(presigned.headers.etag, `"${md5}"`);
});

test("a second upload to the same key is refused before and while it is sent", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", body, uploadHeaders(body));
  const again = await bucket.put("k", body, uploadHeaders(body));
  assert.deepEqual([again.status, again.code], [412, "PreconditionFailed"]);
  assert.ok((await bucket.get("k")).body.equals(body));
});

test("of uploads to one key at the same time exactly one is stored", async (t) => {
  const bucket = await startTestBucket(t);
  const bodies = Array.from({ length: 8 }, () => randomBytes(200_000));
  const answers = await Promise.all(bodies.map((one) => bucket.put("k", one, uploadHeaders(one))));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [
    200,
    ...Array.from({ length: 7 }, () => 412),
  ]);
  const winner = bodies[answers.findIndex(({ status }) => status === 200)];
  assert.ok((await bucket.get("k")).body.equals(winner ?? Buffer.of()));
  assert.deepEqual(filesBelow(join(bucket.directory, "incoming")), []);
});

test("without a condition an upload replaces what was there", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", "one");
  await bucket.put("k", "two");
  assert.equal(String((await bucket.get("k")).body), "two");
});

test("right digests of every kind are accepted together", async (t) => {
  const bucket = await startTestBucket(t);
  const headers = {
    ...length,
    "x-amz-checksum-sha256": sha256Base64(body),
    "x-amz-sdk-checksum-algorithm": "SHA256",
    "x-amz-acl": "private",
    "content-md5": createHash("md5").update(body).digest("base64"),
  };
  assert.equal((await bucket.signed("PUT", "k", { body, headers })).status, 200);
  const unsigned = { body, headers: length, payloadSha256: "UNSIGNED-PAYLOAD" };
  assert.equal((await bucket.signed("PUT", "k2", unsigned)).status, 200);
});

test("an empty object can be stored", async (t) => {
  const bucket = await startTestBucket(t);
  assert.equal((await bucket.put("k", "", uploadHeaders(""))).status, 200);
  const got = await bucket.get("k");
  assert.deepEqual([got.status, got.headers["content-length"], got.body.length], [200, "0", 0]);
});

async function abortedUpload(t: TestContext, sentBytes: number): Promise<TestBucket> {
  const bucket = await startTestBucket(t);
  const headers = { ...uploadHeaders(body), ...length };
  const url = bucket.presign("PUT", "k", headers);
  const socket = connect(bucket.port, "127.0.0.1");
  socket.write(rawHead("PUT", url, headers));
  socket.write(body.subarray(0, sentBytes));
  const incoming = join(bucket.directory, "incoming");
  await waitUntil(() => filesBelow(incoming).length === 1, "the upload to begin");
  socket.destroy();
  await waitUntil(() => filesBelow(incoming).length === 0, "the upload to be cleaned up");
  return bucket;
}

test("a body that ends early leaves nothing behind", async (t) => {
  const bucket = await abortedUpload(t, 99_999);
  assertNothingLeft(bucket);
  assert.equal((await bucket.get("k")).status, 404);
});

test("a connection that dies before the first byte of the body leaves nothing behind", async (t) => {
  assertNothingLeft(await abortedUpload(t, 0));
});

test("bytes after the body are no part of the object, and end the connection", async (t) => {
  const bucket = await startTestBucket(t);
  const headers = { ...uploadHeaders(body), ...length };
  const url = bucket.presign("PUT", "k", headers);
  const received = await bucket.raw(rawHead("PUT", url, headers), body, "and more of it\r\n\r\n");
  assert.match(received, /^HTTP\/1\.1 (200|400) /);
  assert.match(received, /HTTP\/1\.1 400 Bad Request\r\nconnection: close/);
  // Once closed, no request is under way any more.
  await bucket.bucket.close();
  const stored = filesBelow(join(bucket.directory, "objects"));
  if (stored.length === 0) return assertNothingLeft(bucket);
  const content = await getContent(await openTestStore(bucket.directory), "k");
  assert.ok(content?.equals(body));
});

test("a refused upload is answered while it is sent, and the connection stays usable", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", "taken");
  const large = Buffer.alloc(8_000_000);
  const headers = { ...uploadHeaders(large), "content-length": String(large.length) };
  const refused = rawHead("PUT", bucket.presign("PUT", "k", headers), headers);
  const next = rawHead("GET", bucket.presign("GET", "k"), { connection: "close" });
  const received = await bucket.raw(refused, large, next);
  assert.match(received, /^HTTP\/1\.1 412 Precondition Failed\r\n/);
  assert.match(received, /HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\ntaken$/);
});

test("the refusal comes before the body", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", "taken");
  const headers = { ...uploadHeaders(body), ...length };
  const socket = connect(bucket.port, "127.0.0.1");
  socket.write(rawHead("PUT", bucket.presign("PUT", "k", headers), headers));
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
  });
  await waitUntil(() => received.endsWith("</Error>"), "the whole answer");
  assert.match(received, /^HTTP\/1\.1 412 /);
  socket.destroy();
});

test("fetch sees the refusal of an upload that it is still sending", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", "taken");
  const large = Buffer.alloc(20_000_000);
  const headers = { ...uploadHeaders(large), "content-length": String(large.length) };
  const url = bucket.presign("PUT", "k", headers);
  for (let times = 0; times < 3; times += 1)
    assert.equal(
      (await fetch(url, { method: "PUT", headers: uploadHeaders(large), body: large })).status,
      412,
    );
});

test("who asks before sending is told to go on, or refused at once", async (t) => {
  const bucket = await startTestBucket(t);
  const headers = { ...uploadHeaders(body), ...length };
  const head = rawHead("PUT", bucket.presign("PUT", "k", headers), {
    ...headers,
    expect: "100-continue",
    connection: "close",
  });
  assert.match(await bucket.raw(head, body), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  assert.match(
    await bucket.raw(head),
    /^HTTP\/1\.1 412 Precondition Failed\r\n[\s\S]*connection: close\r\n/i,
  );
});

for (const call of ["createFile", "file.writeAt", "file.syncData", "link", "syncDirectory"] as const)
  for (const [errno, status, code] of [
    ["ENOSPC", 507, "InsufficientStorage"],
    ["EIO", 500, "InternalError"],
  ] as const)
    test(`${errno} from ${call} is answered with ${status}, leaves nothing behind, and passes`, async (t) => {
      let isBroken = false;
      const { operations } = watchFileOperations((met) => {
        if (isBroken && met === call) throw fileError(errno);
      });
      const bucket = await startTestBucket(t, { fileOperations: operations });
      isBroken = true;
      const answer = await bucket.put("uploads/k", body, uploadHeaders(body));
      assert.deepEqual([answer.status, answer.code], [status, code]);
      assertNothingLeft(bucket);
      assert.ok(bucket.log.some(({ level, msg }) => level === "error" && msg === "request failed"));
      isBroken = false;
      assert.equal((await bucket.put("uploads/k", body, uploadHeaders(body))).status, 200);
    });

test("an upload syncs the file once and its directory once", async (t) => {
  const { operations, calls, count } = watchFileOperations();
  const bucket = await startTestBucket(t, { fileOperations: operations });
  await bucket.put("uploads/aa1", body, uploadHeaders(body));
  calls.length = 0;
  await bucket.put("uploads/aa2", body, uploadHeaders(body));
  assert.deepEqual([count("file.syncData"), count("syncDirectory")], [1, 1]);
});

test("a disk that is slow does not fill the memory", async (t) => {
  const { promise: isFast, resolve: speedUp } = Promise.withResolvers<void>();
  t.after(() => speedUp());
  let isSlow = false;
  const { operations, count } = watchFileOperations((call) =>
    isSlow && call === "file.writeAt" ? isFast : undefined,
  );
  const bucket = await startTestBucket(t, { fileOperations: operations });
  isSlow = true;
  let connection: Socket | undefined;
  bucket.bucket.server.on("connection", (socket) => {
    connection = socket;
  });
  const large = Buffer.alloc(40_000_000);
  const writesBefore = count("file.writeAt");
  const upload = bucket.put("k", large);
  await waitUntil(() => count("file.writeAt") > writesBefore, "the first write");
  let received = 0;
  let looksAlike = 0;
  await waitUntil(() => {
    looksAlike = connection?.bytesRead === received ? looksAlike + 1 : 0;
    received = connection?.bytesRead ?? 0;
    return looksAlike > 20;
  }, "the server to stop reading");
  assert.ok(received < 2_000_000, `${received} bytes`);
  isSlow = false;
  speedUp();
  assert.equal((await upload).status, 200);
  assert.ok((await bucket.get("k")).body.equals(large));
});

for (const algorithm of checksumAlgorithms)
  test(`the ${algorithm} of an upload is checked, kept and given`, async (t) => {
    const bucket = await startTestBucket(t);
    const checksum = createChecksum(algorithm);
    checksum.update(body);
    const header = `x-amz-checksum-${algorithm.toLowerCase()}`;
    const value = checksum.digest().toString("base64");
    const put = await bucket.put("k", body, { [header]: value });
    assert.deepEqual([put.status, put.headers[header]], [200, value]);
    const head = await bucket.signed("HEAD", "k", { headers: { "x-amz-checksum-mode": "ENABLED" } });
    assert.equal(head.headers[header], value);
    assert.equal(head.headers["x-amz-checksum-type"], "FULL_OBJECT");
  });
