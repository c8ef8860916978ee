import assert from "node:assert/strict";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import { assertOk, assertRefused, assertStatus } from "../s3-session.ts";

const tenBytes = "0123456789";

/** A `Range`, and the bytes and `Content-Range` that answer it. */
const ranges: readonly (readonly [string, string, string, string])[] = [
  ["the first bytes", "bytes=0-2", "012", "bytes 0-2/10"],
  ["bytes in the middle", "bytes=4-7", "4567", "bytes 4-7/10"],
  ["one byte", "bytes=0-0", "0", "bytes 0-0/10"],
  ["the last byte", "bytes=9-9", "9", "bytes 9-9/10"],
  ["all from a byte on", "bytes=6-", "6789", "bytes 6-9/10"],
  ["all from the first byte on", "bytes=0-", tenBytes, "bytes 0-9/10"],
  ["the last bytes", "bytes=-3", "789", "bytes 7-9/10"],
  ["more last bytes than there are", "bytes=-20", tenBytes, "bytes 0-9/10"],
  ["bytes beyond the end", "bytes=8-30", "89", "bytes 8-9/10"],
];

const inRanges: ConformanceCase[] = ranges.map(([what, range, expected, contentRange]) => ({
  name: `a range of ${what} is answered with these`,
  source: "API_GetObject Range; s3-tests test_ranged_request_response_code",
  async run(s3) {
    const key = s3.newKey();
    await s3.put(key, tenBytes);
    const answer = await s3.get(key, { range });
    assertStatus(answer, 206);
    assert.equal(answer.text, expected);
    assert.equal(answer.headers["content-range"], contentRange);
    assert.equal(answer.headers["content-length"], String(expected.length));
  },
}));

const unsatisfiable: ConformanceCase[] = (
  [
    ["past the end", "bytes=10-12"],
    ["far past the end", "bytes=1000000-"],
    ["of the last zero bytes", "bytes=-0"],
  ] as const
).map(([what, range]) => ({
  name: `a range ${what} is refused`,
  source: "ErrorResponses InvalidRange; s3-tests test_ranged_request_invalid_range",
  async run(s3) {
    const key = s3.newKey();
    await s3.put(key, tenBytes);
    assertRefused(await s3.get(key, { range }), 416, "InvalidRange");
  },
}));

const ignoredRanges: ConformanceCase[] = (
  [
    ["of another unit", "lines=0-2"],
    ["without a unit", "0-2"],
  ] as const
).map(([what, range]) => ({
  name: `a range ${what} is ignored`,
  source: "API_GetObject Range; RFC 9110 14.2",
  async run(s3) {
    const key = s3.newKey();
    await s3.put(key, tenBytes);
    const answer = await s3.get(key, { range });
    assertOk(answer);
    assert.equal(answer.text, tenBytes);
  },
}));

