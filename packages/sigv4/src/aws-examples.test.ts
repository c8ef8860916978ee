// The examples that AWS publishes for S3's Signature Version 4 with their signatures:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html and sig-v4-header-based-auth.html.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { createHeaderSigner, createPresigner, createVerifier } from "./index.ts";

const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const host = "examplebucket.s3.amazonaws.com";
const signedAt = new Date("2013-05-24T00:00:00Z");
const verify = createVerifier({
  region: "us-east-1",
  findSecretAccessKey: (id) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined),
  now: () => signedAt,
});

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("the examples of the S3 documentation", () => {
  it("presigns GET test.txt for a day as AWS does, and accepts it", () => {
    const presign = createPresigner({ credentials, region: "us-east-1" });
    const url = presign({
      method: "GET",
      url: new URL(`https://${host}/test.txt`),
      expiresInSeconds: 86_400,
      signedAt,
    });
    assert.equal(
      url,
      `https://${host}/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404`,
    );
    const verified = verify({
      method: "GET",
      target: url.slice(`https://${host}`.length),
      headers: new Map([["host", host]]),
    });
    assert.deepEqual(verified, {
      by: "query",
      accessKeyId: credentials.accessKeyId,
      signedHeaders: new Set(["host"]),
      payloadSha256: "UNSIGNED-PAYLOAD",
      signedAt,
      expiresAt: new Date("2013-05-25T00:00:00Z"),
    });
  });

  const examples = [
    {
      name: "GET Object with a range",
      method: "GET",
      target: "/test.txt",
      headers: { Range: "bytes=0-9" },
      body: "",
      signedHeaders: "host;range;x-amz-content-sha256;x-amz-date",
      signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    },
    {
      name: "PUT Object",
      method: "PUT",
      target: "/test$file.text",
      headers: { Date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
      body: "Welcome to Amazon S3.",
      signedHeaders: "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
      signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    },
    {
      name: "GET Bucket Lifecycle",
      method: "GET",
      target: "/?lifecycle",
      headers: {},
      body: "",
      signedHeaders: "host;x-amz-content-sha256;x-amz-date",
      signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    },
    {
      name: "GET Bucket (List Objects)",
      method: "GET",
      target: "/?max-keys=2&prefix=J",
      headers: {},
      body: "",
      signedHeaders: "host;x-amz-content-sha256;x-amz-date",
      signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    },
  ];
  const signHeaders = createHeaderSigner({ credentials, region: "us-east-1" });
  for (const { name, method, target, headers, body, signedHeaders, signature } of examples) {
    it(`signs ${name} as AWS does, and accepts it`, () => {
      const payloadSha256 = sha256(body);
      const url = new URL(target, `https://${host}`);
      const sent = signHeaders({ method, url, headers, payloadSha256, signedAt });
      assert.equal(
        sent.authorization,
        `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`,
      );
      const verified = verify({
        method,
        target,
        headers: new Map([...Object.entries(sent), ["host", host]]),
      });
      assert.equal(verified.by, "header");
      assert.equal(verified.payloadSha256, payloadSha256);
      assert.deepEqual([...verified.signedHeaders], signedHeaders.split(";"));
    });
  }
});
