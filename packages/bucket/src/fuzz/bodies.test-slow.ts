import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { createChecksum } from "../storage/checksum.ts";
import { type FuzzedBucket, fuzzRuns, startFuzzedBucket } from "../testing/fuzzed-bucket.ts";
import { type AnyRequest, signAnyRequest } from "../testing/sign-any-request.ts";
import { waitUntil } from "../testing/wait-until.ts";

const md5 = (content: Buffer): string => createHash("md5").update(content).digest("base64");

const noLeftovers = ({ bucket }: FuzzedBucket): Promise<void> =>
  waitUntil(() => readdirSync(join(bucket.directory, "incoming")).length === 0, "nothing to be left");

const word = fc.constantFrom(
  ...[
    "<",
    ">",
    "</",
    "/>",
    "<Delete>",
    "</Delete>",
    "<Object>",
    "</Object>",
    "<Key>",
    "</Key>",
    "<Quiet>true</Quiet>",
  ],
  ...[
    "<Key>a</Key>",
    "<Object><Key>a</Key></Object>",
    "<VersionId>null</VersionId>",
    "<Object/>",
    "<Key/>",
    "<a:b>",
  ],
  ...[
    "<CompleteMultipartUpload>",
    "</CompleteMultipartUpload>",
    "<Part>",
    "</Part>",
    "<PartNumber>1</PartNumber>",
  ],
  ...[
    "<PartNumber>-1</PartNumber>",
    "<PartNumber>99999999999999999999</PartNumber>",
    "<ETag>x</ETag>",
    "<ETag/>",
  ],
  ...[
    "<?xml version='1.0'?>",
    "<!DOCTYPE a [<!ENTITY b 'c'>]>",
    "<!-- -->",
    "<![CDATA[ a ]]>",
    "]]>",
    "<?a?>",
  ],
  ...[
    "&amp;",
    "&lt;",
    "&b;",
    "&#0;",
    "&#x110000;",
    "&#xD800;",
    "&#65;",
    "&",
    "&#99999999999;",
    "\ufeff",
    "\0",
  ],
  ...[
    " ",
    "\n",
    "\t",
    " xmlns='a'",
    ' a="b"',
    " a=b",
    " a",
    "'",
    '"',
    "=",
    "é",
    "😀",
    "__proto__",
    "<__proto__>",
  ],
);
const document = fc.oneof(
  fc.array(word, { maxLength: 25 }).map((words) => Buffer.from(words.join(""))),
  fc
    .array(word, { maxLength: 6 })
    .map((words) => Buffer.from(`<Delete><Object><Key>a${words.join("")}</Key></Object></Delete>`)),
  fc
    .array(word, { maxLength: 6 })
    .map((words) => Buffer.from(`<CompleteMultipartUpload>${words.join("")}</CompleteMultipartUpload>`)),
  fc.array(word, { maxLength: 5 }).map((words) => Buffer.from(words.join(""), "utf16le")),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
);

const documentRequests = (uploadId: string): readonly AnyRequest[] => [
  { method: "POST", query: { delete: "" } },
  { method: "POST", key: "k", query: { uploadId } },
];

test("whatever a document says, the answer is sound", async (t) => {
  const fuzzed = await startFuzzedBucket(t);
  const { body } = await fuzzed.bucket.signed("POST", "k?uploads=");
  const uploadId = /<UploadId>(\w+)</.exec(String(body))?.[1] ?? assert.fail();
  const answered = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(document, fc.constantFrom(...documentRequests(uploadId)), async (xml, request) => {
      const headers = [
        ["content-length", String(xml.length)],
        ["content-md5", md5(xml)],
      ] as const;
      const statuses = await fuzzed.send([signAnyRequest({ ...request, headers }, fuzzed.host), xml]);
      for (const status of statuses) answered.set(status, (answered.get(status) ?? 0) + 1);
    }),
    { numRuns: fuzzRuns(300) },
  );
  assert.ok(answered.has(400), JSON.stringify([...answered]));
  await fuzzed.assertWell();
});

test("documents that are made to take long are refused in moments, and others are served meanwhile", async (t) => {
  const fuzzed = await startFuzzedBucket(t, 60_000);
  const bytes = 8 * 1024 ** 2 - 100;
  const fill = (text: string): string => text.repeat(Math.floor(bytes / text.length));
  const awkward = [
    fill("<a>"),
    `<Delete>${fill(" ")}`,
    `<Delete ${fill(" ")}`,
    `<Delete ${fill("a='b' ")}`,
    `<Delete a="${fill("b")}`,
    `<Delete><Object><Key>${fill("&amp;")}`,
    `<Delete><Object><Key>${fill("&")}</Key></Object></Delete>`,
    `<Delete>${fill("<Object></Object>")}</Delete>`,
    `<Delete>${fill("a<Key/>")}</Delete>`,
    fill("</Delete>"),
    fill("<!"),
  ];
  for (const text of awkward) {
    const xml = Buffer.from(text);
    const headers = { "content-md5": md5(xml) };
    const answer = fuzzed.bucket.signed("POST", "?delete=", { body: xml, headers });
    assert.equal((await fuzzed.bucket.put("other", "content")).status, 200);
    assert.equal((await answer).status, 400, text.slice(0, 30));
  }
  await fuzzed.assertWell();
});

