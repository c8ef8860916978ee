import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import { complete, createMultipart } from "../multipart-upload.ts";
import { assertAbsent, assertHolds, assertOk, assertRefused, assertStatus } from "../s3-session.ts";

const source = "API sigv4-query-string-auth";
const refusedAs = ["AccessDenied", "SignatureDoesNotMatch", "AuthorizationQueryParametersError"] as const;

const sha256Of = (content: string): string => createHash("sha256").update(content).digest("base64");

/** What Stowage has people sign. */
const putHeaders = (body: string): Record<string, string> => ({
  "content-length": String(Buffer.byteLength(body)),
  "content-type": "text/x-signed",
  "if-none-match": "*",
  "x-amz-checksum-sha256": sha256Of(body),
});

/** A presigned PUT that signs what it sends, sent otherwise. */
const bentPut = (
  name: string,
  bend: (headers: Record<string, string>, url: URL) => { headers?: Record<string, string>; body?: string },
): ConformanceCase => ({
  name,
  source,
  async run(s3) {
    const key = s3.newKey();
    const headers = putHeaders("hello");
    const url = new URL(s3.presign("PUT", key, { headers }));
    const sent = bend({ ...headers }, url);
    const answer = await s3.fetch("PUT", url.href, {
      headers: sent.headers ?? headers,
      body: sent.body ?? "hello",
    });
    assertRefused(answer, 403, ...refusedAs);
    await assertAbsent(s3, key);
  },
});

