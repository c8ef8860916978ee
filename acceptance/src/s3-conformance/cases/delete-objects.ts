import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { elementsOf, escapeXml, rootOf, textsOf } from "../../harness/read-xml.ts";
import type { S3Answer } from "../../harness/s3-requests.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import {
  assertAbsent,
  assertHolds,
  assertOk,
  assertRefused,
  assertStatus,
  type S3Session,
} from "../s3-session.ts";

const md5Of = (content: string): string => createHash("md5").update(content).digest("base64");

const documentOf = (keys: readonly string[], more = ""): string =>
  `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${more}${keys
    .map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`)
    .join("")}</Delete>`;

const sendDelete = (
  s3: S3Session,
  body: string,
  headers: Readonly<Record<string, string>> = { "content-md5": md5Of(body) },
): Promise<S3Answer> => s3.send("POST", "", { query: { delete: "" }, headers, body });

const one: ConformanceCase[] = [
  {
    name: "DELETE removes an object, and answers 204 without a body",
    source: "API_DeleteObject",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      const answer = await s3.send("DELETE", key);
      assertStatus(answer, 204);
      assert.equal(answer.body.length, 0);
      await assertAbsent(s3, key);
    },
  },
  {
    name: "DELETE of what is not there answers 204",
    source: "API_DeleteObject",
    async run(s3) {
      assertStatus(await s3.send("DELETE", s3.newKey()), 204);
    },
  },
  {
    name: "DELETE removes that key only, not those that begin with it",
    source: "API_DeleteObject",
    async run(s3) {
      const key = s3.newKey();
      for (const end of ["", "/", "/a", "0"]) await s3.put(key + end, end);
      assertStatus(await s3.send("DELETE", key), 204);
      await assertAbsent(s3, key);
      for (const end of ["/", "/a", "0"]) await assertHolds(s3, key + end, end);
    },
  },
  {
    name: "DELETE of the null version removes the object",
    source: "API_DeleteObject versionId",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      assertStatus(await s3.send("DELETE", key, { query: { versionId: "null" } }), 204);
      await assertAbsent(s3, key);
    },
  },
  {
    name: "DELETE with If-Match removes the object that has this ETag",
    source: "API_DeleteObject If-Match; UserGuide conditional-deletes",
    async run(s3) {
      const key = s3.newKey();
      const { headers } = await s3.put(key, "x");
      assertStatus(await s3.send("DELETE", key, { headers: { "if-match": headers.etag ?? "" } }), 204);
      await assertAbsent(s3, key);
    },
  },
  {
    name: "DELETE with If-Match does not remove an object that has another ETag",
    source: "API_DeleteObject If-Match; UserGuide conditional-deletes; s3-tests test_delete_object_if_match",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      const answer = await s3.send("DELETE", key, { headers: { "if-match": '"ABCORZ"' } });
      assertRefused(answer, 412, "PreconditionFailed");
      await assertHolds(s3, key, "x");
    },
  },
  {
    name: "DELETE in a bucket that does not exist is refused",
    source: "ErrorResponses NoSuchBucket",
    async run(s3) {
      assertRefused(await s3.send("DELETE", "x", { bucket: "no-such-bucket-anywhere" }), 404, "NoSuchBucket");
    },
  },
];

const many: ConformanceCase[] = [
  {
    name: "many objects are removed at once, and each is told",
    source: "API_DeleteObjects; s3-tests test_multi_object_delete",
    async run(s3) {
      const keys = [s3.newKey(), s3.newKey(), s3.newKey("/ä <&> \"'")];
      for (const key of keys) await s3.put(key, "x");
      const answer = await sendDelete(s3, documentOf(keys));
      assertOk(answer);
      assert.equal(rootOf(answer.text), "DeleteResult");
      assert.deepEqual(textsOf(answer.text, "Key").sort(), keys.toSorted());
      assert.deepEqual(elementsOf(answer.text, "Error"), []);
      for (const key of keys) await assertAbsent(s3, key);
    },
  },
  {
    name: "what is not there counts as removed",
    source: "API_DeleteObjects: returns the result of that operation as success",
    async run(s3) {
      const [there, missing] = [s3.newKey(), s3.newKey()];
      await s3.put(there, "x");
      const answer = await sendDelete(s3, documentOf([missing, there]));
      assertOk(answer);
      assert.equal(elementsOf(answer.text, "Deleted").length, 2);
    },
  },
  {
    name: "in quiet mode only errors are told",
    source: "API_DeleteObjects Quiet",
    async run(s3) {
      const keys = [s3.newKey(), s3.newKey()];
      for (const key of keys) await s3.put(key, "x");
      const answer = await sendDelete(s3, documentOf(keys, "<Quiet>true</Quiet>"));
      assertOk(answer);
      assert.deepEqual(elementsOf(answer.text, "Deleted"), []);
      for (const key of keys) await assertAbsent(s3, key);
    },
  },
  {
    name: "a document without a namespace is understood",
    source: "API_DeleteObjects: the SDKs of old sent none",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      assertOk(await sendDelete(s3, `<Delete><Object><Key>${key}</Key></Object></Delete>`));
      await assertAbsent(s3, key);
    },
  },
  {
    name: "1,000 keys are taken at once",
    source: "API_DeleteObjects: up to 1000 keys; s3-tests test_multi_object_delete_key_limit",
    async run(s3) {
      const [there, prefix] = [s3.newKey(), s3.newKey("/")];
      await s3.put(there, "x");
      const keys = Array.from({ length: 999 }, (_, index) => `${prefix}${index}`);
      const answer = await sendDelete(s3, documentOf([...keys, there]));
      assertOk(answer);
      assert.equal(elementsOf(answer.text, "Deleted").length, 1000);
      await assertAbsent(s3, there);
    },
  },
  {
    name: "1,001 keys at once are refused, and nothing is removed",
    source: "API_DeleteObjects: up to 1000 keys; s3-tests test_multi_object_delete_key_limit",
    async run(s3) {
      const [there, prefix] = [s3.newKey(), s3.newKey("/")];
      await s3.put(there, "x");
      const keys = Array.from({ length: 1000 }, (_, index) => `${prefix}${index}`);
      assertRefused(await sendDelete(s3, documentOf([there, ...keys])), 400, "MalformedXML");
      await assertHolds(s3, there, "x");
    },
  },
  {
    name: "a document that names nothing is refused",
    source: "ErrorResponses MalformedXML",
    async run(s3) {
      assertRefused(await sendDelete(s3, documentOf([])), 400, "MalformedXML");
    },
  },
  {
    name: "a document that is no XML, or another, is refused",
    source: "ErrorResponses MalformedXML",
    async run(s3) {
      for (const body of ["not xml", "<Delete><Object>", "<Other><Object><Key>k</Key></Object></Other>"])
        assertRefused(await sendDelete(s3, body), 400, "MalformedXML");
    },
  },
  {
    name: "an object without a key is refused",
    source: "ErrorResponses MalformedXML",
    async run(s3) {
      assertRefused(await sendDelete(s3, "<Delete><Object></Object></Delete>"), 400, "MalformedXML");
    },
  },
  {
    name: "a document with another's Content-MD5 is refused, and nothing is removed",
    source: "API_DeleteObjects Content-MD5; ErrorResponses BadDigest",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      const answer = await sendDelete(s3, documentOf([key]), { "content-md5": md5Of("else") });
      assertRefused(answer, 400, "BadDigest");
      await assertHolds(s3, key, "x");
    },
  },
  {
    name: "a document with its SHA-256 as checksum is taken",
    source: "API_DeleteObjects x-amz-checksum-*",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      const body = documentOf([key]);
      const sha256 = createHash("sha256").update(body).digest("base64");
      assertOk(await sendDelete(s3, body, { "x-amz-checksum-sha256": sha256 }));
      await assertAbsent(s3, key);
    },
  },
  {
    name: "a document with another's checksum is refused, and nothing is removed",
    source: "API_DeleteObjects x-amz-checksum-*; ErrorResponses BadDigest",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      const sha256 = createHash("sha256").update("else").digest("base64");
      const answer = await sendDelete(s3, documentOf([key]), { "x-amz-checksum-sha256": sha256 });
      assertRefused(answer, 400, "BadDigest");
      await assertHolds(s3, key, "x");
    },
  },
  {
    name: "a document without Content-MD5 and checksum is refused, and nothing is removed",
    source: "API_DeleteObjects: the Content-MD5 request header is required; ErrorResponses InvalidRequest",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      const answer = await s3.send("POST", "", { query: { delete: "" }, body: documentOf([key]) });
      assertRefused(answer, 400, "InvalidRequest");
      await assertHolds(s3, key, "x");
    },
  },
  {
    name: "a document of a bucket that does not exist is refused",
    source: "ErrorResponses NoSuchBucket",
    async run(s3) {
      const body = documentOf(["x"]);
      const answer = await s3.send("POST", "", {
        bucket: "no-such-bucket-anywhere",
        query: { delete: "" },
        headers: { "content-md5": md5Of(body) },
        body,
      });
      assertRefused(answer, 404, "NoSuchBucket");
    },
  },
];

export const deleteObjects: ConformanceGroup = {
  operation: "DeleteObject and DeleteObjects",
  cases: [...one, ...many],
};
