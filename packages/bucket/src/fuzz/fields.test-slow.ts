import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FuzzedBucket, fuzzRuns, startFuzzedBucket } from "../testing/fuzzed-bucket.ts";
import { presignAnyKey } from "../testing/presign-any-key.ts";
import { signAnyRequest } from "../testing/sign-any-request.ts";

/** All requests here are whole: none has to be waited for in vain. */
const idleTimeoutMs = 10_000;

async function start(t: Parameters<typeof startFuzzedBucket>[0]): Promise<FuzzedBucket> {
  const fuzzed = await startFuzzedBucket(t, idleTimeoutMs);
  await fuzzed.bucket.put("there", "content");
  return fuzzed;
}

/** What file systems, URLs and programs have stumbled over. */
const awkward = fc.constantFrom(
  ...[
    "..",
    ".",
    "/",
    "//",
    "\\",
    "\0",
    "%",
    "%2e%2e",
    "%00",
    "~",
    ":",
    "con",
    "nul.txt",
    " ",
    "\n",
    "\r",
    "\t",
  ],
  ...[
    "\u202e",
    "é",
    "e\u0301",
    "😀",
    "\ud83d",
    "\uffff",
    "-rf",
    "*",
    "?",
    "#",
    "o.",
    "d.",
    "=2f",
    "__proto__",
  ],
);
const key = fc.oneof(
  fc.array(fc.oneof(awkward, fc.string({ maxLength: 8 })), { maxLength: 12 }).map((parts) => parts.join("")),
  fc.array(awkward, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/")),
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.integer({ min: 1000, max: 1100 }).map((length) => "k".repeat(length)),
  fc.integer({ min: 70, max: 90 }).map((length) => `${"a".repeat(length)}/${"b".repeat(100)}`),
);

test("whatever the key, what was put under it comes back, and nothing is written beside its folder", async (t) => {
  const fuzzed = await start(t);
  await fc.assert(
    fc.asyncProperty(key, async (name) => {
      const body = Buffer.from(`content of ${name}`);
      const headers = `host: ${fuzzed.host}\r\nconnection: close\r\n`;
      const put = presignAnyKey("PUT", name, fuzzed.host, body.length);
      const [status] = await fuzzed.send([
        `PUT ${put} HTTP/1.1\r\n${headers}content-length: ${body.length}\r\n\r\n`,
        body,
      ]);
      // A lone surrogate is no UTF-8, and was signed as U+FFFD.
      if (status !== 200) assert.ok([400, 403, 405, 412].includes(status ?? 0), `${status}`);
      else {
        const get = presignAnyKey("GET", name, fuzzed.host);
        const received = await fuzzed.bucket.raw(`GET ${get} HTTP/1.1\r\n${headers}\r\n`);
        assert.ok(received.endsWith(body.toString("latin1")));
      }
    }),
    { numRuns: fuzzRuns(200) },
  );
  await fuzzed.assertWell();
});

/** Anything that fits a line of a request. */
const target = fc.oneof(
  fc.constantFrom(
    ...["*", "/", "//", "/test-bucket", "/test-bucket/", "/test-bucket//k", "/test-bucket/../etc/passwd"],
    ...["/test-bucket/%2e%2e/%2e%2e/etc/passwd", "/test-bucket/k%00", "/test-bucket/%zz", "/test-bucket/%ff"],
    ...["http://127.0.0.1/test-bucket/k", "https://elsewhere.example/", "/-/health/..", "/-/health%00"],
    ...["/test-bucket/k?X-Amz-Signature", "/?", "/test-bucket/k?&&==&", "/test-bucket?delete&uploads&acl"],
    `/test-bucket/${"a".repeat(15_000)}`,
    `/test-bucket/k?${"a=b&".repeat(3000)}`,
  ),
  fc
    .array(fc.oneof(awkward, fc.constantFrom("/test-bucket/", "?", "&", "=", "%2F", "X-Amz-", "uploadId")), {
      maxLength: 10,
    })
    .map((parts) => `/${parts.join("").replaceAll(/[\r\n ]/g, "")}`),
);
const method = fc.constantFrom(
  ...["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PROPFIND", "get", "X"],
);

test("whatever the method and the target, signed or not, the answer is sound", async (t) => {
  const fuzzed = await startFuzzedBucket(t);
  await fc.assert(
    fc.asyncProperty(method, target, fc.boolean(), async (verb, path, hasBody) => {
      const length = hasBody ? "content-length: 3\r\n\r\nabc" : "\r\n";
      await fuzzed.send([`${verb} ${path} HTTP/1.1\r\nhost: ${fuzzed.host}\r\n${length}`]);
    }),
    { numRuns: fuzzRuns(200) },
  );
  await fuzzed.assertWell();
});

const query = fc.dictionary(
  fc.oneof(
    fc.constantFrom(
      ...["uploads", "uploadId", "partNumber", "list-type", "prefix", "delimiter", "max-keys", "start-after"],
      ...[
        "continuation-token",
        "encoding-type",
        "delete",
        "acl",
        "cors",
        "location",
        "versionId",
        "attributes",
      ],
      ...["marker", "key-marker", "max-parts", "part-number-marker", "response-content-type", "fetch-owner"],
      ...[
        "response-content-disposition",
        "versions",
        "tagging",
        "policy",
        "x-id",
        "__proto__",
        "constructor",
      ],
    ),
    fc.string({ maxLength: 5 }),
  ),
  fc.oneof(
    awkward,
    fc.constantFrom(
      "",
      "0",
      "1",
      "-1",
      "2",
      "1e3",
      "10001",
      "99999999999",
      "url",
      "0".repeat(32),
      "/",
      "null",
    ),
    fc.string({ maxLength: 20 }),
  ),
  { maxKeys: 4 },
);

const range = fc.oneof(
  fc
    .tuple(fc.bigInt({ min: -5n, max: 2n ** 70n }), fc.bigInt({ min: -5n, max: 2n ** 70n }))
    .map(([from, to]) => `bytes=${from}-${to}`),
  fc.constantFrom(
    ...["bytes=0-", "bytes=-0", "bytes=-1", "bytes=--1", "bytes=1", "bytes=", "bytes=0-0,1-1", "items=0-1"],
    ...["bytes=0-18446744073709551616", "bytes = 0 - 1", "BYTES=0-1", "bytes=a-b", "bytes=0-1,"],
    `bytes=${"0-1,".repeat(2000)}`,
  ),
  fc.string({ maxLength: 20 }).map((text) => `bytes=${text}`),
);
const headerValue = fc.oneof(
  range,
  awkward,
  fc.constantFrom(
    "",
    "*",
    '"',
    '""',
    'W/"x"',
    "0",
    "-1",
    "Mon, 01 Jan 0000 00:00:00 GMT",
    "AAAA",
    "=",
    "a".repeat(9000),
  ),
  fc.string({ maxLength: 40 }),
);
const header = fc.tuple(
  fc.constantFrom(
    ...[
      "range",
      "if-range",
      "if-match",
      "if-none-match",
      "if-modified-since",
      "if-unmodified-since",
      "origin",
    ],
    ...[
      "content-type",
      "content-md5",
      "content-encoding",
      "content-language",
      "content-disposition",
      "expires",
    ],
    ...[
      "cache-control",
      "expect",
      "te",
      "trailer",
      "cookie",
      "access-control-request-method",
      "accept-encoding",
    ],
    ...["x-amz-acl", "x-amz-checksum-crc32", "x-amz-checksum-sha256", "x-amz-checksum-mode", "x-amz-meta-a"],
    ...[
      "x-amz-copy-source",
      "x-amz-copy-source-range",
      "x-amz-metadata-directive",
      "x-amz-object-attributes",
    ],
    ...["x-amz-checksum-algorithm", "x-amz-trailer", "x-amz-decoded-content-length", "x-amz-storage-class"],
    ...["x-amz-server-side-encryption", "x-amz-expected-bucket-owner", "x-amz-security-token", "x-amz-date"],
    ...["x-amz-sdk-checksum-algorithm", "x-amz-mp-object-size", "x-amz-max-parts", "x-amz-new"],
  ),
  headerValue.map((value) => value.replaceAll(/[\r\n\0]/g, "")),
);

test("whatever a signed request says in its headers and its query, the answer is sound", async (t) => {
  const fuzzed = await startFuzzedBucket(t);
  await fuzzed.bucket.put("there", "content");
  const what = fc.record({
    method: fc.constantFrom("GET", "GET", "HEAD", "PUT", "PUT", "POST", "DELETE"),
    key: fc.constantFrom("there", "there", "", "new/one", "absent"),
    query: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: query }),
    headers: fc.array(header, { maxLength: 2 }),
    payloadSha256: fc.constantFrom(
      ...["UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD"],
      ...["STREAMING-UNSIGNED-PAYLOAD-TRAILER", "e".repeat(64)],
      ...["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "STREAMING-X"],
    ),
  });
  const answered = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(what, fc.constantFrom("", "hello", "0\r\n\r\n"), async (request, body) => {
      const headers = [...request.headers, ["content-length", String(body.length)] as const];
      const statuses = await fuzzed.send([signAnyRequest({ ...request, headers }, fuzzed.host), body]);
      for (const status of statuses) answered.set(status, (answered.get(status) ?? 0) + 1);
      await fuzzed.bucket.put("there", "content");
    }),
    { numRuns: fuzzRuns(400) },
  );
  // The signatures do hold: what is behind them is what was tried.
  const well = (answered.get(200) ?? 0) + (answered.get(204) ?? 0) + (answered.get(206) ?? 0);
  assert.ok(well >= 10 && (answered.get(400) ?? 0) >= 10, JSON.stringify([...answered]));
  await fuzzed.assertWell();
});

