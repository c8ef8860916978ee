import type { VerifiedRequest } from "@stowage/sigv4";
import type { ContentChecksum } from "../storage/object-file.ts";
import { checkAnnounced, declaredChecksum, type HeldChecksum } from "./declared-checksum.ts";
import { type ChunkedContent, declaredChunks } from "./declared-chunks.ts";
import { notImplemented } from "./exchange.ts";
import { S3Error, type S3ErrorCode } from "./s3-error.ts";

/** What a PUT says about its body before the first byte of it. */
export interface DeclaredContent extends DeclaredDigests {
  readonly sizeBytes: number;
  readonly contentType: string;
  /** Where it comes aws-chunked. */
  readonly chunked?: ChunkedContent;
}

/** S3's own default. */
const defaultContentType = "binary/octet-stream";
/** What fits an object's header on disk, and more than RFC 6838 allows a type to have. */
const maxContentTypeLength = 255;

function parseSize(
  headers: ReadonlyMap<string, string>,
  { by, signedHeaders, payloadSha256 }: VerifiedRequest,
  maxObjectSizeBytes: number,
): number {
  const isChunked = payloadSha256.startsWith("STREAMING-");
  const length = headers.get(isChunked ? "x-amz-decoded-content-length" : "content-length");
  if ((headers.has("transfer-encoding") && !isChunked) || length === undefined)
    throw new S3Error("MissingContentLength", "You must provide the Content-Length HTTP header.");
  // Otherwise whoever has the URL decides how much is stored.
  if (by === "query" && !isChunked && !signedHeaders.has("content-length"))
    throw new S3Error("AccessDenied", "The presigned URL does not sign content-length.");
  const sizeBytes = /^\d{1,15}$/.test(length) ? Number(length) : Number.NaN;
  if (Number.isNaN(sizeBytes)) throw new S3Error("InvalidRequest", "Content-Length is malformed.");
  if (sizeBytes > maxObjectSizeBytes)
    throw new S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.");
  return sizeBytes;
}

/** What a body is held to: its digests in lower-case hex, and the error that a wrong one gets. */
export interface DeclaredDigests {
  readonly sha256: readonly { readonly hex: string; readonly code: S3ErrorCode }[];
  readonly md5?: string;
  readonly checksum?: HeldChecksum;
}

/** Strict base64 of `bytes` bytes to lower-case hex. */
function parseBase64Digest(value: string, bytes: number, name: string, code: S3ErrorCode): string {
  const digest = Buffer.from(value, "base64");
  if (digest.length !== bytes || digest.toString("base64") !== value)
    throw new S3Error(code, `Value for ${name} header is invalid.`);
  return digest.toString("hex");
}

function declaredSha256({ payloadSha256 }: Pick<VerifiedRequest, "payloadSha256">) {
  const expected: { hex: string; code: S3ErrorCode }[] = [];
  if (payloadSha256.startsWith("STREAMING-")) throw notImplemented("aws-chunked bodies");
  if (payloadSha256 !== "UNSIGNED-PAYLOAD")
    expected.push({ hex: payloadSha256.toLowerCase(), code: "XAmzContentSHA256Mismatch" });
  return expected;
}

/** Throws S3Error (InvalidRequest) for a type that does not fit. */
export function declaredContentType(headers: ReadonlyMap<string, string>): string {
  const contentType = headers.get("content-type") || defaultContentType;
  if (contentType.length > maxContentTypeLength)
    throw new S3Error("InvalidRequest", `Content-Type is longer than ${maxContentTypeLength} characters.`);
  return contentType;
}

/** Throws S3Error for what can be refused without looking at the body. */
export function declaredContent(
  headers: ReadonlyMap<string, string>,
  amz: ReadonlyMap<string, string>,
  verified: VerifiedRequest,
  maxObjectSizeBytes: number,
): DeclaredContent {
  const sizeBytes = parseSize(headers, verified, maxObjectSizeBytes);
  const chunked = declaredChunks(amz, verified);
  const contentType = declaredContentType(headers);
  if (!chunked) return { sizeBytes, contentType, ...declaredDigests(headers, amz, verified) };
  const unsigned = { ...verified, payloadSha256: "UNSIGNED-PAYLOAD" };
  return { sizeBytes, contentType, ...declaredDigests(headers, amz, unsigned, chunked.checksum), chunked };
}

/** Throws S3Error for digests that are malformed. `trailing`: the one that comes after the body. */
export function declaredDigests(
  headers: ReadonlyMap<string, string>,
  amz: ReadonlyMap<string, string>,
  verified: Pick<VerifiedRequest, "payloadSha256">,
  trailing?: HeldChecksum,
): DeclaredDigests {
  const md5 = headers.get("content-md5");
  const before = declaredChecksum(amz);
  if (before && trailing)
    throw new S3Error("InvalidRequest", "A checksum is sent before the body or after it.");
  const checksum = before ?? trailing;
  checkAnnounced(amz, checksum);
  return {
    sha256: declaredSha256(verified),
    ...(checksum && { checksum }),
    ...(md5 !== undefined && { md5: parseBase64Digest(md5, 16, "Content-MD5", "InvalidDigest") }),
  };
}

/** Throws S3Error where the body is not what was declared. Returns the checksum that it had. */
export function checkDigests(
  declared: DeclaredDigests,
  actual: { readonly sha256: string; readonly md5?: string },
): ContentChecksum | undefined {
  for (const { hex, code } of declared.sha256)
    if (hex !== actual.sha256)
      throw new S3Error(code, "The SHA-256 you specified did not match what we received.");
  if (declared.md5 !== undefined && declared.md5 !== actual.md5)
    throw new S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.");
  return declared.checksum?.check(actual.sha256);
}