const puts: ConformanceCase[] = [
  {
    name: "a presigned PUT writes what it signed",
    source,
    async run(s3) {
      const key = s3.newKey();
      const headers = putHeaders("hello");
      assertOk(await s3.fetch("PUT", s3.presign("PUT", key, { headers }), { headers, body: "hello" }));
      await assertHolds(s3, key, "hello");
      assert.equal((await s3.head(key)).headers["content-type"], "text/x-signed");
    },
  },
  {
    name: "a presigned PUT that signs its host alone takes any body",
    source,
    async run(s3) {
      const key = s3.newKey();
      assertOk(await s3.fetch("PUT", s3.presign("PUT", key), { body: "any" }));
      await assertHolds(s3, key, "any");
    },
  },
  {
    name: "the ETag of a presigned PUT is the MD5 of its body",
    source: "API_Object ETag: of objects that are not encrypted, or by S3's own keys",
    async run(s3) {
      const headers = { "content-length": "3" };
      const answer = await s3.fetch("PUT", s3.presign("PUT", s3.newKey(), { headers }), {
        headers,
        body: "bar",
      });
      assertOk(answer);
      assert.equal(answer.headers.etag, '"37b51d194a7513e45b56f6524f2d51f2"');
    },
  },
  {
    name: "a header that was not signed and is none of Amazon's is taken with a presigned PUT",
    source: `${source}: only host and x-amz-* must be signed`,
    async run(s3) {
      const key = s3.newKey();
      const headers = { "content-length": "3" };
      const url = s3.presign("PUT", key, { headers });
      assertOk(
        await s3.fetch("PUT", url, { headers: { ...headers, "content-type": "text/x-later" }, body: "any" }),
      );
      assert.equal((await s3.head(key)).headers["content-type"], "text/x-later");
    },
  },
  {
    name: "a presigned PUT keeps a cache-control that it did not sign",
    source: `${source}: only host and x-amz-* must be signed; API_PutObject Cache-Control`,
    async run(s3) {
      const key = s3.newKey();
      const headers = { "content-length": "3" };
      const sent = { headers: { ...headers, "cache-control": "max-age=3" }, body: "any" };
      assertOk(await s3.fetch("PUT", s3.presign("PUT", key, { headers }), sent));
      assert.equal((await s3.head(key)).headers["cache-control"], "max-age=3");
    },
  },
  {
    name: "a presigned PUT keeps metadata that it signed",
    source,
    async run(s3) {
      const key = s3.newKey();
      const headers = { "content-length": "3", "x-amz-meta-colour": "red" };
      assertOk(await s3.fetch("PUT", s3.presign("PUT", key, { headers }), { headers, body: "any" }));
      assert.equal((await s3.head(key)).headers["x-amz-meta-colour"], "red");
    },
  },
  {
    name: "a body with another SHA-256 than was signed is refused, and leaves nothing",
    source: `${source}; UserGuide checking-object-integrity; ErrorResponses BadDigest`,
    async run(s3) {
      const key = s3.newKey();
      const headers = putHeaders("hello");
      const answer = await s3.fetch("PUT", s3.presign("PUT", key, { headers }), { headers, body: "jello" });
      assertRefused(answer, 400, "BadDigest");
      await assertAbsent(s3, key);
    },
  },
  bentPut("a presigned PUT of another type than was signed is refused", (headers) => ({
    headers: { ...headers, "content-type": "text/html" },
  })),
  bentPut("a presigned PUT without its signed type is refused", ({ "content-type": _, ...headers }) => ({
    headers,
  })),
  bentPut("a presigned PUT with another length than was signed is refused", (headers) => ({
    headers: { ...headers, "content-length": "6" },
    body: "hello!",
  })),
  bentPut(
    "a presigned PUT without its signed If-None-Match is refused",
    ({ "if-none-match": _, ...headers }) => ({
      headers,
    }),
  ),
  bentPut(
    "a presigned PUT without its signed checksum is refused",
    ({ "x-amz-checksum-sha256": _, ...headers }) => ({
      headers,
    }),
  ),
  bentPut("a presigned PUT with another checksum than was signed is refused", (headers) => ({
    headers: { ...headers, "x-amz-checksum-sha256": sha256Of("jello") },
    body: "jello",
  })),
  ...(
    [
      ["x-amz-acl", "public-read"],
      ["x-amz-meta-colour", "red"],
      ["x-amz-storage-class", "STANDARD"],
      ["x-amz-tagging", "a=1"],
      ["x-amz-website-redirect-location", "/other"],
      ["x-amz-checksum-crc32", "y/Q5Jg=="],
    ] as const
  ).map(([name, value]) =>
    bentPut(`a presigned PUT with ${name} that was not signed is refused`, (headers) => ({
      headers: { ...headers, [name]: value },
    })),
  ),
  {
    name: "a presigned PUT with x-amz-copy-source that was not signed is refused",
    source: `${source}: x-amz-* headers must be signed`,
    async run(s3) {
      const [secret, key] = [s3.newKey(), s3.newKey()];
      await s3.put(secret, "secret");
      const headers = { "content-length": "0" };
      const answer = await s3.fetch("PUT", s3.presign("PUT", key, { headers }), {
        headers: { ...headers, "x-amz-copy-source": `/${s3.place.bucket}/${secret}` },
        body: "",
      });
      assertRefused(answer, 403, ...refusedAs);
      await assertAbsent(s3, key);
    },
  },
  bentPut("a presigned PUT for another key is refused", (_, url) => {
    url.pathname += "x";
    return {};
  }),
  bentPut("a presigned PUT with another life is refused", (_, url) => {
    url.searchParams.set("X-Amz-Expires", "61");
    return {};
  }),
  bentPut("a presigned PUT with another date is refused", (_, url) => {
    const date = url.searchParams.get("X-Amz-Date") ?? "";
    url.searchParams.set(
      "X-Amz-Date",
      date.replace(/\d(?=Z)/, (digit) => String((Number(digit) + 1) % 10)),
    );
    return {};
  }),
  bentPut("a presigned PUT with a query member more is refused", (_, url) => {
    url.searchParams.set("x-id", "PutObject");
    return {};
  }),
  bentPut("a presigned PUT with fewer signed headers than it lists is refused", (_, url) => {
    url.searchParams.set("X-Amz-SignedHeaders", "host");
    return {};
  }),
  bentPut("a presigned PUT with a part number added is refused", (_, url) => {
    url.searchParams.set("partNumber", "1");
    url.searchParams.set("uploadId", "x");
    return {};
  }),
  bentPut("a presigned PUT whose signature was cut is refused", (_, url) => {
    url.searchParams.set("X-Amz-Signature", (url.searchParams.get("X-Amz-Signature") ?? "").slice(0, -1));
    return {};
  }),
  {
    name: "a presigned PUT is no GET, HEAD or DELETE",
    source,
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "there");
      const url = s3.presign("PUT", key);
      for (const method of ["GET", "DELETE", "POST"])
        assertRefused(await s3.fetch(method, url), 403, ...refusedAs);
      assertStatus(await s3.fetch("HEAD", url), 403);
      await assertHolds(s3, key, "there");
    },
  },
  {
    name: "a part may be sent by a presigned URL",
    source: "API_UploadPart; s3-tests test_multipart_upload",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const headers = { "content-length": "5" };
      const url = s3.presign("PUT", key, { headers, query: { partNumber: "1", uploadId } });
      const answer = await s3.fetch("PUT", url, { headers, body: "hello" });
      assertOk(answer);
      assertOk(await complete(s3, key, uploadId, [{ number: 1, etag: answer.headers.etag ?? "" }]));
      await assertHolds(s3, key, "hello");
    },
  },
  {
    name: "a part's presigned URL holds its body to the SHA-256 that was signed",
    source: "API_UploadPart x-amz-checksum-sha256; ErrorResponses BadDigest",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key, { "x-amz-checksum-algorithm": "SHA256" });
      const headers = { "content-length": "5", "x-amz-checksum-sha256": sha256Of("hello") };
      const url = s3.presign("PUT", key, { headers, query: { partNumber: "1", uploadId } });
      assertRefused(await s3.fetch("PUT", url, { headers, body: "jello" }), 400, "BadDigest");
      assertOk(await s3.fetch("PUT", url, { headers, body: "hello" }));
    },
  },
  {
    name: "a part's presigned URL is good for its number and upload alone",
    source,
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const headers = { "content-length": "5" };
      const url = new URL(s3.presign("PUT", key, { headers, query: { partNumber: "1", uploadId } }));
      url.searchParams.set("partNumber", "2");
      assertRefused(await s3.fetch("PUT", url.href, { headers, body: "hello" }), 403, ...refusedAs);
      url.searchParams.set("partNumber", "1");
      url.searchParams.set("uploadId", await createMultipart(s3, key));
      assertRefused(await s3.fetch("PUT", url.href, { headers, body: "hello" }), 403, ...refusedAs);
    },
  },
];

export const presignedPuts: ConformanceGroup = { operation: "Presigned PUTs", cases: puts };
