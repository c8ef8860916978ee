// The AWS SDK as the second opinion: the same signatures from the same requests, and what it signs accepted.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { after, before, describe, it } from "node:test";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import fc from "fast-check";
import { createPresigner, createVerifier, decodeObjectPath, type VerifiedRequest } from "./index.ts";

const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPx+=" };
const temporary = { ...credentials, sessionToken: "FwoGZXIvYXdzEBYaDK/+==" };
const region = "eu-west-3";
const bucket = "landing";
const signedAt = new Date("2026-02-28T23:59:59Z");

const findSecretAccessKey = (id: string): string | undefined =>
  id === credentials.accessKeyId ? credentials.secretAccessKey : undefined;
const verifyAtSigning = createVerifier({ region, findSecretAccessKey, now: () => signedAt });

function clientFor(
  endpoint: string,
  options: Partial<{ temporary: boolean; checksums: boolean }> = {},
): S3Client {
  const when = options.checksums ? "WHEN_SUPPORTED" : "WHEN_REQUIRED";
  return new S3Client({
    region,
    endpoint,
    credentials: options.temporary ? temporary : credentials,
    forcePathStyle: true,
    maxAttempts: 1,
    requestChecksumCalculation: when,
    responseChecksumValidation: when,
  });
}

function encodeKey(key: string): string {
  return key.split("/").map(encodeURIComponent).join("/");
}

// URL parsers rewrite . and .. segments, so a URL of such a key names another; the presigner refuses them.
const hasDotSegment = (key: string): boolean => key.split("/").some((segment) => /^\.\.?$/.test(segment));
const key = fc
  .oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom(..."aZ9/ %+&=?#!'()*~.-_;:@$,é😀\u0301\ufeff\u0000"),
      minLength: 1,
      maxLength: 30,
    }),
  )
  .filter((text) => !hasDotSegment(text));
const asciiText = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 30 });
const sha256Base64 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString("base64"));
const metadataName = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,15}$/);
const expiresInSeconds = fc.integer({ min: 1, max: 604_800 });

const putHeaders = fc.record(
  {
    "content-length": fc.nat().map(String),
    "content-type": fc.constantFrom("image/jpeg", "text/plain; charset=utf-8", "application/x-a  b"),
    "if-none-match": fc.constant("*"),
    "x-amz-checksum-sha256": sha256Base64,
    "x-amz-acl": fc.constantFrom("private" as const, "bucket-owner-full-control" as const),
    metadata: fc.dictionary(metadataName, asciiText, { maxKeys: 4, noNullPrototype: true }),
  },
  { requiredKeys: [] },
);

/** A presigned URL as a set of members, since the SDK puts them in another order. */
function membersOf(presigned: string): { at: string; members: string[] } {
  const [at = "", query = ""] = presigned.split("?");
  return { at, members: query.split("&").sort() };
}

function verifyPresigned(
  method: string,
  presigned: string,
  headers: Record<string, string>,
): VerifiedRequest {
  const { host, origin } = new URL(presigned);
  return verifyAtSigning({
    method,
    target: presigned.slice(origin.length),
    headers: new Map([...Object.entries(headers), ["host", host]]),
  });
}

