import assert from "node:assert/strict";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import { assertOk, assertRefused, assertStatus } from "../s3-session.ts";

const past = "Sat, 29 Oct 1994 19:43:31 GMT";
const future = "Sat, 29 Oct 2050 19:43:31 GMT";
const source = "API_GetObject; RFC 9110 13.2.2";
/** Stands for the object's own ETag in the table. */
const own = "own";

/** Conditions, and the status that GET and HEAD answer with. */
const conditions: readonly (readonly [string, Readonly<Record<string, string>>, 200 | 304 | 412])[] = [
  ["If-Match with the object's ETag", { "if-match": own }, 200],
  ["If-Match with another ETag", { "if-match": '"ABCORZ"' }, 412],
  ["If-Match with any", { "if-match": "*" }, 200],
  ["If-Match with a list that has the object's ETag", { "if-match": `"ABCORZ", ${own}` }, 200],
  ["If-None-Match with the object's ETag", { "if-none-match": own }, 304],
  ["If-None-Match with another ETag", { "if-none-match": '"ABCORZ"' }, 200],
  ["If-None-Match with any", { "if-none-match": "*" }, 304],
  ["If-None-Match with a list that has the object's ETag", { "if-none-match": `"ABCORZ", ${own}` }, 304],
  ["If-None-Match with the object's ETag as a weak one", { "if-none-match": `W/${own}` }, 304],
  ["If-Modified-Since a time long ago", { "if-modified-since": past }, 200],
  ["If-Unmodified-Since a time long ago", { "if-unmodified-since": past }, 412],
  ["If-Unmodified-Since a time to come", { "if-unmodified-since": future }, 200],
  ["If-Modified-Since no date", { "if-modified-since": "yesterday" }, 200],
  [
    "If-Match that holds, whatever If-Unmodified-Since says",
    { "if-match": own, "if-unmodified-since": past },
    200,
  ],
  [
    "If-Match that fails, whatever If-Unmodified-Since says",
    { "if-match": '"ABCORZ"', "if-unmodified-since": future },
    412,
  ],
  [
    "If-None-Match that fails, whatever If-Modified-Since says",
    { "if-none-match": own, "if-modified-since": past },
    304,
  ],
  [
    "If-Match that fails before If-None-Match that fails",
    { "if-match": '"ABCORZ"', "if-none-match": own },
    412,
  ],
  ["If-Match that holds and If-None-Match that fails", { "if-match": own, "if-none-match": own }, 304],
  ["If-Match and If-None-Match that both hold", { "if-match": own, "if-none-match": '"ABCORZ"' }, 200],
];

const table: ConformanceCase[] = conditions.map(([what, headers, status]) => ({
  name: `${what}: ${status}`,
  source,
  async run(s3) {
    const key = s3.newKey();
    const etag = (await s3.put(key, "bar")).headers.etag ?? "";
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace(own, etag)]),
    );
    const [get, head] = [await s3.get(key, sent), await s3.head(key, sent)];
    if (status === 412) assertRefused(get, 412, "PreconditionFailed");
    else assertStatus(get, status);
    assertStatus(head, status);
    if (status === 200) assert.equal(get.text, "bar");
    assert.equal(head.body.length, 0);
  },
}));

const others: ConformanceCase[] = [
  {
    name: "If-Modified-Since the object's own date: 304",
    source: `${source}; s3-tests test_get_object_ifmodifiedsince_failed`,
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "bar");
      const modified = (await s3.head(key)).headers["last-modified"] ?? "";
      assertStatus(await s3.get(key, { "if-modified-since": modified }), 304);
    },
  },
  {
    name: "If-Unmodified-Since the object's own date: 200",
    source,
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "bar");
      const modified = (await s3.head(key)).headers["last-modified"] ?? "";
      assertOk(await s3.get(key, { "if-unmodified-since": modified }));
    },
  },
  {
    name: "a 304 has no body, and tells the ETag",
    source: "RFC 9110 15.4.5",
    async run(s3) {
      const key = s3.newKey();
      const etag = (await s3.put(key, "bar")).headers.etag ?? "";
      const answer = await s3.get(key, { "if-none-match": etag });
      assertStatus(answer, 304);
      assert.equal(answer.body.length, 0);
      assert.equal(answer.headers.etag, etag);
    },
  },
  {
    name: "If-Match without quotes around the ETag is understood",
    source: "API_GetObject If-Match",
    async run(s3) {
      const key = s3.newKey();
      const etag = (await s3.put(key, "bar")).headers.etag ?? "";
      assertOk(await s3.get(key, { "if-match": etag.replaceAll('"', "") }));
    },
  },
  {
    name: "a condition that fails comes before a range that can't be had",
    source: "RFC 9110 13.2.2",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "bar");
      const answer = await s3.get(key, { "if-match": '"ABCORZ"', range: "bytes=100-" });
      assertRefused(answer, 412, "PreconditionFailed");
    },
  },
  {
    name: "a range under a condition that holds is answered",
    source,
    async run(s3) {
      const key = s3.newKey();
      const etag = (await s3.put(key, "bar")).headers.etag ?? "";
      const answer = await s3.get(key, { "if-match": etag, range: "bytes=0-1" });
      assertStatus(answer, 206);
      assert.equal(answer.text, "ba");
    },
  },
  {
    name: "a condition on what is not there answers 404",
    source,
    async run(s3) {
      assertRefused(await s3.get(s3.newKey(), { "if-match": "*" }), 404, "NoSuchKey");
      assertRefused(await s3.get(s3.newKey(), { "if-none-match": "*" }), 404, "NoSuchKey");
    },
  },
];

export const getConditions: ConformanceGroup = {
  operation: "GetObject and HeadObject: conditions",
  cases: [...table, ...others],
};
