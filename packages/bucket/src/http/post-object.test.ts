import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { test } from "node:test";
import type { PostCondition } from "@stowage/sigv4";
import { assertNothingLeft } from "../testing/nothing-left.ts";
import { encodeForm, eq, type Form, formTarget, postForm, range, signForm } from "../testing/signed-form.ts";
import {
  type Answer,
  rawHead,
  sha256Base64,
  startTestBucket,
  type TestBucket,
  testBucketName,
} from "../testing/test-bucket.ts";
import { waitUntil } from "../testing/wait-until.ts";

/** As S3's forms write it. */
const fileNameVariable = ["$", "{filename}"].join("");
const content = randomBytes(200_000);

const post = (bucket: TestBucket, form: Form = {}) => postForm(bucket, { file: content, ...form });

const refused = ({ status, code }: Answer) => [status, code];

test("a signed form stores its file as its fields say", async (t) => {
  const bucket = await startTestBucket(t);
  const answer = await post(bucket, {
    fields: {
      key: "in/photo.jpg",
      "Content-Type": "image/jpeg",
      "Cache-Control": "no-cache",
      "x-amz-meta-by": "ann",
      acl: "private",
    },
  });
  assert.equal(answer.status, 204);
  assert.equal(answer.body.length, 0);
  assert.equal(answer.headers.location, `/${testBucketName}/in/photo.jpg`);
  const got = await bucket.get("in/photo.jpg");
  assert.ok(got.body.equals(content));
  assert.equal(got.headers["content-type"], "image/jpeg");
  assert.equal(got.headers["cache-control"], "no-cache");
  assert.equal(got.headers["x-amz-meta-by"], "ann");
  assert.equal(got.headers.etag, answer.headers.etag);
});

test("files of every size around a segment come back", async (t) => {
  const bucket = await startTestBucket(t);
  for (const sizeBytes of [0, 1, 65_535, 65_536, 65_537, 131_072]) {
    const file = content.subarray(0, sizeBytes);
    assert.equal((await post(bucket, { fields: { key: `k${sizeBytes}` }, file })).status, 204);
    assert.ok((await bucket.get(`k${sizeBytes}`)).body.equals(file), String(sizeBytes));
  }
});

test("success_action_status chooses among S3's three answers", async (t) => {
  const bucket = await startTestBucket(t);
  const answerTo = (status: string) =>
    post(bucket, { fields: { key: "a b/é", success_action_status: status } });
  const created = await answerTo("201");
  assert.equal(created.status, 201);
  const xml = created.body.toString();
  assert.match(xml, /<PostResponse xmlns="[^"]*"><Location>\/test-bucket\/a%20b\/%C3%A9<\/Location>/);
  assert.match(xml, /<Bucket>test-bucket<\/Bucket><Key>a b\/é<\/Key><ETag>&quot;[0-9a-f]{32}&quot;<\/ETag>/);
  assert.deepEqual([(await answerTo("200")).status, (await answerTo("200")).body.length], [200, 0]);
  for (const other of ["204", "404", "302", ""]) assert.equal((await answerTo(other)).status, 204, other);
});

test("filename in braces becomes the file's name, and the policy judges what comes of it", async (t) => {
  const bucket = await startTestBucket(t);
  const conditions: PostCondition[] = [{ match: "starts-with", field: "key", value: "user/ann/" }];
  const named = { fields: { key: `user/ann/${fileNameVariable}` }, conditions };
  assert.equal((await post(bucket, { ...named, fileName: "C:\\dir\\lolcatz.jpg" })).status, 204);
  assert.equal((await bucket.get("user/ann/lolcatz.jpg")).status, 200);
  const elsewhere = { fields: { key: fileNameVariable }, conditions, fileName: "x" };
  assert.deepEqual(refused(await post(bucket, elsewhere)), [403, "AccessDenied"]);
});