const unescaped = (text: string): string =>
  text.replaceAll(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
const isEncoded = (text: string): boolean => !/%(?![0-9A-Fa-f]{2})/.test(text);

test("a signature with anything changed opens nothing", async (t) => {
  const fuzzed = await start(t);
  const url = presignAnyKey("GET", "there", fuzzed.host);
  const head = signAnyRequest(
    { method: "GET", key: "there", headers: [["connection", "close"]] },
    fuzzed.host,
  );
  const authorization = /authorization: (.*)\r\n/.exec(head)?.[1] ?? assert.fail();
  assert.deepEqual(await fuzzed.send([head]), [200]);
  const change = fc.tuple(
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.integer({ min: 0, max: 3 }),
    fc.oneof(fc.constantFrom("", "a", "0", "/", ";", ",", "=", " ", "%", "&"), fc.string({ maxLength: 4 })),
  );
  const changed = (text: string, [share, length, insert]: [number, number, string]): string => {
    const at = Math.floor(share * text.length);
    return text.slice(0, at) + insert.replaceAll(/[\r\n\0]/g, "") + text.slice(at + length);
  };
  await fc.assert(
    fc.asyncProperty(change, fc.boolean(), async (what, inQuery) => {
      const query = url.slice(url.indexOf("?") + 1);
      const [from, to] = inQuery
        ? [query, changed(query, what)]
        : [authorization, changed(authorization, what)];
      // What says the same: white space in a header, in a query empty members and other ways to escape.
      const members = (text: string) => unescaped(text).split("&").filter(Boolean).sort().join("&");
      const plain = (text: string) => text.replaceAll(/[ \t]/g, "");
      fc.pre(plain(from) !== plain(to) && (!inQuery || !isEncoded(to) || members(from) !== members(to)));
      const request = inQuery
        ? `GET ${url.slice(0, url.indexOf("?"))}?${to.replaceAll(" ", "")} HTTP/1.1\r\nhost: ${fuzzed.host}\r\n\r\n`
        : head.replace(from, () => to);
      const statuses = await fuzzed.send([request]);
      assert.ok(!statuses.includes(200), `${to} opened it`);
    }),
    { numRuns: fuzzRuns(300) },
  );
  await fuzzed.assertWell();
});