const crc32 = (of: Buffer): string => {
  const checksum = createChecksum("CRC32");
  checksum.update(of);
  return checksum.digest().toString("base64");
};

/** What is done to an aws-chunked body: a piece of its framing in place of another, somewhere. */
const framing = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.integer({ min: 0, max: 12 }),
  fc.constantFrom(
    ...[
      "\r\n",
      "\r",
      "\n",
      "0\r\n",
      "0\r\n\r\n",
      "5\r\n",
      "-1\r\n",
      "ffffffffffffffff\r\n",
      "0x5\r\n",
      "1;a=b\r\n",
      ";",
    ],
    ...[
      "x-amz-checksum-crc32:AAAA\r\n",
      "x-amz-trailer-signature:00\r\n",
      ":",
      " ",
      "\0",
      "",
      "x".repeat(2000),
    ],
    `5;chunk-signature=${"0".repeat(64)}\r\n`,
  ),
);

test("an aws-chunked body with anything done to its framing is stored as it was meant, or not at all", async (t) => {
  const fuzzed = await startFuzzedBucket(t, 10_000);
  const outcomes = new Map<number, number>();
  let keys = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 4 }),
      fc.array(framing, { maxLength: 2 }),
      fc.constantFrom(0, 0, 0, 1, -1, 1e9),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
      async (sizes, changes, lie, cuts) => {
        const chunks = sizes.map((size) => randomBytes(size));
        const content = Buffer.concat(chunks);
        let body = Buffer.concat([
          ...chunks.flatMap((chunk) => [
            Buffer.from(`${chunk.length.toString(16)}\r\n`),
            chunk,
            Buffer.from("\r\n"),
          ]),
          Buffer.from(`0\r\nx-amz-checksum-crc32:${crc32(content)}\r\n\r\n`),
        ]);
        for (const [share, length, text] of changes) {
          const at = Math.floor(share * body.length);
          body = Buffer.concat([body.subarray(0, at), Buffer.from(text), body.subarray(at + length)]);
        }
        keys += 1;
        const key = `chunked/${keys}`;
        const head = signAnyRequest(
          {
            method: "PUT",
            key,
            payloadSha256: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            headers: [
              ["content-length", String(body.length)],
              ["content-encoding", "aws-chunked"],
              ["x-amz-decoded-content-length", String(Math.max(0, content.length + lie))],
              ["x-amz-trailer", "x-amz-checksum-crc32"],
            ],
          },
          fuzzed.host,
        );
        const places = cuts.map((cut) => Math.floor(cut * body.length)).sort((a, b) => a - b);
        const pieces = [0, ...places].map((from, index) => body.subarray(from, places[index] ?? body.length));
        const [status = 0] = await fuzzed.send([head, ...pieces]);
        outcomes.set(status, (outcomes.get(status) ?? 0) + 1);
        const stored = await fuzzed.get(key);
        if (status === 200) assert.ok(stored.body.equals(content));
        else assert.equal(stored.status, 404, `${status} and yet stored`);
      },
    ),
    { numRuns: fuzzRuns(300) },
  );
  assert.ok(outcomes.has(200) && outcomes.has(400), JSON.stringify([...outcomes]));
  await noLeftovers(fuzzed);
  await fuzzed.assertWell();
});

test("a body that is longer or shorter than was said is not stored, and what follows is no request", async (t) => {
  const fuzzed = await startFuzzedBucket(t);
  let keys = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 3000 }),
      fc.oneof(fc.integer({ min: -50, max: 50 }), fc.constantFrom(100_000, 2_000_000, 1e15)),
      fc.constantFrom(
        "",
        "transfer-encoding: chunked\r\n",
        "expect: 100-continue\r\n",
        "content-length: 7\r\n",
      ),
      fc.constantFrom("end" as const, "destroy" as const, undefined),
      async (sizeBytes, difference, extra, ending) => {
        keys += 1;
        const key = `length/${keys}`;
        const said = Math.max(0, sizeBytes + difference);
        const request = { method: "PUT", key, headers: [["content-length", String(said)]] } as const;
        const head = signAnyRequest(request, fuzzed.host).replace(/\r\n\r\n$/, `\r\n${extra}\r\n`);
        const content = randomBytes(sizeBytes);
        const [first] = await fuzzed.send([head, content], ending);
        const stored = await fuzzed.get(key);
        if (stored.status === 200)
          assert.ok(said <= sizeBytes && stored.body.equals(content.subarray(0, said)));
        else assert.equal(stored.status, 404);
        if (first === 200) assert.equal(stored.status, 200);
      },
    ),
    { numRuns: fuzzRuns(200) },
  );
  await noLeftovers(fuzzed);
  await fuzzed.assertWell();
});
