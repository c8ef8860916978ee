import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { startTestBucket, type TestBucket } from "../testing/test-bucket.ts";
import { parseXml } from "./parse-xml.ts";
import { S3Error } from "./s3-error.ts";
import { tagsInDocument, tagsInHeader } from "./tag-set.ts";
import { xmlDocument } from "./xml.ts";

type Tags = readonly (readonly [string, string])[];

const documentOf = (tags: Tags): string =>
  xmlDocument("Tagging", [
    [
      "TagSet",
      tags.map(([key, value]) => [
        "Tag",
        [
          ["Key", key],
          ["Value", value],
        ],
      ]),
    ],
  ]);

async function tagsOf(bucket: TestBucket, key: string): Promise<string[][] | undefined> {
  const { status, body } = await bucket.signed("GET", `${key}?tagging`);
  if (status !== 200) return undefined;
  const [set] = parseXml(body).children;
  return set?.children.map(({ children }) => children.map(({ text }) => text));
}

const isAllowed = (text: string): boolean => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text);
const tagText = (maxLength: number) =>
  fc
    .string({
      unit: fc.oneof(fc.constantFrom(..." +-=._:/@äß漢𝔸９"), fc.string({ minLength: 1, maxLength: 1 })),
    })
    .map((text) =>
      [...text].filter(isAllowed).join("").slice(0, maxLength).toWellFormed().replaceAll("\ufffd", ""),
    );
const tagSet = fc
  .uniqueArray(fc.tuple(tagText(128), tagText(256)), { maxLength: 10, selector: ([key]) => key })
  .map((tags) => tags.filter(([key]) => key !== "" && !key.startsWith("aws:")));

test("tags come through a header and a document as they are", () => {
  fc.assert(
    fc.property(tagSet, (tags) => {
      const expected = tags.length === 0 ? undefined : tags;
      const percent = tags.map((tag) => tag.map(encodeURIComponent).join("=")).join("&");
      const plus = new URLSearchParams(tags.map(([key, value]): [string, string] => [key, value])).toString();
      for (const header of [percent, plus])
        assert.deepEqual(tagsInHeader(new Map([["x-amz-tagging", header]])), expected);
      assert.deepEqual(tagsInDocument(Buffer.from(documentOf(tags))), expected);
    }),
  );
});

test("a header of any text gives tags that S3 allows, or is refused", () => {
  const text = fc.string({ unit: fc.constantFrom(..."ab=&%+C3A4<é\u0000 ") });
  fc.assert(
    fc.property(text, (header) => {
      try {
        const tags = tagsInHeader(new Map([["x-amz-tagging", header]])) ?? [];
        for (const [key, value] of tags) assert.ok(key !== "" && isAllowed(key) && isAllowed(value));
        assert.equal(new Set(tags.map(([key]) => key)).size, tags.length);
      } catch (error) {
        if (!(error instanceof S3Error)) throw error;
        assert.ok(["BadRequest", "InvalidArgument", "InvalidTag"].includes(error.code));
      }
    }),
  );
});

test("tags of a PUT are counted by GET and HEAD, told, replaced and removed, and the object stays", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", "content", { "x-amz-tagging": "a=1&b=x%20y", "x-amz-meta-name": "value" });
  const before = await bucket.get("k");
  assert.equal(before.headers["x-amz-tagging-count"], "2");
  assert.deepEqual(await tagsOf(bucket, "k"), [
    ["a", "1"],
    ["b", "x y"],
  ]);
  const put = await bucket.signed("PUT", "k?tagging&versionId=null", { body: documentOf([["c", "<&"]]) });
  assert.equal(put.code, "InvalidTag");
  const body = documentOf([["c", "+@"]]);
  assert.equal((await bucket.signed("PUT", "k?tagging&versionId=null", { body })).status, 200);
  assert.deepEqual(await tagsOf(bucket, "k"), [["c", "+@"]]);
  assert.equal((await bucket.signed("HEAD", "k")).headers["x-amz-tagging-count"], "1");
  assert.equal((await bucket.signed("DELETE", "k?tagging")).status, 204);
  const after = await bucket.get("k");
  assert.deepEqual(await tagsOf(bucket, "k"), []);
  const { "x-amz-tagging-count": count, date: _, "x-amz-request-id": _id, ...same } = before.headers;
  assert.deepEqual([after.body, count], [before.body, "2"]);
  const { date: _date, "x-amz-request-id": _other, ...left } = after.headers;
  assert.deepEqual(left, same);
});

test("tags of what is not there can't be told, set or removed", async (t) => {
  const bucket = await startTestBucket(t);
  const body = documentOf([["a", "1"]]);
  for (const [method, sent] of [
    ["GET", {}],
    ["PUT", { body }],
    ["DELETE", {}],
  ] as const)
    assert.equal((await bucket.signed(method, "none?tagging", sent)).code, "NoSuchKey");
  assert.equal((await bucket.get("none")).status, 404);
});

