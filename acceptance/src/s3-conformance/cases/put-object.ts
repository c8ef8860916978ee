import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { sendRaw } from "../../harness/raw-http.ts";
import { signHeaders } from "../../harness/sign-s3.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import {
  assertAbsent,
  assertHolds,
  assertOk,
  assertRefused,
  assertStatus,
  contentOf,
} from "../s3-session.ts";

const md5Hex = (content: Uint8Array | string): string => createHash("md5").update(content).digest("hex");

const keptHeaders: readonly (readonly [string, string])[] = [
  ["content-type", "text/x-conformance; charset=utf-8"],
  ["cache-control", "max-age=17, public"],
  ["content-disposition", 'attachment; filename="a b.txt"'],
  ["content-encoding", "x-own"],
  ["content-language", "de, en"],
  ["expires", "Thu, 01 Dec 2033 16:00:00 GMT"],
];

const kept: ConformanceCase[] = keptHeaders.map(([name, value]) => ({
  name: `the ${name} of a PUT is answered by GET and HEAD`,
  source: "API_PutObject; s3-tests test_object_write_cache_control",
  async run(s3) {
    const key = s3.newKey();
    await s3.put(key, "x", { [name]: value });
    assert.equal((await s3.get(key)).headers[name], value);
    assert.equal((await s3.head(key)).headers[name], value);
  },
}));