for (const [what, form, code] of [
  ["a field that the policy does not name", { unsaid: { "x-amz-meta-a": "1" } }, "AccessDenied"],
  [
    "a field of another value",
    { conditions: [eq("content-type", "image/png")], fields: { key: "k", "Content-Type": "text/html" } },
    "AccessDenied",
  ],
  ["a field that is missing", { conditions: [eq("acl", "private")] }, "AccessDenied"],
  ["another bucket in its policy", { conditions: [eq("bucket", "another")] }, "AccessDenied"],
  ["a policy that ran out", { expiresAt: new Date(Date.now() - 1000) }, "AccessDenied"],
  ["a date of yesterday", { signedAt: new Date(Date.now() - 86_400_000) }, "AccessDenied"],
  ["a date of tomorrow", { signedAt: new Date(Date.now() + 86_400_000) }, "RequestTimeTooSkewed"],
  ["no key", { fields: { acl: "private" } }, "InvalidArgument"],
  ["an empty key", { fields: { key: "" } }, "InvalidArgument"],
  ["a key of more than 1024 bytes", { fields: { key: "k".repeat(1025) } }, "KeyTooLongError"],
  ["a public ACL", { fields: { key: "k", acl: "public-read" } }, "AccessControlListNotSupported"],
  [
    "a redirect",
    { fields: { key: "k", success_action_redirect: "https://evil.example/" } },
    "NotImplemented",
  ],
  [
    "a redirect of the old kind",
    { fields: { key: "k", redirect: "https://evil.example/" } },
    "NotImplemented",
  ],
  ["a member that would be forgotten", { fields: { key: "k", "x-amz-tagging": "a=b" } }, "NotImplemented"],
  [
    "a checksum of other content",
    { fields: { key: "k", "x-amz-checksum-sha256": sha256Base64("other") } },
    "BadDigest",
  ],
  ["a CRC32 of other content", { fields: { key: "k", "x-amz-checksum-crc32": "AAAAAA==" } }, "BadDigest"],
  [
    "an MD5 of other content",
    { fields: { key: "k", "Content-MD5": createHash("md5").update("other").digest("base64") } },
    "BadDigest",
  ],
  [
    "a type that is no header",
    { fields: { key: "k", "Content-Type": "image/png\r\nx: y" } },
    "InvalidArgument",
  ],
  ["a type beyond ASCII", { fields: { key: "k", "Content-Type": "image/é" } }, "InvalidArgument"],
  ["a header that is no header", { fields: { key: "k", "Cache-Control": "a\r\nb" } }, "InvalidArgument"],
  ["tags that are none", { fields: { key: "k", tagging: "a=b" } }, "MalformedXML"],
  ["metadata that is no header", { fields: { key: "k", "x-amz-meta-a": "é" } }, "InvalidArgument"],
  ["a file above its policy's size", { conditions: [range(0, content.length - 1)] }, "EntityTooLarge"],
  ["a file below its policy's size", { conditions: [range(content.length + 1, 1e9)] }, "EntityTooSmall"],
] as [string, Form, string][])
  test(`a form with ${what} is refused, and leaves nothing`, async (t) => {
    const bucket = await startTestBucket(t);
    const answer = await post(bucket, form);
    assert.equal(answer.code, code, answer.body.toString());
    assertNothingLeft(bucket);
  });

test("a form whose signature, policy or fields were changed afterwards is refused, and leaves nothing", async (t) => {
  const bucket = await startTestBucket(t);
  const fine = signForm({ fields: { key: "k", "Content-Type": "image/png" } });
  const policy = Buffer.from(fine.policy ?? "", "base64").toString();
  const flipped = `${fine["x-amz-signature"]?.startsWith("0") ? "1" : "0"}${fine["x-amz-signature"]?.slice(1)}`;
  for (const [changed, code] of [
    [{ "x-amz-signature": flipped }, "SignatureDoesNotMatch"],
    [{ "x-amz-signature": "" }, "SignatureDoesNotMatch"],
    [
      { policy: Buffer.from(policy.replace('"k"', '"other"')).toString("base64"), key: "other" },
      "SignatureDoesNotMatch",
    ],
    [{ key: "other" }, "AccessDenied"],
    [{ "Content-Type": "text/html" }, "AccessDenied"],
    [{ "x-amz-date": "20150101T000000Z" }, "InvalidArgument"],
    [
      { "x-amz-credential": fine["x-amz-credential"]?.replace("AKIDTEST", "AKIDNONE") ?? "" },
      "InvalidAccessKeyId",
    ],
    [{ "x-amz-algorithm": "AWS4-HMAC-SHA1" }, "InvalidRequest"],
    [{ bucket: "another" }, "AccessDenied"],
  ] as [Record<string, string>, string][]) {
    const { headers, body } = await encodeForm({ ...fine, ...changed }, content);
    assert.equal(
      (await bucket.send("POST", formTarget, { headers, body })).code,
      code,
      JSON.stringify(changed),
    );
  }
  const { headers, body } = await encodeForm({ key: "k" }, content);
  assert.deepEqual(refused(await bucket.send("POST", formTarget, { headers, body })), [403, "AccessDenied"]);
  assertNothingLeft(bucket);
});

