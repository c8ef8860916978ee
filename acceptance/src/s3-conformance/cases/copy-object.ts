import assert from "node:assert/strict";
import type { S3Answer } from "../../harness/s3-requests.ts";
import { encodePath } from "../../harness/sign-s3.ts";
import { waitUntil } from "../../harness/wait-for.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import {
  assertAbsent,
  assertHolds,
  assertOk,
  assertRefused,
  contentOf,
  requiredText,
  type S3Session,
} from "../s3-session.ts";

const past = "Sat, 29 Oct 1994 19:43:31 GMT";
const future = "Sat, 29 Oct 2050 19:43:31 GMT";
const own = "own";

const sourceOf = (s3: S3Session, key: string): string => `/${s3.place.bucket}/${encodePath(key)}`;

const copy = (
  s3: S3Session,
  from: string,
  to: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<S3Answer> =>
  s3.send("PUT", to, { headers: { "x-amz-copy-source": sourceOf(s3, from), ...headers } });

const plain: ConformanceCase[] = [
  {
    name: "a copy has the source's bytes, and the answer its date",
    source: "API_CopyObject; s3-tests test_object_copy_same_bucket",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      const content = contentOf(200_000);
      await s3.put(from, content);
      const answer = await copy(s3, from, to);
      assertOk(answer);
      const copied = await s3.get(to);
      assert.ok(copied.body.equals(content));
      const modified = Date.parse(requiredText(answer, "LastModified"));
      assert.equal(Math.floor(modified / 1000), Date.parse(copied.headers["last-modified"] ?? "") / 1000);
    },
  },
  {
    name: "a copy is answered with its ETag, in quotes",
    source: "API_CopyObject CopyObjectResult",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "x");
      const answer = await copy(s3, from, to);
      assertOk(answer);
      assert.equal(requiredText(answer, "ETag"), (await s3.head(to)).headers.etag);
    },
  },
  {
    name: "a copy of an object without bytes has none",
    source: "s3-tests test_object_copy_zero_size",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "");
      assertOk(await copy(s3, from, to));
      await assertHolds(s3, to, "");
    },
  },
  {
    name: "a copy replaces what was there",
    source: "API_CopyObject",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "new");
      await s3.put(to, "old and longer");
      assertOk(await copy(s3, from, to));
      await assertHolds(s3, to, "new");
    },
  },
  {
    name: "a copy outlives its source, and its source it",
    source: "API_CopyObject",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "first");
      assertOk(await copy(s3, from, to));
      await s3.put(from, "second");
      await assertHolds(s3, to, "first");
      await s3.send("DELETE", to);
      await assertHolds(s3, from, "second");
      assertOk(await copy(s3, from, to));
      await s3.send("DELETE", from);
      await assertHolds(s3, to, "second");
    },
  },
  {
    name: "a copy is of the time of the copy",
    source: "API_CopyObject: LastModified is the creation date of the object",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "x");
      const before = Date.parse((await s3.head(from)).headers["last-modified"] ?? "");
      await waitUntil(before + 2_000);
      assertOk(await copy(s3, from, to));
      assert.ok(Date.parse((await s3.head(to)).headers["last-modified"] ?? "") > before);
    },
  },
  {
    name: "the source may be named without its first slash",
    source: "API_CopyObject x-amz-copy-source",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "x");
      assertOk(await copy(s3, from, to, { "x-amz-copy-source": sourceOf(s3, from).slice(1) }));
      await assertHolds(s3, to, "x");
    },
  },
  {
    name: "the source's slashes may be encoded",
    source: "API_CopyObject x-amz-copy-source: must be URL-encoded",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "x");
      const source = `${s3.place.bucket}/${encodeURIComponent(from)}`;
      assertOk(await copy(s3, from, to, { "x-amz-copy-source": source }));
      await assertHolds(s3, to, "x");
    },
  },
  {
    name: "the source may be named with its null version",
    source: "API_CopyObject x-amz-copy-source: ?versionId=",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "x");
      assertOk(await copy(s3, from, to, { "x-amz-copy-source": `${sourceOf(s3, from)}?versionId=null` }));
      await assertHolds(s3, to, "x");
    },
  },
  ...([" b", "a+b", "100%", "a?b=c", "ü/文", "a&b", "%41"] as const).map(
    (end): ConformanceCase => ({
      name: `a source whose key ends in "${end}" is found`,
      source:
        "API_CopyObject x-amz-copy-source: must be URL-encoded; s3-tests test_multipart_copy_special_names",
      async run(s3) {
        const [from, to] = [s3.newKey(end), s3.newKey(end)];
        await s3.put(from, end);
        assertOk(await copy(s3, from, to));
        await assertHolds(s3, to, end);
      },
    }),
  ),
  {
    name: "a source that is not there is told",
    source: "ErrorResponses NoSuchKey; s3-tests test_object_copy_key_not_found",
    async run(s3) {
      const to = s3.newKey();
      assertRefused(await copy(s3, s3.newKey(), to), 404, "NoSuchKey");
      await assertAbsent(s3, to);
    },
  },
  {
    name: "a source in a bucket that is not there is told",
    source: "ErrorResponses NoSuchBucket; s3-tests test_object_copy_bucket_not_found",
    async run(s3) {
      const answer = await copy(s3, "x", s3.newKey(), { "x-amz-copy-source": "/no-such-bucket-anywhere/x" });
      assertRefused(answer, 404, "NoSuchBucket");
    },
  },
  {
    name: "a source that names no object is refused",
    source: "ErrorResponses InvalidArgument",
    async run(s3) {
      for (const source of ["justaword", `/${s3.place.bucket}`, `/${s3.place.bucket}/`]) {
        const answer = await copy(s3, "x", s3.newKey(), { "x-amz-copy-source": source });
        assertRefused(answer, 400, "InvalidArgument");
      }
    },
  },
  {
    name: "the copy's checksum can be asked for",
    source: "API_CopyObject x-amz-checksum-algorithm",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "bar");
      const answer = await copy(s3, from, to, { "x-amz-checksum-algorithm": "SHA256" });
      assertOk(answer);
      assert.equal(requiredText(answer, "ChecksumSHA256"), "/N4rLtula/QIYB+3If6bXDONEO5CnqBPrlURto+/j7k=");
    },
  },
];