const otherRanges: ConformanceCase[] = [
  {
    name: "several ranges at once are not answered: the whole object is",
    source: "API_GetObject: Amazon S3 doesn't support retrieving multiple ranges of data per GET request",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, tenBytes);
      const answer = await s3.get(key, { range: "bytes=0-1,4-5" });
      assertOk(answer);
      assert.equal(answer.text, tenBytes);
    },
  },
  ...(
    [
      ["whose end lies before its start", "bytes=5-2"],
      ["of words", "bytes=a-b"],
      ["of nothing", "bytes="],
    ] as const
  ).map(
    ([what, range]): ConformanceCase => ({
      name: `a range ${what} is ignored or refused`,
      source: "RFC 9110 14.2: MAY ignore or reject a Range that contains an invalid ranges-specifier",
      async run(s3) {
        const key = s3.newKey();
        await s3.put(key, tenBytes);
        const answer = await s3.get(key, { range });
        if (answer.status === 416) assertRefused(answer, 416, "InvalidRange");
        else assert.deepEqual([answer.status, answer.text], [200, tenBytes]);
      },
    }),
  ),
  {
    name: "a range of an object without bytes is refused",
    source: "ErrorResponses InvalidRange; s3-tests test_ranged_request_empty_object",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, "");
      assertRefused(await s3.get(key, { range: "bytes=40-50" }), 416, "InvalidRange");
    },
  },
  {
    name: "HEAD with a range tells what GET would answer",
    source: "API_HeadObject Range",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, tenBytes);
      const answer = await s3.head(key, { range: "bytes=2-4" });
      assertStatus(answer, 206);
      assert.equal(answer.headers["content-length"], "3");
      assert.equal(answer.headers["content-range"], "bytes 2-4/10");
    },
  },
  {
    name: "If-Range with the object's ETag keeps the range",
    source: "RFC 9110 13.1.5",
    async run(s3) {
      const key = s3.newKey();
      const { headers } = await s3.put(key, tenBytes);
      assertStatus(await s3.get(key, { range: "bytes=0-1", "if-range": headers.etag ?? "" }), 206);
    },
  },
  {
    name: "If-Range with another ETag answers the whole object",
    source: "RFC 9110 13.1.5",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, tenBytes);
      const answer = await s3.get(key, { range: "bytes=0-1", "if-range": '"another"' });
      assertOk(answer);
      assert.equal(answer.text, tenBytes);
    },
  },
  {
    name: "a large object comes back byte by byte the same, in ranges that do not fit any block",
    source: "API_GetObject Range",
    async run(s3) {
      const key = s3.newKey();
      const content = Buffer.from(Array.from({ length: 40_000 }, (_, index) => `${index} `).join(""));
      await s3.put(key, content);
      const pieces: Buffer[] = [];
      for (let at = 0; at < content.length; at += 65_537) {
        const answer = await s3.get(key, { range: `bytes=${at}-${at + 65_536}` });
        assertStatus(answer, 206);
        pieces.push(answer.body);
      }
      assert.ok(Buffer.concat(pieces).equals(content));
    },
  },
];

const whole: ConformanceCase[] = [
  {
    name: "GET tells type, length, ETag, date and that ranges are served",
    source: "API_GetObject Response Elements",
    async run(s3) {
      const key = s3.newKey();
      const put = await s3.put(key, tenBytes, { "content-type": "text/plain" });
      const { headers } = await s3.get(key);
      assert.equal(headers["content-type"], "text/plain");
      assert.equal(headers["content-length"], "10");
      assert.equal(headers.etag, put.headers.etag);
      assert.equal(headers["accept-ranges"], "bytes");
      const modified = headers["last-modified"] ?? "";
      assert.equal(new Date(modified).toUTCString(), modified);
      assert.ok(Math.abs(Date.parse(modified) - Date.now()) < 60_000, modified);
    },
  },
  {
    name: "GET answers no cache-control or policy of its own",
    source: "API_GetObject Response Elements: what was stored",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, tenBytes);
      const { headers } = await s3.get(key);
      assert.equal(headers["cache-control"], undefined);
      assert.equal(headers["content-security-policy"], undefined);
      assert.equal(headers["content-disposition"], undefined);
    },
  },
  {
    name: "HEAD tells what GET tells, without the body",
    source: "API_HeadObject",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, tenBytes, { "content-type": "text/plain", "content-language": "la" });
      const [get, head] = [await s3.get(key), await s3.head(key)];
      assertOk(head);
      assert.equal(head.body.length, 0);
      for (const name of [
        "accept-ranges",
        "content-language",
        "content-length",
        "content-type",
        "etag",
        "last-modified",
      ])
        assert.equal(head.headers[name], get.headers[name], name);
    },
  },
  {
    name: "GET of what is not there answers NoSuchKey",
    source: "ErrorResponses NoSuchKey; s3-tests test_object_read_not_exist",
    async run(s3) {
      assertRefused(await s3.get(s3.newKey()), 404, "NoSuchKey");
    },
  },
  {
    name: "HEAD of what is not there answers 404 and nothing more",
    source: "API_HeadObject: a generic 404, it's not possible to retrieve the exact exception",
    async run(s3) {
      const answer = await s3.head(s3.newKey());
      assertStatus(answer, 404);
      assert.equal(answer.body.length, 0);
    },
  },
  {
    name: "GET without a signature is refused",
    source: "API RESTAuthentication; ErrorResponses AccessDenied",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, tenBytes);
      const url = `${s3.place.endpoint}${s3.toSign("GET", key).path}`;
      assertRefused(await s3.fetch("GET", url), 403, "AccessDenied");
    },
  },
  {
    name: "the null version of an object is the object",
    source: "UserGuide Versioning: objects of an unversioned bucket have a version ID of null",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, tenBytes);
      const answer = await s3.send("GET", key, { query: { versionId: "null" } });
      assertOk(answer);
      assert.equal(answer.text, tenBytes);
    },
  },
];