test("documents that are no tags, or come damaged, leave the tags that there are", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", "content", { "x-amz-tagging": "a=1" });
  const put = async (body: string, headers: Record<string, string> = {}) =>
    (await bucket.signed("PUT", "k?tagging", { body, headers })).code;
  const many = Array.from({ length: 11 }, (_, index) => [String(index), ""] as const);
  for (const [body, code] of [
    ["", "MalformedXML"],
    ["<Tagging></Tagging>", "MalformedXML"],
    ["<Tagging><TagSet>a</TagSet></Tagging>", "MalformedXML"],
    ["<Tagging><TagSet/><TagSet/></Tagging>", "MalformedXML"],
    ["<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>", "MalformedXML"],
    ["<Tagging><TagSet><Other><Key>a</Key><Value/></Other></TagSet></Tagging>", "MalformedXML"],
    [documentOf(many), "BadRequest"],
    [documentOf([["", "1"]]), "InvalidTag"],
    [documentOf([["a".repeat(129), "1"]]), "InvalidTag"],
    [documentOf([["a", "1".repeat(257)]]), "InvalidTag"],
    [documentOf([["aws:a", "1"]]), "InvalidTag"],
    [documentOf([["a\n", "1"]]), "InvalidTag"],
    [
      documentOf([
        ["b", "1"],
        ["b", "2"],
      ]),
      "InvalidTag",
    ],
  ] as const)
    assert.deepEqual([await put(body), body], [code, body]);
  const good = documentOf([["b", "2"]]);
  const otherMd5 = createHash("md5").update("other").digest("base64");
  assert.equal(await put(good, { "content-md5": otherMd5 }), "BadDigest");
  assert.equal(await put(good, { "x-amz-checksum-crc32": "AAAAAA==" }), "BadDigest");
  assert.deepEqual(await tagsOf(bucket, "k"), [["a", "1"]]);
  assert.equal(await put("<Tagging><TagSet/></Tagging>"), undefined);
  assert.deepEqual(await tagsOf(bucket, "k"), []);
});

test("a presigned PUT keeps the tags that it signs, in a header or in its query, and takes no others", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k?x-amz-tagging=a%3D1", "content");
  assert.deepEqual(await tagsOf(bucket, "k"), [["a", "1"]]);
  const length = { "content-length": "7" };
  const headers = { ...length, "x-amz-tagging": "a=1" };
  const unsigned = await bucket.send("PUT", bucket.presign("PUT", "other", length), {
    headers,
    body: "content",
  });
  assert.equal(unsigned.code, "AccessDenied");
  assert.equal((await bucket.get("other")).status, 404);
});

test("a copy has its source's tags, or others where that is asked for", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("a", "content", { "x-amz-tagging": "a=1", "x-amz-meta-name": "value" });
  const copy = async (key: string, headers: Record<string, string>) =>
    (await bucket.signed("PUT", key, { headers: { "x-amz-copy-source": "test-bucket/a", ...headers } })).code;
  const replacing = { "x-amz-tagging-directive": "REPLACE" };
  const tagging = { "x-amz-tagging": "b=2" };
  for (const [headers, expected] of [
    [{}, [["a", "1"]]],
    [{ "x-amz-tagging-directive": "COPY" }, [["a", "1"]]],
    [{ "x-amz-checksum-algorithm": "CRC32" }, [["a", "1"]]],
    [{ "x-amz-metadata-directive": "REPLACE" }, [["a", "1"]]],
    [{ ...replacing, ...tagging }, [["b", "2"]]],
    [replacing, []],
  ] as const) {
    assert.equal(await copy("b", headers), undefined);
    assert.deepEqual(await tagsOf(bucket, "b"), expected);
    const kept = "x-amz-metadata-directive" in headers ? undefined : "value";
    assert.equal((await bucket.get("b")).headers["x-amz-meta-name"], kept);
  }
  assert.equal(await copy("a", { ...replacing, ...tagging }), "InvalidRequest");
  assert.equal(await copy("b", { "x-amz-tagging-directive": "MERGE" }), "InvalidArgument");
  assert.deepEqual(await tagsOf(bucket, "a"), [["a", "1"]]);
});

test("an upload's object has the tags that the upload began with, and a part none", async (t) => {
  const bucket = await startTestBucket(t);
  const tagging = { "x-amz-tagging": "a=1" };
  const begun = await bucket.signed("POST", "k?uploads", { headers: tagging });
  const uploadId = /<UploadId>(.*)<\/UploadId>/.exec(String(begun.body))?.[1];
  const target = `k?partNumber=1&uploadId=${uploadId}`;
  const refused = await bucket.signed("PUT", target, { body: "content", headers: tagging });
  assert.equal(refused.code, "NotImplemented");
  const part = await bucket.signed("PUT", target, { body: "content" });
  const parts = `<Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part>`;
  const body = `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`;
  const completed = await bucket.signed("POST", `k?uploadId=${uploadId}`, { body });
  assert.equal(completed.status, 200);
  assert.deepEqual(await tagsOf(bucket, "k"), [["a", "1"]]);
  const { etag } = (await bucket.get("k")).headers;
  assert.equal((await bucket.signed("PUT", "k?tagging", { body: documentOf([["b", "2"]]) })).status, 200);
  const got = await bucket.get("k");
  assert.deepEqual([String(got.body), got.headers.etag], ["content", etag]);
  assert.deepEqual(await tagsOf(bucket, "k"), [["b", "2"]]);
});

test("of many who tag and write at the same time, none loses what was written last", async (t) => {
  const bucket = await startTestBucket(t);
  await bucket.put("k", "0");
  for (let round = 1; round <= 10; round += 1) {
    const tagging = [1, 2, 3].map((value) =>
      bucket.signed("PUT", "k?tagging", { body: documentOf([["t", String(value)]]) }),
    );
    const [put, ...answers] = await Promise.all([bucket.put("k", String(round)), ...tagging]);
    assert.deepEqual(
      [put, ...answers].map(({ status }) => status),
      [200, 200, 200, 200],
    );
    assert.equal(String((await bucket.get("k")).body), String(round));
  }
});
