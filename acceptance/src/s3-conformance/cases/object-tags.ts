import assert from "node:assert/strict";
import { textsOf } from "../../harness/read-xml.ts";
import type { S3Answer } from "../../harness/s3-requests.ts";
import { encodePath } from "../../harness/sign-s3.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import { complete, createMultipart, putPart } from "../multipart-upload.ts";
import { postForm } from "../post-form.ts";
import { assertHolds, assertOk, assertRefused, assertStatus, type S3Session } from "../s3-session.ts";

type Tags = readonly (readonly [key: string, value: string])[];

const documentOf = (tags: Tags): string =>
  `<Tagging><TagSet>${tags
    .map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`)
    .join("")}</TagSet></Tagging>`;

const putTags = (s3: S3Session, key: string, body: string): Promise<S3Answer> =>
  s3.send("PUT", key, { query: { tagging: "" }, body });

/** The object has these, in whatever order. */
async function assertTags(s3: S3Session, key: string, tags: Tags): Promise<void> {
  const answer = await s3.send("GET", key, { query: { tagging: "" } });
  assertOk(answer);
  const [keys, values] = [textsOf(answer.text, "Key"), textsOf(answer.text, "Value")];
  const sorted = (pairs: Tags): string[] => pairs.map((pair) => pair.join("=")).sort();
  assert.deepEqual(sorted(keys.map((name, index) => [name, values[index] ?? ""])), sorted(tags));
}

async function tagged(s3: S3Session, header: string): Promise<string> {
  const key = s3.newKey();
  await s3.put(key, "x", { "x-amz-tagging": header });
  return key;
}

const numbered = (count: number): Tags =>
  Array.from({ length: count }, (_, index) => [`key${index}`, `value${index}`] as const);

const copyWith = (s3: S3Session, from: string, to: string, headers: Readonly<Record<string, string>>) =>
  s3.send("PUT", to, {
    headers: { "x-amz-copy-source": `/${s3.place.bucket}/${encodePath(from)}`, ...headers },
  });

const kept: ConformanceCase[] = [
  {
    name: "tags of an object are set, told and removed",
    source: "API_PutObjectTagging, API_GetObjectTagging; s3-tests test_put_modify_tags",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      assertOk(await putTags(s3, key, documentOf([["a", "1"]])));
      await assertTags(s3, key, [["a", "1"]]);
      assertStatus(await s3.send("DELETE", key, { query: { tagging: "" } }), 204);
      await assertTags(s3, key, []);
    },
  },
  {
    name: "tags that are set replace all that there were",
    source: "API_PutObjectTagging; s3-tests test_put_modify_tags",
    async run(s3) {
      const key = await tagged(s3, "a=1&b=2");
      assertOk(await putTags(s3, key, documentOf([["c", "3"]])));
      await assertTags(s3, key, [["c", "3"]]);
    },
  },
  {
    name: "tags in the header of a PUT are told as they were meant",
    source: "API_PutObject x-amz-tagging; s3-tests test_put_obj_with_tags",
    async run(s3) {
      const key = await tagged(s3, "a=1&b=with%20space&c=%C3%A4%2F%40&d=");
      await assertTags(s3, key, [
        ["a", "1"],
        ["b", "with space"],
        ["c", "ä/@"],
        ["d", ""],
      ]);
    },
  },
  {
    name: "an object without tags has an empty set of them, and no count",
    source: "API_GetObjectTagging; API_GetObject x-amz-tagging-count",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      await assertTags(s3, key, []);
      assert.equal((await s3.head(key)).headers["x-amz-tagging-count"], undefined);
    },
  },
  {
    name: "HEAD counts the tags",
    source: "API_HeadObject x-amz-tagging-count; s3-tests test_get_obj_head_tagging",
    async run(s3) {
      const key = await tagged(s3, "a=1&b=2");
      assert.equal((await s3.head(key)).headers["x-amz-tagging-count"], "2");
    },
  },
  {
    name: "tags change neither bytes nor ETag nor date",
    source: "Object tagging: PutObjectTagging does not create another version of the object",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "content", { "x-amz-meta-name": "value" });
      const before = await s3.head(key);
      assertOk(await putTags(s3, key, documentOf([["a", "1"]])));
      const after = await s3.head(key);
      for (const name of ["etag", "last-modified", "content-length", "content-type", "x-amz-meta-name"])
        assert.equal(after.headers[name], before.headers[name], name);
      await assertHolds(s3, key, "content");
    },
  },
  {
    name: "a PUT over an object has the tags that it brings, not those that were there",
    source: "API_PutObject; Object tagging",
    async run(s3) {
      const key = await tagged(s3, "a=1");
      await s3.put(key, "y");
      await assertTags(s3, key, []);
    },
  },
  {
    name: "an upload's object has the tags that the upload began with",
    source: "API_CreateMultipartUpload x-amz-tagging",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key, { "x-amz-tagging": "a=1" });
      const part = await putPart(s3, key, uploadId, 1, "content");
      assertOk(await complete(s3, key, uploadId, [part]));
      await assertTags(s3, key, [["a", "1"]]);
      assertOk(await putTags(s3, key, documentOf([["b", "2"]])));
      await assertTags(s3, key, [["b", "2"]]);
      await assertHolds(s3, key, "content");
    },
  },
  {
    name: "a form's field tagging is a document of tags",
    source: "RESTObjectPOST: tagging",
    async run(s3) {
      const key = s3.newKey();
      const tagging = documentOf([["a", "1"]]);
      const answer = await postForm(s3, { key, fields: { tagging }, conditions: [{ tagging }] });
      assertStatus(answer, 204);
      await assertTags(s3, key, [["a", "1"]]);
    },
  },
  {
    name: "a presigned PUT keeps the tags that it signs",
    source: "API_PutObject x-amz-tagging; Sigv4 query string authentication",
    async run(s3) {
      const key = s3.newKey();
      const headers = { "content-length": "1", "x-amz-tagging": "a=1" };
      assertOk(await s3.fetch("PUT", s3.presign("PUT", key, { headers }), { headers, body: "x" }));
      await assertTags(s3, key, [["a", "1"]]);
    },
  },
];

const copied: ConformanceCase[] = [
  {
    name: "a copy has its source's tags",
    source: "API_CopyObject x-amz-tagging-directive: COPY is the default",
    async run(s3) {
      const [from, to] = [await tagged(s3, "a=1"), s3.newKey()];
      assertOk(await copyWith(s3, from, to, {}));
      await assertTags(s3, to, [["a", "1"]]);
      assertOk(await putTags(s3, from, documentOf([["b", "2"]])));
      await assertTags(s3, to, [["a", "1"]]);
    },
  },
  {
    name: "a copy has other tags where they are to be replaced",
    source: "API_CopyObject x-amz-tagging-directive: REPLACE",
    async run(s3) {
      const [from, to] = [await tagged(s3, "a=1"), s3.newKey()];
      const headers = { "x-amz-tagging-directive": "REPLACE", "x-amz-tagging": "b=2" };
      assertOk(await copyWith(s3, from, to, headers));
      await assertTags(s3, to, [["b", "2"]]);
      await assertTags(s3, from, [["a", "1"]]);
      await assertHolds(s3, to, "x");
    },
  },
  {
    name: "a copy has no tags where they are to be replaced by none",
    source: "API_CopyObject x-amz-tagging-directive: REPLACE",
    async run(s3) {
      const [from, to] = [await tagged(s3, "a=1"), s3.newKey()];
      assertOk(await copyWith(s3, from, to, { "x-amz-tagging-directive": "REPLACE" }));
      await assertTags(s3, to, []);
    },
  },
  {
    name: "a copy with other metadata keeps its source's tags",
    source: "API_CopyObject: the directives of metadata and of tags are apart",
    async run(s3) {
      const [from, to] = [await tagged(s3, "a=1"), s3.newKey()];
      assertOk(await copyWith(s3, from, to, { "x-amz-metadata-directive": "REPLACE", "x-amz-meta-n": "v" }));
      await assertTags(s3, to, [["a", "1"]]);
    },
  },
  {
    name: "a directive of tags that does not exist is refused",
    source: "API_CopyObject x-amz-tagging-directive: COPY | REPLACE",
    async run(s3) {
      const [from, to] = [await tagged(s3, "a=1"), s3.newKey()];
      const answer = await copyWith(s3, from, to, { "x-amz-tagging-directive": "MERGE" });
      assertRefused(answer, 400, "InvalidArgument");
    },
  },
];

const bounds: ConformanceCase[] = [
  {
    name: "ten tags of the longest keys and values are kept",
    source:
      "Object tagging: 10 tags, keys of 128, values of 256 characters; s3-tests test_put_max_kvsize_tags",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      const tags = numbered(10).map(
        ([name, value]) => [name.padEnd(128, "k"), value.padEnd(256, "v")] as const,
      );
      assertOk(await putTags(s3, key, documentOf(tags)));
      await assertTags(s3, key, tags);
    },
  },
  {
    name: "eleven tags are refused, and those that were there stay",
    source: "Object tagging: up to 10 tags; s3-tests test_put_excess_tags",
    async run(s3) {
      const key = await tagged(s3, "a=1");
      assertRefused(await putTags(s3, key, documentOf(numbered(11))), 400, "BadRequest", "InvalidTag");
      await assertTags(s3, key, [["a", "1"]]);
    },
  },
  {
    name: "a PUT with eleven tags is refused, and stores nothing",
    source: "Object tagging: up to 10 tags",
    async run(s3) {
      const key = s3.newKey();
      const header = numbered(11)
        .map((pair) => pair.join("="))
        .join("&");
      const answer = await s3.send("PUT", key, { body: "x", headers: { "x-amz-tagging": header } });
      assertRefused(answer, 400, "BadRequest", "InvalidTag", "InvalidArgument");
      assertStatus(await s3.head(key), 404);
    },
  },
  ...(
    [
      ["a key of 129 characters", ["k".repeat(129), "v"], "s3-tests test_put_excess_key_tags"],
      ["a value of 257 characters", ["k", "v".repeat(257)], "s3-tests test_put_excess_val_tags"],
      ["an empty key", ["", "v"], "Object tagging: a key of 1 to 128 characters"],
      ["a key with a character that is not allowed", ["k!", "v"], "Object tagging: allowed characters"],
      ["a value with a character that is not allowed", ["k", "v;"], "Object tagging: allowed characters"],
      ["a key that begins with aws:", ["aws:k", "v"], "Tag restrictions: the aws: prefix is reserved"],
    ] as const
  ).map(
    ([what, tag, source]): ConformanceCase => ({
      name: `a tag with ${what} is refused`,
      source: `${source}; API_PutObjectTagging InvalidTag`,
      async run(s3) {
        const key = await tagged(s3, "a=1");
        assertRefused(await putTags(s3, key, documentOf([tag])), 400, "InvalidTag");
        await assertTags(s3, key, [["a", "1"]]);
      },
    }),
  ),
  {
    name: "one key twice is refused in a document",
    source: "Object tagging: unique tag keys; API_PutObjectTagging InvalidTag",
    async run(s3) {
      const key = await tagged(s3, "a=1");
      const twice = documentOf([
        ["b", "1"],
        ["b", "2"],
      ]);
      assertRefused(await putTags(s3, key, twice), 400, "InvalidTag");
    },
  },
  {
    name: "one key twice is refused in a header",
    source: "Object tagging: unique tag keys",
    async run(s3) {
      const key = s3.newKey();
      const answer = await s3.send("PUT", key, { body: "x", headers: { "x-amz-tagging": "b=1&b=2" } });
      assertRefused(answer, 400, "InvalidArgument", "InvalidTag");
    },
  },
  {
    name: "a document that is no set of tags is refused",
    source: "API_PutObjectTagging MalformedXML",
    async run(s3) {
      const key = await tagged(s3, "a=1");
      assertRefused(await putTags(s3, key, "<Tagging><TagSet>"), 400, "MalformedXML");
      assertRefused(await putTags(s3, key, "<Other/>"), 400, "MalformedXML");
      await assertTags(s3, key, [["a", "1"]]);
    },
  },
  {
    name: "tags of an object that does not exist can't be set or told",
    source: "API_PutObjectTagging; ErrorResponses NoSuchKey",
    async run(s3) {
      const key = s3.newKey();
      assertRefused(await putTags(s3, key, documentOf([["a", "1"]])), 404, "NoSuchKey");
      assertRefused(await s3.send("GET", key, { query: { tagging: "" } }), 404, "NoSuchKey");
      assertStatus(await s3.head(key), 404);
    },
  },
];

export const objectTags: ConformanceGroup = {
  operation: "Object tags",
  cases: [...kept, ...copied, ...bounds],
};