const overrides: ConformanceCase[] = (
  [
    ["response-content-type", "content-type", "text/x-other"],
    ["response-content-disposition", "content-disposition", 'attachment; filename="a b.txt"'],
    ["response-content-language", "content-language", "fr"],
    ["response-content-encoding", "content-encoding", "x-other"],
    ["response-cache-control", "cache-control", "private, max-age=3"],
    ["response-expires", "expires", "Fri, 01 Dec 2034 16:00:00 GMT"],
  ] as const
).map(([parameter, header, value]) => ({
  name: `${parameter} is answered instead of what was stored, by GET and HEAD`,
  source: "API_GetObject response header overrides; s3-tests test_object_raw_response_headers",
  async run(s3) {
    const key = s3.newKey();
    await s3.put(key, tenBytes, { [header]: header === "expires" ? "Thu, 01 Dec 2033 16:00:00 GMT" : "x-a" });
    for (const method of ["GET", "HEAD"]) {
      const answer = await s3.send(method, key, { query: { [parameter]: value } });
      assertOk(answer);
      assert.equal(answer.headers[header], value);
    }
  },
}));

const parts: ConformanceCase[] = [
  {
    name: "part 1 of an object that was put whole is the object",
    source: "API_GetObject partNumber; s3-tests test_non_multipart_get_part",
    async run(s3) {
      const key = s3.newKey();
      const { headers } = await s3.put(key, tenBytes);
      const answer = await s3.send("GET", key, { query: { partNumber: "1" } });
      assert.ok([200, 206].includes(answer.status), answer.text);
      assert.equal(answer.text, tenBytes);
      assert.equal(answer.headers.etag, headers.etag);
    },
  },
  {
    name: "part 2 of an object that was put whole does not exist",
    source: "ErrorResponses InvalidPartNumber: 416",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, tenBytes);
      const answer = await s3.send("GET", key, { query: { partNumber: "2" } });
      assertRefused(answer, 416, "InvalidPartNumber");
    },
  },
  {
    name: "a part number that is none is refused",
    source: "API_GetObject partNumber: positive integer between 1 and 10,000",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, tenBytes);
      for (const partNumber of ["0", "10001", "x"])
        assertRefused(await s3.send("GET", key, { query: { partNumber } }), 400, "InvalidArgument");
    },
  },
  {
    name: "a part and a range at once are refused",
    source: "ErrorResponses InvalidRequest: cannot specify both Range header and partNumber query parameter",
    async run(s3) {
      const key = s3.newKey();
      await s3.put(key, tenBytes);
      const sent = { query: { partNumber: "1" }, headers: { range: "bytes=0-1" } };
      assertRefused(await s3.send("GET", key, sent), 400, "InvalidRequest");
    },
  },
  {
    name: "checksums are answered only where they are asked for",
    source: "API_GetObject x-amz-checksum-mode",
    async run(s3) {
      const key = s3.newKey();
      const sha256 = "hNiYd/DUBB77a/kaFvAkjy/Vc+avBcGflr7bn4gveII=";
      await s3.put(key, tenBytes, { "x-amz-checksum-sha256": sha256 });
      for (const method of ["GET", "HEAD"]) {
        const plain = await s3.send(method, key);
        assert.equal(plain.headers["x-amz-checksum-sha256"], undefined);
        const asked = await s3.send(method, key, { headers: { "x-amz-checksum-mode": "ENABLED" } });
        assert.equal(asked.headers["x-amz-checksum-sha256"], sha256);
        assert.equal(asked.headers["x-amz-checksum-type"], "FULL_OBJECT");
      }
    },
  },
];

export const getObject: ConformanceGroup = {
  operation: "GetObject and HeadObject",
  cases: [...whole, ...inRanges, ...unsatisfiable, ...ignoredRanges, ...otherRanges, ...overrides, ...parts],
};