const metadata: ConformanceCase[] = [
  {
    name: "metadata is answered by GET and HEAD as it was sent",
    source: "UserGuide UsingMetadata; s3-tests test_object_set_get_metadata_none_to_good",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x", { "x-amz-meta-colour": "dark red", "x-amz-meta-signs": "=;,/?" });
      for (const { headers } of [await s3.get(key), await s3.head(key)]) {
        assert.equal(headers["x-amz-meta-colour"], "dark red");
        assert.equal(headers["x-amz-meta-signs"], "=;,/?");
      }
    },
  },
  {
    name: "a name of metadata may have dots and underscores",
    source: "UserGuide UsingMetadata: names must conform to HTTP standards; RFC 9110 5.6.2",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x", { "x-amz-meta-a.b_c": "1" });
      assert.equal((await s3.head(key)).headers["x-amz-meta-a.b_c"], "1");
    },
  },
  {
    name: "metadata without a value is kept",
    source: "s3-tests test_object_set_get_metadata_none_to_empty",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x", { "x-amz-meta-empty": "" });
      assert.equal((await s3.head(key)).headers["x-amz-meta-empty"], "");
    },
  },
  {
    name: "names of metadata are kept in lower case",
    source: "UserGuide UsingMetadata",
    async run(s3) {
      const key = s3.newKey();
      const { headers } = signHeaders(
        s3.toSign("PUT", key, { headers: { "x-amz-meta-mixed": "v" }, body: "x" }),
      );
      const { "x-amz-meta-mixed": value = "", ...others } = headers;
      const url = `${s3.place.endpoint}${s3.toSign("PUT", key).path}`;
      assertOk(await s3.fetch("PUT", url, { headers: { ...others, "X-Amz-Meta-MIXED": value }, body: "x" }));
      assert.equal((await s3.head(key)).headers["x-amz-meta-mixed"], "v");
    },
  },
  {
    name: "metadata that is no ASCII comes back as RFC 2047 has it",
    source: "UserGuide UsingMetadata; s3-tests test_object_set_get_unicode_metadata",
    async run(s3) {
      const key = s3.newKey();
      const encoded = `=?UTF-8?B?${Buffer.from("Hällo ⚙").toString("base64")}?=`;
      await s3.put(key, "x", { "x-amz-meta-greeting": encoded });
      const back = String((await s3.head(key)).headers["x-amz-meta-greeting"]);
      const base64 = /^=\?UTF-8\?B\?(.+)\?=$/i.exec(back)?.[1];
      const quoted = /^=\?UTF-8\?Q\?(.+)\?=$/i.exec(back)?.[1];
      const bytes = base64
        ? Buffer.from(base64, "base64")
        : Buffer.from((quoted ?? "").replaceAll("_", " ").replaceAll("=", "%"));
      assert.equal(base64 ? bytes.toString() : decodeURIComponent(bytes.toString()), "Hällo ⚙", back);
    },
  },
  {
    name: "a PUT replaces the metadata, and all of it",
    source: "s3-tests test_object_metadata_replaced_on_put",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x", { "x-amz-meta-old": "1", "cache-control": "no-cache" });
      await s3.put(key, "x", { "x-amz-meta-new": "2" });
      const { headers } = await s3.head(key);
      assert.equal(headers["x-amz-meta-old"], undefined);
      assert.notEqual(headers["cache-control"], "no-cache");
      assert.equal(headers["x-amz-meta-new"], "2");
    },
  },
  {
    name: "metadata of 2 KB is taken",
    source: "UserGuide UsingMetadata",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x", { "x-amz-meta-long": "v".repeat(2048 - "long".length) });
      assert.equal((await s3.head(key)).headers["x-amz-meta-long"]?.length, 2044);
    },
  },
  {
    name: "metadata above 2 KB is refused",
    source: "UserGuide UsingMetadata; ErrorResponses MetadataTooLarge",
    async run(s3) {
      const headers = { "x-amz-meta-long": "v".repeat(2049) };
      assertRefused(await s3.send("PUT", s3.newKey(), { headers, body: "x" }), 400, "MetadataTooLarge");
    },
  },
  {
    name: "the storage class STANDARD is taken, and HEAD does not mention it",
    source: "API_PutObject; API_HeadObject x-amz-storage-class",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x", { "x-amz-storage-class": "STANDARD" });
      assert.equal((await s3.head(key)).headers["x-amz-storage-class"], undefined);
    },
  },
  {
    name: "an unknown storage class is refused",
    source: "ErrorResponses InvalidStorageClass",
    async run(s3) {
      const headers = { "x-amz-storage-class": "PAPER" };
      assertRefused(await s3.send("PUT", s3.newKey(), { headers, body: "x" }), 400, "InvalidStorageClass");
    },
  },
  {
    name: "the ACL that gives the bucket's owner everything is taken",
    source: "UserGuide about-object-ownership: bucket-owner-full-control, whether ACLs are on or off",
    async run(s3) {
      await s3.put(s3.newKey(), "x", { "x-amz-acl": "bucket-owner-full-control" });
    },
  },
  {
    name: "an ACL that opens an object is refused where ACLs are off, as they are by default",
    source: "UserGuide about-object-ownership; ErrorResponses AccessControlListNotSupported",
    async run(s3) {
      const sent = { headers: { "x-amz-acl": "public-read" }, body: "x" };
      assertRefused(await s3.send("PUT", s3.newKey(), sent), 400, "AccessControlListNotSupported");
    },
  },
  {
    name: "an ACL that does not exist is refused",
    source: "API_PutObject x-amz-acl; ErrorResponses InvalidArgument",
    async run(s3) {
      const sent = { headers: { "x-amz-acl": "everybody" }, body: "x" };
      assertRefused(await s3.send("PUT", s3.newKey(), sent), 400, "InvalidArgument");
    },
  },
  {
    name: "encryption with S3's own keys can be asked for, and is answered",
    source: "API_PutObject x-amz-server-side-encryption",
    async run(s3) {
      const key = s3.newKey();
      const put = await s3.put(key, "x", { "x-amz-server-side-encryption": "AES256" });
      assert.equal(put.headers["x-amz-server-side-encryption"], "AES256");
      assert.equal((await s3.head(key)).headers["x-amz-server-side-encryption"], "AES256");
    },
  },
  {
    name: "tags of a PUT are counted by GET",
    source: "API_PutObject x-amz-tagging; s3-tests test_put_obj_with_tags",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x", { "x-amz-tagging": "a=1&b=2" });
      assert.equal((await s3.get(key)).headers["x-amz-tagging-count"], "2");
    },
  },
];