const described = {
  "content-type": "text/x-first",
  "cache-control": "max-age=1",
  "content-language": "la",
  "x-amz-meta-kept": "yes",
};

const directives: ConformanceCase[] = [
  {
    name: "a copy has its source's type, headers and metadata",
    source: "API_CopyObject x-amz-metadata-directive; s3-tests test_object_copy_retaining_metadata",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "x", described);
      assertOk(await copy(s3, from, to));
      const { headers } = await s3.head(to);
      for (const [name, value] of Object.entries(described)) assert.equal(headers[name], value);
    },
  },
  {
    name: "metadata sent with COPY is ignored",
    source: "API_CopyObject x-amz-metadata-directive",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "x", described);
      const other = {
        "x-amz-metadata-directive": "COPY",
        "x-amz-meta-kept": "no",
        "content-type": "text/x-other",
      };
      assertOk(await copy(s3, from, to, other));
      const { headers } = await s3.head(to);
      assert.equal(headers["x-amz-meta-kept"], "yes");
      assert.equal(headers["content-type"], "text/x-first");
    },
  },
  {
    name: "REPLACE takes the type, headers and metadata of the request, and none of the source's",
    source: "API_CopyObject x-amz-metadata-directive; s3-tests test_object_copy_replacing_metadata",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "x", described);
      const other = {
        "x-amz-metadata-directive": "REPLACE",
        "content-type": "text/x-second",
        "content-disposition": "inline",
        "x-amz-meta-fresh": "1",
      };
      assertOk(await copy(s3, from, to, other));
      const { headers } = await s3.head(to);
      assert.equal(headers["content-type"], "text/x-second");
      assert.equal(headers["content-disposition"], "inline");
      assert.equal(headers["x-amz-meta-fresh"], "1");
      assert.equal(headers["x-amz-meta-kept"], undefined);
      assert.equal(headers["content-language"], undefined);
      assert.notEqual(headers["cache-control"], "max-age=1");
      await assertHolds(s3, to, "x");
    },
  },
  {
    name: "another metadata directive is refused",
    source: "ErrorResponses InvalidArgument",
    async run(s3) {
      const from = s3.newKey();
      await s3.put(from, "x");
      const answer = await copy(s3, from, s3.newKey(), { "x-amz-metadata-directive": "MERGE" });
      assertRefused(answer, 400, "InvalidArgument");
    },
  },
  {
    name: "a copy onto itself that changes nothing is refused",
    source: "ErrorResponses InvalidRequest; s3-tests test_object_copy_to_itself",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x");
      assertRefused(await copy(s3, key, key), 400, "InvalidRequest");
    },
  },
  {
    name: "a copy onto itself with REPLACE changes the metadata",
    source: "API_CopyObject; s3-tests test_object_copy_to_itself_with_metadata",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "x", described);
      const other = { "x-amz-metadata-directive": "REPLACE", "x-amz-meta-fresh": "1" };
      assertOk(await copy(s3, key, key, other));
      const { headers, text } = await s3.get(key);
      assert.equal(text, "x");
      assert.equal(headers["x-amz-meta-fresh"], "1");
      assert.equal(headers["x-amz-meta-kept"], undefined);
    },
  },
];

