import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { type ChecksumAlgorithm, createChecksum } from "../storage/checksum.ts";
import { type Answer, startTestBucket, type TestBucket } from "../testing/test-bucket.ts";

const bodies = [randomBytes(5 * 1024 ** 2), randomBytes(1000)];

function checksumOf(algorithm: ChecksumAlgorithm, content: Buffer): string {
  const checksum = createChecksum(algorithm);
  checksum.update(content);
  return checksum.digest().toString("base64");
}

const textOf = (name: string, { body }: Answer) =>
  new RegExp(`<${name}>(.*?)</${name}>`).exec(String(body))?.[1];

const asking = (algorithm: string, type?: string): Record<string, string> => ({
  "x-amz-checksum-algorithm": algorithm,
  ...(type !== undefined && { "x-amz-checksum-type": type }),
});

async function begin(bucket: TestBucket, headers: Record<string, string>): Promise<string> {
  return textOf("UploadId", await bucket.signed("POST", "k?uploads", { headers })) ?? "";
}

async function sendAll(
  bucket: TestBucket,
  uploadId: string,
  headersOf: (body: Buffer) => Record<string, string>,
): Promise<string> {
  let parts = "";
  for (const [index, body] of bodies.entries()) {
    const target = `k?partNumber=${index + 1}&uploadId=${uploadId}`;
    const sent = await bucket.signed("PUT", target, { body, headers: headersOf(body) });
    assert.equal(sent.status, 200);
    parts += `<Part><PartNumber>${index + 1}</PartNumber><ETag>${sent.headers.etag}</ETag></Part>`;
  }
  return `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`;
}

for (const algorithm of ["CRC32", "CRC32C", "CRC64NVME"] as const)
  test(`the whole object's ${algorithm} is made of its parts', whether or not those were sent`, async (t) => {
    const bucket = await startTestBucket(t);
    const header = `x-amz-checksum-${algorithm.toLowerCase()}`;
    const whole = checksumOf(algorithm, Buffer.concat(bodies));
    for (const sends of [true, false]) {
      const uploadId = await begin(bucket, asking(algorithm, "FULL_OBJECT"));
      const listed = await bucket.signed("GET", `k?uploadId=${uploadId}`);
      assert.equal(textOf("ChecksumType", listed), "FULL_OBJECT");
      const body = await sendAll(bucket, uploadId, (part) =>
        sends ? { [header]: checksumOf(algorithm, part) } : {},
      );
      const complete = (value: string) =>
        bucket.signed("POST", `k?uploadId=${uploadId}`, {
          body,
          headers: { "x-amz-checksum-type": "FULL_OBJECT", [header]: value },
        });
      assert.equal((await complete(checksumOf(algorithm, Buffer.of()))).code, "BadDigest");
      const done = await complete(whole);
      assert.deepEqual(
        [done.status, textOf(`Checksum${algorithm}`, done), textOf("ChecksumType", done)],
        [200, whole, "FULL_OBJECT"],
      );
      const { headers } = await bucket.signed("HEAD", "k", { headers: { "x-amz-checksum-mode": "ENABLED" } });
      assert.deepEqual([headers[header], headers["x-amz-checksum-type"]], [whole, "FULL_OBJECT"]);
    }
  });

test("each algorithm has the types of checksum that S3 gives it, and an upload keeps its own", async (t) => {
  const bucket = await startTestBucket(t);
  const attempt = async (algorithm: string, type?: string) => {
    const { code, headers } = await bucket.signed("POST", "k?uploads", { headers: asking(algorithm, type) });
    return code ?? headers["x-amz-checksum-type"];
  };
  assert.equal(await attempt("CRC64NVME"), "FULL_OBJECT");
  assert.equal(await attempt("CRC64NVME", "COMPOSITE"), "InvalidRequest");
  assert.equal(await attempt("CRC32"), "COMPOSITE");
  assert.equal(await attempt("CRC32C", "full_object"), "FULL_OBJECT");
  assert.equal(await attempt("SHA1", "FULL_OBJECT"), "InvalidRequest");
  assert.equal(await attempt("SHA256", "OTHER"), "InvalidRequest");

  const uploadId = await begin(bucket, asking("CRC32"));
  const body = await sendAll(bucket, uploadId, (part) => ({
    "x-amz-checksum-crc32": checksumOf("CRC32", part),
  }));
  const headers = { "x-amz-checksum-type": "FULL_OBJECT" };
  assert.equal(
    (await bucket.signed("POST", `k?uploadId=${uploadId}`, { body, headers })).code,
    "InvalidRequest",
  );
});