const bodies: ConformanceCase[] = [
  {
    name: "an object comes back with its bytes and their number",
    source: "API_PutObject; API_GetObject",
    async run(s3) {
      const key = s3.newKey();
      const content = contentOf(300_000);
      await s3.put(key, content);
      const { body, headers } = await s3.get(key);
      assert.ok(body.equals(content));
      assert.equal(headers["content-length"], "300000");
    },
  },
  {
    name: "the ETag of a PUT is the MD5 of the body, in quotes, and GET and HEAD answer the same",
    source: "API_Object ETag; s3-tests test_object_write_check_etag",
    async run(s3) {
      const key = s3.newKey();
      const { headers } = await s3.put(key, "bar");
      assert.equal(headers.etag, '"37b51d194a7513e45b56f6524f2d51f2"');
      assert.equal((await s3.get(key)).headers.etag, headers.etag);
      assert.equal((await s3.head(key)).headers.etag, headers.etag);
    },
  },
  {
    name: "an object without bytes is an object",
    source: "s3-tests test_object_head_zero_bytes",
    async run(s3) {
      const key = s3.newKey();
      const { headers } = await s3.put(key, "");
      assert.equal(headers.etag, `"${md5Hex("")}"`);
      assert.equal((await s3.head(key)).headers["content-length"], "0");
      await assertHolds(s3, key, "");
    },
  },
  {
    name: "an object whose type was not said is binary/octet-stream",
    source: "API_PutObject Content-Type",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      assert.equal((await s3.get(key)).headers["content-type"], "binary/octet-stream");
    },
  },
  {
    name: "a PUT replaces what was there",
    source: "API_PutObject; s3-tests test_object_write_read_update_read_delete",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, contentOf(70_000));
      await s3.put(key, "short");
      await assertHolds(s3, key, "short");
    },
  },
  {
    name: "a PUT is answered without a body",
    source: "API_PutObject Response Syntax",
    async run(s3) {
      assert.equal((await s3.put(s3.newKey(), "x")).body.length, 0);
    },
  },
  {
    name: "a PUT whose length is not said is refused",
    source: "ErrorResponses MissingContentLength, NotImplemented (Transfer-Encoding)",
    async run(s3) {
      const key = s3.newKey();
      const headers = { "transfer-encoding": "chunked" };
      const answer = await s3.send("PUT", key, { unsigned: headers, body: "x", payload: "UNSIGNED-PAYLOAD" });
      if (answer.status === 501) assertRefused(answer, 501, "NotImplemented");
      else assertRefused(answer, 411, "MissingContentLength");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "a PUT without a body and without its length is refused",
    source: "ErrorResponses MissingContentLength",
    async run(s3) {
      const request = s3.toSign("PUT", s3.newKey(), { payload: "UNSIGNED-PAYLOAD" });
      const answer = await sendRaw(s3.place.endpoint, {
        method: "PUT",
        target: request.path,
        headers: Object.entries(signHeaders(request).headers),
      });
      assert.equal(answer?.status, 411);
      assert.match(answer?.body.toString() ?? "", /<Code>MissingContentLength</);
    },
  },
  {
    name: "a PUT whose length is no number is refused",
    source: "s3-tests test_object_create_bad_contentlength_negative",
    async run(s3) {
      for (const length of ["-1", "1x"]) {
        const request = s3.toSign("PUT", s3.newKey(), { payload: "UNSIGNED-PAYLOAD" });
        const headers = [
          ...Object.entries(signHeaders(request).headers),
          ["Content-Length", length] as const,
        ];
        const answer = await sendRaw(s3.place.endpoint, {
          method: "PUT",
          target: request.path,
          headers,
          body: [Buffer.from("x")],
          halfClose: true,
        });
        assert.equal(answer?.status, 400, length);
      }
    },
  },
  {
    name: "a PUT that ends before its length leaves nothing",
    source: "ErrorResponses IncompleteBody, RequestTimeout",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "before");
      const request = s3.toSign("PUT", key, { payload: "UNSIGNED-PAYLOAD" });
      await sendRaw(s3.place.endpoint, {
        method: "PUT",
        target: request.path,
        headers: [...Object.entries(signHeaders(request).headers), ["Content-Length", "1000"]],
        body: [Buffer.alloc(500)],
        halfClose: true,
      });
      await assertHolds(s3, key, "before");
    },
  },
  {
    name: "a client that expects 100-continue is told to go on",
    source: "UserGuide RESTAuthentication; API RESTObjectPUT Expect; s3-tests test_100_continue",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "continued", { expect: "100-continue" });
      await assertHolds(s3, key, "continued");
    },
  },
  {
    name: "a client that expects 100-continue is refused before it sends its body",
    source:
      "API RESTObjectPUT Expect: the body is sent only after the headers are accepted; s3-tests test_100_continue",
    async run(s3) {
      const request = s3.toSign("PUT", s3.newKey(), {
        payload: "UNSIGNED-PAYLOAD",
        credentials: { ...s3.place.credentials, secretAccessKey: "wrong" },
      });
      const answer = await sendRaw(s3.place.endpoint, {
        method: "PUT",
        target: request.path,
        headers: [
          ...Object.entries(signHeaders(request).headers),
          ["Content-Length", "1000"],
          ["Expect", "100-continue"],
        ],
      });
      assert.equal(answer?.status, 403);
    },
  },
  {
    name: "a PUT into a bucket that does not exist is refused",
    source: "ErrorResponses NoSuchBucket; s3-tests test_object_write_to_nonexist_bucket",
    async run(s3) {
      const answer = await s3.send("PUT", "x", { bucket: "whatchutalkinboutwillis", body: "x" });
      assertRefused(answer, 404, "NoSuchBucket");
    },
  },
  {
    name: "a PUT that expects another owner of the bucket is refused",
    source: "UserGuide bucket-owner-condition; s3-tests test_expected_bucket_owner",
    async run(s3) {
      const headers = { "x-amz-expected-bucket-owner": "999999999999" };
      assertRefused(await s3.send("PUT", s3.newKey(), { headers, body: "x" }), 403, "AccessDenied");
    },
  },
  {
    name: "two PUTs of one key at once leave one of the two bodies whole",
    source:
      "UserGuide Welcome: concurrent applications, last writer wins; s3-tests test_atomic_dual_write_1mb",
    async run(s3) {
      const key = s3.newKey();
      const bodies = [contentOf(400_000, 3), contentOf(400_000, 4)];
      const answers = await Promise.all(bodies.map((body) => s3.send("PUT", key, { body })));
      // A store may also turn one of them away for the moment.
      assert.ok(answers.some(({ status }) => status === 200));
      const { body } = await s3.get(key);
      assert.ok(bodies.some((one) => one.equals(body)));
    },
  },
  {
    name: "what was put is read at once, and what was replaced never again",
    source: "UserGuide Welcome: strong read-after-write consistency",
    async run(s3) {
      const key = s3.newKey();
      for (let turn = 0; turn < 5; turn++) {
        await s3.put(key, `turn ${turn}`);
        await assertHolds(s3, key, `turn ${turn}`);
      }
    },
  },
  {
    name: "HEAD of what was just deleted answers 404",
    source: "UserGuide Welcome: strong consistency of DELETE",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      await s3.send("DELETE", key);
      assertStatus(await s3.head(key), 404);
    },
  },
];

export const putObject: ConformanceGroup = {
  operation: "PutObject",
  cases: [...bodies, ...kept, ...metadata],
};