/** Conditions on the source, and whether the copy is made. */
const conditions: readonly (readonly [string, Readonly<Record<string, string>>, boolean])[] = [
  ["if-match with its ETag", { "if-match": own }, true],
  ["if-match with another ETag", { "if-match": '"ABCORZ"' }, false],
  ["if-none-match with its ETag", { "if-none-match": own }, false],
  ["if-none-match with another ETag", { "if-none-match": '"ABCORZ"' }, true],
  ["if-modified-since a time long ago", { "if-modified-since": past }, true],
  ["if-unmodified-since a time long ago", { "if-unmodified-since": past }, false],
  ["if-unmodified-since a time to come", { "if-unmodified-since": future }, true],
  [
    "if-match that holds, whatever if-unmodified-since says",
    { "if-match": own, "if-unmodified-since": past },
    true,
  ],
  [
    "if-none-match that fails, whatever if-modified-since says",
    { "if-none-match": own, "if-modified-since": past },
    false,
  ],
];

const conditional: ConformanceCase[] = conditions.map(([what, members, isMade]) => ({
  name: `a copy under the condition on its source ${what} is ${isMade ? "made" : "refused"}`,
  source: "API_CopyObject x-amz-copy-source-if-*; s3-tests test_copy_object_ifmatch_good",
  async run(s3) {
    const [from, to] = [s3.newKey(), s3.newKey()];
    const etag = (await s3.put(from, "bar")).headers.etag ?? "";
    const headers = Object.fromEntries(
      Object.entries(members).map(([name, value]) => [`x-amz-copy-source-${name}`, value.replace(own, etag)]),
    );
    const answer = await copy(s3, from, to, headers);
    if (isMade) {
      assertOk(answer);
      await assertHolds(s3, to, "bar");
    } else {
      assertRefused(answer, 412, "PreconditionFailed");
      await assertAbsent(s3, to);
    }
  },
}));

const onDestination: ConformanceCase[] = [
  {
    name: "a copy with If-None-Match: * is made where there is nothing, and not twice",
    source: "API_CopyObject If-None-Match; UserGuide conditional-writes",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "first");
      assertOk(await copy(s3, from, to, { "if-none-match": "*" }));
      await s3.put(from, "second");
      assertRefused(await copy(s3, from, to, { "if-none-match": "*" }), 412, "PreconditionFailed");
      await assertHolds(s3, to, "first");
    },
  },
  {
    name: "a copy with If-Match is made over the object that has this ETag",
    source: "API_CopyObject If-Match; UserGuide conditional-writes",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "new");
      const { headers } = await s3.put(to, "old");
      assertOk(await copy(s3, from, to, { "if-match": headers.etag ?? "" }));
      await assertHolds(s3, to, "new");
    },
  },
  {
    name: "a copy with If-Match is not made over an object that has another ETag",
    source: "API_CopyObject If-Match; UserGuide conditional-writes",
    async run(s3) {
      const [from, to] = [s3.newKey(), s3.newKey()];
      await s3.put(from, "new");
      await s3.put(to, "old");
      assertRefused(await copy(s3, from, to, { "if-match": '"ABCORZ"' }), 412, "PreconditionFailed");
      await assertHolds(s3, to, "old");
    },
  },
];

export const copyObject: ConformanceGroup = {
  operation: "CopyObject",
  cases: [...plain, ...directives, ...conditional, ...onDestination],
};
