import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import { assertNothingLeft } from "../testing/nothing-left.ts";
import {
  type Answer,
  rawHead,
  sha256Base64,
  startTestBucket,
  type TestBucket,
  uploadHeaders,
} from "../testing/test-bucket.ts";

const fiveMib = 5 * 1024 ** 2;
const inXml = (name: string, { body }: Answer): string[] =>
  [...String(body).matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "g"))].map(([, text]) => text ?? "");

/** Begins an upload whose parts are checked, as Stowage does. */
async function begin(bucket: TestBucket, key = "k", headers: Record<string, string> = {}): Promise<string> {
  const all = { "x-amz-checksum-algorithm": "SHA256", "content-type": "video/mp4", ...headers };
  const answer = await bucket.signed("POST", `${key}?uploads`, { headers: all });
  assert.equal(answer.status, 200, String(answer.body));
  return inXml("UploadId", answer)[0] ?? "";
}

async function sendPart(
  bucket: TestBucket,
  uploadId: string,
  number: number,
  body: Buffer,
  headers: Record<string, string> = { "x-amz-checksum-sha256": sha256Base64(body) },
): Promise<Answer> {
  const all = { ...headers, "content-length": String(body.length) };
  const url = bucket.presign("PUT", `k?partNumber=${number}&uploadId=${uploadId}`, all);
  return bucket.send("PUT", url, { headers: all, body });
}

