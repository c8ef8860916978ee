import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { type FuzzedBucket, fuzzRuns, startFuzzedBucket } from "../testing/fuzzed-bucket.ts";
import { type AnyRequest, signAnyRequest } from "../testing/sign-any-request.ts";

const md5 = (content: string): string => createHash("md5").update(content).digest("base64");
const deletion = "<Delete><Object><Key>a</Key></Object></Delete>";
const completion =
  "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>";
const chunks = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";

/** Requests as they should be, of every kind, with their bodies. */
const sound: readonly (AnyRequest & { readonly body?: string })[] = [
  { method: "PUT", key: "uploads/aa1", headers: [["content-length", "5"]], body: "hello" },
  {
    method: "PUT",
    key: "uploads/aa2",
    headers: [
      ["content-length", "5"],
      ["if-none-match", "*"],
      ["content-type", "image/jpeg"],
      ["x-amz-meta-name", "value"],
    ],
    body: "hello",
  },
  {
    method: "PUT",
    key: "chunked",
    payloadSha256: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    headers: [
      ["content-length", String(chunks.length)],
      ["content-encoding", "aws-chunked"],
      ["x-amz-decoded-content-length", "5"],
      ["x-amz-trailer", "x-amz-checksum-crc32"],
    ],
    body: chunks,
  },
  { method: "GET", key: "there", headers: [["range", "bytes=1-3"]] },
  { method: "HEAD", key: "there", headers: [["if-match", '"abc"']] },
  { method: "GET", query: { "list-type": "2", prefix: "a", "max-keys": "7", delimiter: "/" } },
  { method: "PUT", key: "copy", headers: [["x-amz-copy-source", "/test-bucket/there"]] },
  { method: "DELETE", key: "there" },
  {
    method: "POST",
    query: { delete: "" },
    headers: [
      ["content-length", String(deletion.length)],
      ["content-md5", md5(deletion)],
    ],
    body: deletion,
  },
  { method: "POST", key: "parts", query: { uploads: "" } },
  {
    method: "POST",
    key: "parts",
    query: { uploadId: "0".repeat(32) },
    headers: [["content-length", String(completion.length)]],
    body: completion,
  },
  { method: "PUT", key: "parts", query: { uploadId: "0".repeat(32), partNumber: "1" } },
  { method: "OPTIONS", key: "there", headers: [["origin", "https://a.example"]] },
];

const asBytes = ({ host }: FuzzedBucket, index: number): Buffer => {
  const { body = "", ...request } = sound[index % sound.length] ?? assertNever();
  return Buffer.concat([Buffer.from(signAnyRequest(request, host), "latin1"), Buffer.from(body)]);
};
const assertNever = (): never => {
  throw new Error("no such request");
};

const token = fc.constantFrom(
  ...'\0|\r|\n|\r\n|\r\n\r\n| |%00|%2e%2e%2f|/../|?|&|#|;|=|:|,|"|<|>|\xff|\x80|-1|0|99999999999999999999|0x10|chunked'.split(
    "|",
  ),
  "HTTP/1.1",
  "HTTP/2.0",
  "transfer-encoding: chunked\r\n",
  "content-length: 5\r\n",
  "expect: 100-continue\r\n",
  "connection: upgrade\r\nupgrade: websocket\r\n",
);
/** Something done to bytes, somewhere. */
const mutation = fc.record({
  kind: fc.constantFrom("flip", "drop", "repeat", "insert", "replace", "random"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 40 }),
  token,
  noise: fc.uint8Array({ minLength: 1, maxLength: 20 }),
});

function mutate(
  bytes: Buffer,
  { kind, at, length, token: text, noise }: ReturnType<typeof mutation.generate>["value"],
): Buffer {
  const from = Math.floor(at * bytes.length);
  const [before, after] = [bytes.subarray(0, from), bytes.subarray(from)];
  const insert = Buffer.from(text, "latin1");
  switch (kind) {
    case "flip":
      return Buffer.concat([before, Buffer.of((after[0] ?? 0) ^ (1 << (length % 8))), after.subarray(1)]);
    case "drop":
      return Buffer.concat([before, after.subarray(length)]);
    case "repeat":
      return Buffer.concat([before, after.subarray(0, length), after]);
    case "insert":
      return Buffer.concat([before, insert, after]);
    case "replace":
      return Buffer.concat([before, insert, after.subarray(insert.length)]);
    default:
      return Buffer.concat([before, noise, after.subarray(noise.length)]);
  }
}

/** The bytes as they may come, in pieces. */
const pieces = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = cuts.map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
};
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });
const then = fc.constantFrom("end" as const, "destroy" as const, undefined, undefined, undefined);

async function start(t: Parameters<typeof startFuzzedBucket>[0]): Promise<FuzzedBucket> {
  const fuzzed = await startFuzzedBucket(t);
  await fuzzed.bucket.put("there", "content");
  return fuzzed;
}

test("requests with anything done to their bytes crash nothing, hang nothing and leave the folder alone", async (t) => {
  const fuzzed = await start(t);
  const answered = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(sound.length - 1), { minLength: 1, maxLength: 3 }),
      fc.array(mutation, { maxLength: 4 }),
      cuts,
      then,
      async (indexes, mutations, places, ending) => {
        const whole = Buffer.concat(indexes.map((index) => asBytes(fuzzed, index)));
        const statuses = await fuzzed.send(pieces(mutations.reduce(mutate, whole), places), ending);
        for (const status of statuses) answered.set(status, (answered.get(status) ?? 0) + 1);
      },
    ),
    { numRuns: fuzzRuns(400) },
  );
  // Not all of it fails at the door.
  for (const status of [200, 400, 403]) assert.ok(answered.has(status), JSON.stringify([...answered]));
  await fuzzed.assertWell();
});

test("requests that break off after any byte crash nothing and leave nothing", async (t) => {
  const fuzzed = await start(t);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(sound.length - 1),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom("end" as const, "destroy" as const),
      async (index, share, ending) => {
        const whole = asBytes(fuzzed, index);
        await fuzzed.send([whole.subarray(0, Math.floor(share * whole.length))], ending);
      },
    ),
    { numRuns: fuzzRuns(200) },
  );
  await fuzzed.assertWell();
});

test("noise crashes nothing", async (t) => {
  const fuzzed = await start(t);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), cuts, then, async (noise, places, ending) => {
      await fuzzed.send(pieces(Buffer.from(noise), places), ending);
    }),
    { numRuns: fuzzRuns(100) },
  );
  await fuzzed.assertWell();
});
