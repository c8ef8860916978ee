import type { ChunkVerifier, VerifiedRequest } from "@stowage/sigv4";
import { type HeldChecksum, trailingChecksum } from "./declared-checksum.ts";
import { notImplemented } from "./exchange.ts";
import { S3Error } from "./s3-error.ts";

/** What is said of an aws-chunked body before it comes. */
export interface ChunkedContent {
  readonly hasTrailers: boolean;
  readonly signatures?: ChunkVerifier;
  /** That comes after the body. */
  readonly checksum?: HeldChecksum;
  /** Takes the trailers that came. */
  setTrailers(trailers: ReadonlyMap<string, string>): void;
}

/** The members that describe an aws-chunked body. */
export const chunkedMembers: readonly string[] = ["x-amz-decoded-content-length", "x-amz-trailer"];

/** By what stands for the payload's hash, whether trailers come after the chunks. */
const kinds: ReadonlyMap<string, boolean> = new Map([
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", false],
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", true],
  ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", true],
]);

/** `undefined` where the body comes as it is. Throws S3Error. */
export function declaredChunks(
  amz: ReadonlyMap<string, string>,
  { payloadSha256, chunks }: VerifiedRequest,
): ChunkedContent | undefined {
  if (!payloadSha256.startsWith("STREAMING-")) return undefined;
  const hasTrailers = kinds.get(payloadSha256);
  if (hasTrailers === undefined) throw notImplemented(payloadSha256);
  const name = amz.get("x-amz-trailer");
  if (name !== undefined && !hasTrailers)
    throw new S3Error("InvalidRequest", "x-amz-trailer was sent with a body that has none.");
  let received: ReadonlyMap<string, string> = new Map();
  return {
    hasTrailers,
    ...(chunks && { signatures: chunks }),
    ...(name !== undefined && { checksum: trailingChecksum(name, () => received) }),
    setTrailers(trailers) {
      received = trailers;
    },
  };
}