const completion = (parts: readonly (readonly [number: number, etag: string | undefined])[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?><CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts
    .map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`)
    .join("")}</CompleteMultipartUpload>`;

const complete = (
  bucket: TestBucket,
  uploadId: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Answer> => bucket.signed("POST", `k?uploadId=${uploadId}`, { body, headers });

test("an upload in presigned parts becomes one object, with the checksum of the parts' checksums", async (t) => {
  const bucket = await startTestBucket(t);
  const uploadId = await begin(bucket);
  const bodies = [randomBytes(fiveMib), randomBytes(1000)] as const;
  const sent = [
    await sendPart(bucket, uploadId, 1, bodies[0]),
    await sendPart(bucket, uploadId, 2, bodies[1]),
  ];
  assert.deepEqual(
    sent.map(({ status, headers }) => [status, headers["x-amz-checksum-sha256"]]),
    bodies.map((body) => [200, sha256Base64(body)]),
  );
  assert.equal((await bucket.get("k")).status, 404);

  const digests = bodies.map((body) => createHash("sha256").update(body).digest());
  const composite = `${sha256Base64(Buffer.concat(digests))}-2`;
  const document = completion([
    [1, sent[0]?.headers.etag],
    [2, sent[1]?.headers.etag],
  ]);
  const done = await complete(bucket, uploadId, document, {
    "if-none-match": "*",
    "x-amz-checksum-type": "COMPOSITE",
    "x-amz-checksum-sha256": composite,
    "x-amz-mp-object-size": String(fiveMib + 1000),
  });
  assert.equal(done.status, 200, String(done.body));
  assert.deepEqual(inXml("ChecksumSHA256", done), [composite]);

  const whole = Buffer.concat(bodies);
  const got = await bucket.get("k", { "x-amz-checksum-mode": "ENABLED" }).catch(() => undefined);
  assert.equal(got?.status, 403, "a header that was not signed");
  const signed = await bucket.signed("GET", "k", { headers: { "x-amz-checksum-mode": "ENABLED" } });
  assert.ok(signed.body.equals(whole));
  assert.equal(signed.headers["content-type"], "video/mp4");
  assert.equal(signed.headers["x-amz-checksum-sha256"], composite);
  assert.equal(signed.headers["x-amz-checksum-type"], "COMPOSITE");
  assert.match(String(signed.headers.etag), /^"[0-9a-f]{32}-2"$/);
  const range = await bucket.get("k", { range: `bytes=${fiveMib - 10}-${fiveMib + 9}` });
  assert.ok(range.body.equals(whole.subarray(fiveMib - 10, fiveMib + 10)));
  assert.match(String((await bucket.signed("GET", "?list-type=2")).body), /<Size>5243880<\/Size>/);

  const again = await complete(bucket, uploadId, document);
  assert.deepEqual([again.status, again.code], [404, "NoSuchUpload"]);
});

async function withOnePart(t: TestContext) {
  const bucket = await startTestBucket(t);
  const uploadId = await begin(bucket);
  const sent = await sendPart(bucket, uploadId, 1, Buffer.from("content"));
  return { bucket, uploadId, etag: String(sent.headers.etag) };
}

test("a key that is taken refuses the completion, and the upload can be aborted", async (t) => {
  const { bucket, uploadId, etag } = await withOnePart(t);
  await bucket.put("k", "taken", uploadHeaders("taken"));
  const refused = await complete(bucket, uploadId, completion([[1, etag]]), { "if-none-match": "*" });
  assert.deepEqual([refused.status, refused.code], [412, "PreconditionFailed"]);
  const aborted = await bucket.signed("DELETE", `k?uploadId=${uploadId}`);
  assert.equal(aborted.status, 204);
  const again = await bucket.signed("DELETE", `k?uploadId=${uploadId}`);
  assert.deepEqual([again.status, again.code], [404, "NoSuchUpload"]);
  assert.equal(String((await bucket.get("k")).body), "taken");
});

const partRefusals: [
  what: string,
  attempt: (bucket: TestBucket, uploadId: string) => Promise<Answer>,
  status: number,
  code: string,
][] = [
  ["no checksum", (bucket, id) => sendPart(bucket, id, 1, Buffer.of(1), {}), 400, "InvalidRequest"],
  [
    "another checksum",
    (bucket, id) => sendPart(bucket, id, 1, Buffer.of(1), { "x-amz-checksum-sha256": sha256Base64("other") }),
    400,
    "BadDigest",
  ],
  ["the number 0", (bucket, id) => sendPart(bucket, id, 0, Buffer.of(1)), 400, "InvalidArgument"],
  ["the number 10,001", (bucket, id) => sendPart(bucket, id, 10_001, Buffer.of(1)), 400, "InvalidArgument"],
  ["no upload", (bucket) => sendPart(bucket, "../uploads", 1, Buffer.of(1)), 404, "NoSuchUpload"],
  [
    "an upload of another key",
    async (bucket) => sendPart(bucket, await begin(bucket, "other"), 1, Buffer.of(1)),
    404,
    "NoSuchUpload",
  ],
  ["too many bytes", (bucket, id) => sendPart(bucket, id, 1, Buffer.alloc(1001)), 400, "EntityTooLarge"],
  [
    "a length that the URL does not sign",
    (bucket, id) => {
      const headers = { "x-amz-checksum-sha256": sha256Base64("one") };
      const url = bucket.presign("PUT", `k?partNumber=1&uploadId=${id}`, headers);
      return bucket.send("PUT", url, { headers: { ...headers, "content-length": "3" }, body: "one" });
    },
    403,
    "AccessDenied",
  ],
];
for (const [what, attempt, status, code] of partRefusals)
  test(`a part with ${what} is refused, and nothing of it kept`, async (t) => {
    const bucket = await startTestBucket(t, { maxObjectSizeBytes: 1000 });
    const uploadId = await begin(bucket);
    const answer = await attempt(bucket, uploadId);
    assert.deepEqual([answer.status, answer.code], [status, code]);
    assertNothingLeft(bucket);
    const listed = await bucket.signed("GET", `k?uploadId=${uploadId}`);
    assert.deepEqual([listed.status, inXml("PartNumber", listed)], [200, []]);
  });

const completionRefusals: [what: string, document: (etag: string) => string, code: string][] = [
  ["no parts", () => completion([]), "MalformedXML"],
  ["no document", () => "", "MalformedXML"],
  ["another document", (etag) => completion([[1, etag]]).replaceAll("Complete", "Delete"), "MalformedXML"],
  ["an entity", (etag) => `<!DOCTYPE a [<!ENTITY b "c">]>${completion([[1, etag]])}`, "MalformedXML"],
  ["a part without ETag", (etag) => completion([[1, etag]]).replaceAll("ETag", "Etag"), "MalformedXML"],
  ["a part that was not sent", (etag) => completion([[2, etag]]), "InvalidPart"],
  ["another ETag", () => completion([[1, `"${"0".repeat(32)}"`]]), "InvalidPart"],
  [
    "a part twice",
    (etag) =>
      completion([
        [1, etag],
        [1, etag],
      ]),
    "InvalidPartOrder",
  ],
  [
    "parts in another order",
    (etag) =>
      completion([
        [2, etag],
        [1, etag],
      ]),
    "InvalidPartOrder",
  ],
  ["a part's number that is none", (etag) => completion([[0, etag]]), "InvalidArgument"],
];
for (const [what, document, code] of completionRefusals)
  test(`a completion with ${what} is refused as ${code}, and the upload goes on`, async (t) => {
    const { bucket, uploadId, etag } = await withOnePart(t);
    const refused = await complete(bucket, uploadId, document(etag));
    assert.deepEqual([refused.status, refused.code], [400, code]);
    assertNothingLeft(bucket);
    const quoted = completion([[1, etag.replaceAll('"', "&quot;")]]);
    assert.equal((await complete(bucket, uploadId, quoted)).status, 200);
  });

test("parts of less than 5 MiB are refused but for the last", async (t) => {
  const { bucket, uploadId, etag } = await withOnePart(t);
  const { headers } = await sendPart(bucket, uploadId, 2, Buffer.from("more"));
  const document = completion([
    [1, etag],
    [2, headers.etag],
  ]);
  const refused = await complete(bucket, uploadId, document);
  assert.deepEqual([refused.status, refused.code], [400, "EntityTooSmall"]);
});

test("a completion that says another checksum or size of the object is refused", async (t) => {
  const { bucket, uploadId, etag } = await withOnePart(t);
  const wrong = { "x-amz-checksum-sha256": `${sha256Base64("x")}-1` };
  assert.equal((await complete(bucket, uploadId, completion([[1, etag]]), wrong)).code, "BadDigest");
  const long = { "x-amz-mp-object-size": "8" };
  assert.equal((await complete(bucket, uploadId, completion([[1, etag]]), long)).code, "InvalidRequest");
  assertNothingLeft(bucket);
});

test("a document that is too long is refused before it is read", async (t) => {
  const { bucket, uploadId } = await withOnePart(t);
  const headers = { "content-length": String(9 * 1024 * 1024), connection: "close" };
  const url = bucket.presign("POST", `k?uploadId=${uploadId}`);
  assert.match(
    await bucket.raw(rawHead("POST", url, { ...headers, expect: "100-continue" })),
    /^HTTP\/1\.1 400 Bad Request[\s\S]*<Code>EntityTooLarge</,
  );
});

test("parts are listed a page at a time", async (t) => {
  const { bucket, uploadId } = await withOnePart(t);
  await sendPart(bucket, uploadId, 3, Buffer.from("more"));
  const first = await bucket.signed("GET", `k?uploadId=${uploadId}&max-parts=1`);
  assert.deepEqual(inXml("PartNumber", first), ["1"]);
  assert.deepEqual([...inXml("IsTruncated", first), ...inXml("NextPartNumberMarker", first)], ["true", "1"]);
  assert.deepEqual(inXml("ChecksumSHA256", first), [sha256Base64("content")]);
  const rest = await bucket.signed("GET", `k?uploadId=${uploadId}&part-number-marker=1`);
  assert.deepEqual([inXml("PartNumber", rest), inXml("Size", rest)], [["3"], ["4"]]);
  assert.deepEqual(inXml("IsTruncated", rest), ["false"]);
});

test("uploads are listed by prefix, a page at a time", async (t) => {
  const bucket = await startTestBucket(t);
  for (const key of ["b/1", "a", "b/2", "b/1"]) await begin(bucket, key);
  assert.deepEqual(inXml("Key", await bucket.signed("GET", "?uploads")), ["a", "b/1", "b/1", "b/2"]);
  const seen: string[] = [];
  let markers = "";
  for (let page = 0; page < 3; page += 1) {
    const answer = await bucket.signed("GET", `?uploads&prefix=b%2F&max-uploads=1${markers}`);
    seen.push(...inXml("Key", answer));
    assert.deepEqual(inXml("IsTruncated", answer), [page < 2 ? "true" : "false"]);
    const [key = "", id = ""] = [inXml("NextKeyMarker", answer)[0], inXml("NextUploadIdMarker", answer)[0]];
    markers = `&key-marker=${encodeURIComponent(key)}&upload-id-marker=${id}`;
  }
  assert.deepEqual(seen, ["b/1", "b/1", "b/2"]);
});

test("a completion that names another checksum of a part is refused", async (t) => {
  const { bucket, uploadId, etag } = await withOnePart(t);
  const naming = (checksum: string) =>
    completion([[1, etag]]).replace("</Part>", `<ChecksumSHA256>${checksum}</ChecksumSHA256></Part>`);
  assert.equal((await complete(bucket, uploadId, naming(sha256Base64("other")))).code, "InvalidPart");
  assert.equal((await complete(bucket, uploadId, naming(sha256Base64("content")))).status, 200);
});

test("an upload with a checksum that can't be kept is refused", async (t) => {
  const bucket = await startTestBucket(t);
  const attempt = async (headers: Record<string, string>) =>
    (await bucket.signed("POST", "k?uploads", { headers })).code;
  assert.equal(await attempt({ "x-amz-checksum-algorithm": "XXHASH" }), "InvalidRequest");
  assert.equal(await attempt({ "x-amz-checksum-type": "COMPOSITE" }), "InvalidRequest");
  const full = { "x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-type": "FULL_OBJECT" };
  assert.equal(await attempt(full), "InvalidRequest");
});