test("checksums in fields are held to, kept and told", async (t) => {
  const bucket = await startTestBucket(t);
  const answer = await post(bucket, {
    fields: {
      key: "k",
      "x-amz-checksum-sha256": sha256Base64(content),
      "content-md5": createHash("md5").update(content).digest("base64"),
    },
  });
  assert.equal(answer.status, 204, answer.body.toString());
  assert.equal(answer.headers["x-amz-checksum-sha256"], sha256Base64(content));
  const head = await bucket.signed("HEAD", "k", { headers: { "x-amz-checksum-mode": "ENABLED" } });
  assert.equal(head.headers["x-amz-checksum-sha256"], sha256Base64(content));
});

test("a form that is too large is cut off while it comes", async (t) => {
  const bucket = await startTestBucket(t, { maxObjectSizeBytes: 100_000 });
  const fields = signForm({ conditions: [range(0, 1_000_000_000)] });
  const { headers, body } = await encodeForm(fields, Buffer.alloc(10));
  const end = body.subarray(body.lastIndexOf("\r\n--"));
  const head = body.subarray(0, body.indexOf(Buffer.alloc(10)));
  // It says that it is small, and that much is its end: what decides is what comes.
  const tooMuch = Buffer.alloc(100_001);
  const lengthBytes = head.length + tooMuch.length + end.length;
  const announced = { ...headers, "content-length": String(lengthBytes) };
  const answer = await bucket.send("POST", formTarget, {
    headers: announced,
    body: Buffer.concat([head, tooMuch, end]),
  });
  assert.deepEqual(refused(answer), [400, "EntityTooLarge"]);
  // By its length alone, before any of it has come.
  const socket = connect(bucket.port, "127.0.0.1");
  let answered = "";
  socket.on("data", (chunk) => {
    answered += chunk.toString("latin1");
  });
  socket.write(
    rawHead("POST", `${bucket.origin}${formTarget}`, { ...headers, "content-length": "99999999999" }),
  );
  socket.write(head);
  await waitUntil(() => answered.includes("EntityTooLarge"), "an answer");
  assert.match(answered, /^HTTP\/1\.1 400 /);
  socket.destroy();
  assertNothingLeft(bucket);
});

test("a form without Content-Length, and one that breaks off, leave nothing", async (t) => {
  const bucket = await startTestBucket(t);
  const { headers, body } = await encodeForm(signForm({}), content);
  const chunked = { "content-type": headers["content-type"] ?? "", "transfer-encoding": "chunked" };
  assert.deepEqual(refused(await bucket.send("POST", formTarget, { headers: chunked, body })), [
    411,
    "MissingContentLength",
  ]);
  for (const sentBytes of [10, 2000, 100_000, body.length - 1]) {
    const socket = connect(bucket.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(rawHead("POST", `${bucket.origin}${formTarget}`, headers));
    await new Promise((resolve) => socket.write(body.subarray(0, sentBytes), resolve));
    const before = bucket.log.length;
    socket.end();
    await waitUntil(() => bucket.log.length > before, "the abort to be noticed");
    socket.destroy();
  }
  // Whole by its length, but not by its last boundary.
  const cut = body.subarray(0, body.length - 4);
  const short = await bucket.send("POST", formTarget, {
    headers: { ...headers, "content-length": String(cut.length) },
    body: cut,
  });
  assert.deepEqual(refused(short), [400, "MalformedPOSTRequest"]);
  assertNothingLeft(bucket);
});

test("a form is posted to the bucket, and to no other", async (t) => {
  const bucket = await startTestBucket(t);
  const { headers, body } = await encodeForm(signForm({}), content);
  const to = async (path: string) => refused(await bucket.send("POST", path, { headers, body }));
  assert.deepEqual(await to("/another"), [404, "NoSuchBucket"]);
  assert.deepEqual(await to(`${formTarget}/k`), [405, "MethodNotAllowed"]);
  assert.deepEqual(await to(`${formTarget}?uploads`), [403, "AccessDenied"]);
  assert.equal((await bucket.send("POST", `${formTarget}/`, { headers, body })).status, 204);
});

test("a form's own condition that the key be free is kept", async (t) => {
  const bucket = await startTestBucket(t);
  const { headers, body } = await encodeForm(signForm({}), content);
  const once = { headers: { ...headers, "if-none-match": "*" }, body };
  assert.equal((await bucket.send("POST", formTarget, once)).status, 204);
  assert.deepEqual(refused(await bucket.send("POST", formTarget, once)), [412, "PreconditionFailed"]);
});

test("a page of a configured origin may post and read the answer", async (t) => {
  const bucket = await startTestBucket(t, { corsOrigins: ["https://app.example"] });
  const { headers, body } = await encodeForm(signForm({}), content);
  const answer = await bucket.send("POST", formTarget, {
    headers: { ...headers, origin: "https://app.example" },
    body,
  });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers["access-control-allow-origin"], "https://app.example");
  assert.match(String(answer.headers["access-control-expose-headers"]), /ETag, Location/);
});
