import { createHmac, hash, type KeyObject, timingSafeEqual } from "node:crypto";
import { SignatureRefusedError } from "./signature-refused-error.ts";

/** What signatures of chunks have in common with the request's own, which is the first one's predecessor. */
export interface ChunkSigning {
  readonly key: KeyObject;
  readonly amzDate: string;
  readonly scope: string;
  readonly seedSignature: string;
}

/**
 * The signatures of an aws-chunked body, one after the other, each of which covers the one before:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html.
 */
export interface ChunkSignatures {
  /** The signature of the next chunk, given the SHA-256 of its content in lower-case hex. */
  chunk(sha256: string): string;
  /** The signature of the trailers: the SHA-256 of `name:value\n` of each. */
  trailer(sha256: string): string;
}

/** Checks what `ChunkSignatures` would give. Throws SignatureRefusedError (`SignatureDoesNotMatch`). */
export interface ChunkVerifier {
  verifyChunk(sha256: string, signature: string): void;
  verifyTrailer(sha256: string, signature: string): void;
}

const emptySha256 = hash("sha256", "", "hex");

export function createChunkSignatures({ key, amzDate, scope, seedSignature }: ChunkSigning): ChunkSignatures {
  let previous = seedSignature;
  const next = (lines: readonly string[]): string => {
    previous = createHmac("sha256", key).update(lines.join("\n")).digest("hex");
    return previous;
  };
  return {
    chunk: (sha256) => next(["AWS4-HMAC-SHA256-PAYLOAD", amzDate, scope, previous, emptySha256, sha256]),
    trailer: (sha256) => next(["AWS4-HMAC-SHA256-TRAILER", amzDate, scope, previous, sha256]),
  };
}

export function createChunkVerifier(signing: ChunkSigning): ChunkVerifier {
  const signatures = createChunkSignatures(signing);
  const check = (expected: string, signature: string): void => {
    const isEqual =
      signature.length === expected.length && timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
    if (!isEqual)
      throw new SignatureRefusedError(
        "SignatureDoesNotMatch",
        "The signature of a chunk does not match the signature you provided.",
      );
  };
  // Hex and of one length: else two strings of 64 characters may differ in bytes.
  const isHex = (signature: string): string => (/^[0-9a-f]{64}$/.test(signature) ? signature : "");
  return {
    verifyChunk: (sha256, signature) => check(signatures.chunk(sha256), isHex(signature)),
    verifyTrailer: (sha256, signature) => check(signatures.trailer(sha256), isHex(signature)),
  };
}
