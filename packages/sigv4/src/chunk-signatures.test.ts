import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { createChunkSignatures, createChunkVerifier } from "./chunk-signatures.ts";
import { SignatureRefusedError } from "./signature-refused-error.ts";
import { createSigningKeys } from "./signing-key.ts";

// The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html.
const amzDate = "20130524T000000Z";
const signing = {
  key: createSigningKeys({ region: "us-east-1", service: "s3" })(
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    amzDate,
  ),
  amzDate,
  scope: "20130524/us-east-1/s3/aws4_request",
  seedSignature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
};
const chunks = [
  ["a".repeat(65_536), "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"],
  ["a".repeat(1024), "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"],
  ["", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"],
] as const;

test("chunks are signed as in AWS's example", () => {
  const signatures = createChunkSignatures(signing);
  for (const [content, expected] of chunks)
    assert.equal(signatures.chunk(hash("sha256", content, "hex")), expected);
});

test("a chunk that was changed, moved or signed otherwise is refused", () => {
  const isRefused = (index: number, content: string, signature: string): void => {
    const verifier = createChunkVerifier(signing);
    for (const [before, its] of chunks.slice(0, index))
      verifier.verifyChunk(hash("sha256", before, "hex"), its);
    assert.throws(
      () => verifier.verifyChunk(hash("sha256", content, "hex"), signature),
      SignatureRefusedError,
    );
  };
  isRefused(0, "b", chunks[0][1]);
  isRefused(0, chunks[1][0], chunks[1][1]);
  isRefused(1, chunks[1][0], chunks[1][1].toUpperCase());
  isRefused(1, chunks[1][0], "");
  isRefused(1, chunks[1][0], "ä".repeat(64));
});

test("trailers are signed as what follows the last chunk", () => {
  const [signatures, verifier] = [createChunkSignatures(signing), createChunkVerifier(signing)];
  const empty = hash("sha256", "", "hex");
  const trailer = hash("sha256", "x-amz-checksum-crc32:AAAAAA==\n", "hex");
  verifier.verifyChunk(empty, signatures.chunk(empty));
  const signature = signatures.trailer(trailer);
  assert.throws(() => createChunkVerifier(signing).verifyTrailer(trailer, signature), SignatureRefusedError);
  verifier.verifyTrailer(trailer, signature);
});