describe("presigned URLs and the SDK's", () => {
  for (const endpoint of ["https://s3.eu-west-3.example.com", "http://127.0.0.1:9000"]) {
    it(`are the same for PUT with every header that Stowage signs, at ${endpoint}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          key,
          putHeaders,
          expiresInSeconds,
          fc.boolean(),
          async (Key, chosen, expiresIn, isTemporary) => {
            const { metadata: Metadata = {}, ...plain } = chosen;
            const headers: Record<string, string> = { ...plain };
            for (const [name, value] of Object.entries(Metadata)) headers[`x-amz-meta-${name}`] = value;
            const input: PutObjectCommandInput = { Bucket: bucket, Key, Metadata };
            if (plain["content-length"]) input.ContentLength = Number(plain["content-length"]);
            if (plain["content-type"]) input.ContentType = plain["content-type"];
            if (plain["if-none-match"]) input.IfNoneMatch = plain["if-none-match"];
            if (plain["x-amz-checksum-sha256"]) input.ChecksumSHA256 = plain["x-amz-checksum-sha256"];
            if (plain["x-amz-acl"]) input.ACL = plain["x-amz-acl"];
            const client = clientFor(endpoint, { temporary: isTemporary });
            const theirs = await getSignedUrl(client, new PutObjectCommand(input), {
              expiresIn,
              signingDate: signedAt,
              // The SDK sends application/octet-stream where no type is given, and signs it if it may.
              signableHeaders: new Set(plain["content-type"] ? ["content-type"] : []),
              unhoistableHeaders: new Set(Object.keys(headers)),
            });

            const url = new URL(
              `${endpoint}/${bucket}/${encodeKey(Key)}?X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&x-id=PutObject`,
            );
            const presign = createPresigner({ credentials: isTemporary ? temporary : credentials, region });
            const ours = presign({ method: "PUT", url, headers, expiresInSeconds: expiresIn, signedAt });
            assert.deepEqual(membersOf(ours), membersOf(theirs));

            const verified = verifyPresigned("PUT", theirs, headers);
            assert.deepEqual([...verified.signedHeaders].sort(), [...Object.keys(headers), "host"].sort());
            assert.equal(decodeObjectPath(theirs.slice(endpoint.length)), `/${bucket}/${Key}`);
          },
        ),
        { numRuns: 60 },
      );
    });
  }

  it("are the same for GET with a range and response overrides", async () => {
    const overrides = fc.record(
      {
        "response-cache-control": asciiText,
        "response-content-disposition": fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }),
        "response-content-encoding": asciiText,
        "response-content-language": asciiText,
        "response-content-type": asciiText,
      },
      { requiredKeys: [] },
    );
    const range = fc.option(fc.tuple(fc.nat(), fc.nat()).map(([from, to]) => `bytes=${from}-${to}`));
    const endpoint = "https://s3.eu-west-3.example.com";
    const client = clientFor(endpoint);
    const presign = createPresigner({ credentials, region });
    await fc.assert(
      fc.asyncProperty(key, overrides, range, expiresInSeconds, async (Key, chosen, Range, expiresIn) => {
        const theirs = await getSignedUrl(
          client,
          new GetObjectCommand({
            Bucket: bucket,
            Key,
            ...(Range === null ? {} : { Range }),
            ResponseCacheControl: chosen["response-cache-control"],
            ResponseContentDisposition: chosen["response-content-disposition"],
            ResponseContentEncoding: chosen["response-content-encoding"],
            ResponseContentLanguage: chosen["response-content-language"],
            ResponseContentType: chosen["response-content-type"],
          }),
          { expiresIn, signingDate: signedAt },
        );

        const url = new URL(
          `${endpoint}/${bucket}/${encodeKey(Key)}?X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&x-id=GetObject`,
        );
        for (const [name, value] of Object.entries(chosen)) url.searchParams.set(name, value);
        const headers: Record<string, string> = Range === null ? {} : { range: Range };
        const ours = presign({ method: "GET", url, headers, expiresInSeconds: expiresIn, signedAt });
        assert.deepEqual(membersOf(ours), membersOf(theirs));
        verifyPresigned("GET", theirs, headers);
      }),
      { numRuns: 60 },
    );
  });

  it("are the same for the parts of a multipart upload", async () => {
    const endpoint = "https://s3.eu-west-3.example.com";
    const client = clientFor(endpoint);
    const presign = createPresigner({ credentials, region });
    const part = fc.record({
      number: fc.integer({ min: 1, max: 10_000 }),
      uploadId: asciiText,
      sum: sha256Base64,
    });
    await fc.assert(
      fc.asyncProperty(key, part, async (Key, { number, uploadId, sum }) => {
        const theirs = await getSignedUrl(
          client,
          new UploadPartCommand({
            Bucket: bucket,
            Key,
            PartNumber: number,
            UploadId: uploadId,
            ChecksumSHA256: sum,
            ContentLength: 5,
          }),
          { expiresIn: 600, signingDate: signedAt, unhoistableHeaders: new Set(["x-amz-checksum-sha256"]) },
        );
        const url = new URL(`${endpoint}/${bucket}/${encodeKey(Key)}`);
        url.searchParams.set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD");
        url.searchParams.set("partNumber", String(number));
        url.searchParams.set("uploadId", uploadId);
        url.searchParams.set("x-id", "UploadPart");
        const headers = { "content-length": "5", "x-amz-checksum-sha256": sum };
        const ours = presign({ method: "PUT", url, headers, expiresInSeconds: 600, signedAt });
        assert.deepEqual(membersOf(ours), membersOf(theirs));
        verifyPresigned("PUT", theirs, headers);
      }),
      { numRuns: 40 },
    );
  });
});

describe("requests that the SDK signs with headers and sends over HTTP", () => {
  const verify = createVerifier({ region, findSecretAccessKey, now: () => new Date() });
  const verified: { request: VerifiedRequest; path: string; bodySha256: string }[] = [];
  const refusals: unknown[] = [];

  function headersOf({ rawHeaders }: IncomingMessage): Map<string, string> {
    const headers = new Map<string, string>();
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = (rawHeaders[index] ?? "").toLowerCase();
      const value = rawHeaders[index + 1] ?? "";
      const before = headers.get(name);
      headers.set(name, before === undefined ? value : `${before},${value}`);
    }
    return headers;
  }

  const server = createServer((request, response) => {
    const body = createHash("sha256");
    request.on("data", (chunk: Buffer) => body.update(chunk));
    request.on("end", () => {
      const target = request.url ?? "";
      try {
        const result = verify({ method: request.method ?? "", target, headers: headersOf(request) });
        verified.push({ request: result, path: decodeObjectPath(target), bodySha256: body.digest("hex") });
        response.writeHead(200).end();
      } catch (refusal) {
        refusals.push(refusal);
        response.writeHead(403).end();
      }
    });
  });
  let endpoint = "";
  before(async () => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    endpoint = `http://127.0.0.1:${address.port}`;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  it("are accepted, and name the key, the payload's hash and every x-amz-* header", async () => {
    const operation = fc.constantFrom("put", "get", "head", "delete", "list", "listParts", "uploadPart");
    await fc.assert(
      fc.asyncProperty(
        operation,
        key,
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 50 }),
        fc.dictionary(metadataName, asciiText, { maxKeys: 2, noNullPrototype: true }),
        fc.record({ temporary: fc.boolean(), checksums: fc.boolean() }),
        async (name, Key, Body, Metadata, options) => {
          const client = clientFor(endpoint, options);
          const object = { Bucket: bucket, Key };
          const part = { ...object, UploadId: "a+b/c=&d e", PartNumber: 7 };
          verified.length = 0;
          refusals.length = 0;
          try {
            if (name === "put")
              await client.send(new PutObjectCommand({ ...object, Body, Metadata, IfNoneMatch: "*" }));
            if (name === "get") await client.send(new GetObjectCommand({ ...object, Range: "bytes=0-9" }));
            if (name === "head") await client.send(new HeadObjectCommand(object));
            if (name === "delete") await client.send(new DeleteObjectCommand(object));
            if (name === "list")
              await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: Key, Delimiter: "/" }));
            if (name === "listParts") await client.send(new ListPartsCommand(part));
            if (name === "uploadPart") await client.send(new UploadPartCommand({ ...part, Body }));
          } finally {
            client.destroy();
          }
          assert.deepEqual(refusals, []);
          assert.equal(verified.length, 1);
          const [{ request, path, bodySha256 } = assert.fail()] = verified;
          assert.equal(request.by, "header");
          assert.equal(request.expiresAt, undefined);
          assert.equal(path, name === "list" ? `/${bucket}/` : `/${bucket}/${Key}`);
          assert.equal(request.payloadSha256, bodySha256);
          assert.equal(request.signedHeaders.has("x-amz-security-token"), options.temporary);
        },
      ),
      { numRuns: 60 },
    );
  });
});
