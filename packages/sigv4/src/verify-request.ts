import { timingSafeEqual } from "node:crypto";
import { parseAmzDate } from "./amz-date.ts";
import {
  algorithm,
  canonicalRequest,
  credentialScope,
  isPayloadSha256,
  signCanonical,
} from "./canonical-request.ts";
import { checkSignedHeaders } from "./check-signed-headers.ts";
import { checkSigningTime } from "./check-signing-time.ts";
import { type ChunkVerifier, createChunkVerifier } from "./chunk-signatures.ts";
import { readHeaderSignature } from "./header-signature.ts";
import { longestExpiresInSeconds } from "./presign-url.ts";
import { readQuerySignature } from "./query-signature.ts";
import { decodeObjectPath, decodeQuery } from "./request-target.ts";
import { isMethod } from "./signable-request.ts";
import { refuseClaim, type SignatureClaim } from "./signature-claim.ts";
import { SignatureRefusedError } from "./signature-refused-error.ts";
import { createSigningKeys, isAccessKeyId } from "./signing-key.ts";
import { canonicalPath, canonicalQuery, type QueryMembers } from "./uri-encoding.ts";

export const defaultMaxSkewMs = 15 * 60 * 1000;
/** What stands for the payload's hash where its chunks are signed; with trailers it is longer. */
const signedChunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
export const hexSignature = /^[0-9a-f]{64}$/;
const wholeSeconds = /^[1-9][0-9]{0,5}$/;

export interface ReceivedRequest {
  readonly method: string;
  /** The request target as received: raw path, then `?` and the raw query where there is one. */
  readonly target: string;
  /** Lower-case names, `host` among them; repeated ones joined by ",". */
  readonly headers: ReadonlyMap<string, string>;
}

export interface VerifiedRequest {
  /** How it was signed: a presigned URL, or the Authorization header. */
  readonly by: "query" | "header";
  readonly accessKeyId: string;
  /** Lower-case names, `host` among them. Insist here on those that a policy needs. */
  readonly signedHeaders: ReadonlySet<string>;
  /** Lower-case hex, to which the caller must hold the body; `UNSIGNED-PAYLOAD`; or `STREAMING-…`. */
  readonly payloadSha256: string;
  /** Where the chunks of an aws-chunked body are signed (`STREAMING-AWS4-HMAC-SHA256-PAYLOAD…`): what checks them. */
  readonly chunks?: ChunkVerifier;
  readonly signedAt: Date;
  /** Of presigned URLs only: the first moment at which it is refused. */
  readonly expiresAt?: Date;
}

export interface VerifierOptions {
  region: string;
  service?: "s3";
  /** Called for each request, so a key withdrawn here stops working at once; what it throws passes through. */
  findSecretAccessKey(accessKeyId: string): string | undefined;
  now(): Date;
  /** How far a date may lie ahead, or, header-signed, back. Milliseconds; default 15 minutes. */
  maxSkewMs?: number;
  /** How far the date of a presigned URL may lie ahead: by as much it may outlive what it says. Milliseconds; default `maxSkewMs`. */
  maxPresignedAheadMs?: number;
  /** The longest life of a presigned URL. Seconds, 1 to 604800; default 604800. */
  maxExpiresInSeconds?: number;
}

function readClaim(query: QueryMembers, headers: ReadonlyMap<string, string>): SignatureClaim {
  const inQuery = readQuerySignature(query, headers);
  const version2 = query.has("AWSAccessKeyId") || query.has("Signature");
  const ways = [inQuery !== undefined, headers.has("authorization"), version2].filter(Boolean).length;
  if (ways > 1) {
    throw new SignatureRefusedError("InvalidArgument", "Only one way of signing is allowed in a request.");
  }
  const claim = inQuery ?? readHeaderSignature(headers);
  if (claim === undefined) {
    throw new SignatureRefusedError("AccessDenied", "The request is not signed with Signature Version 4.");
  }
  if (claim.algorithm !== algorithm) refuseClaim(claim.by, `The algorithm must be ${algorithm}.`);
  if (!isPayloadSha256(claim.payloadSha256))
    throw new SignatureRefusedError("InvalidArgument", "x-amz-content-sha256 is malformed.");
  return claim;
}

function readAccessKeyId({ by, credential }: SignatureClaim, scope: string): string {
  const accessKeyId = credential.endsWith(`/${scope}`) ? credential.slice(0, -scope.length - 1) : "";
  if (isAccessKeyId(accessKeyId)) return accessKeyId;
  return refuseClaim(
    by,
    "The credential must be an access key id, the date's day, and this store's own scope.",
  );
}

function readExpiry(claim: SignatureClaim, signedAt: Date, maxExpiresInSeconds: number): Date | undefined {
  if (claim.expires === undefined) return undefined;
  const seconds = wholeSeconds.test(claim.expires) ? Number(claim.expires) : Number.NaN;
  if (!(seconds <= maxExpiresInSeconds)) {
    refuseClaim(claim.by, `X-Amz-Expires must be 1 to ${maxExpiresInSeconds} whole seconds.`);
  }
  return new Date(signedAt.getTime() + seconds * 1000);
}

/**
 * A function that checks the signature of a request as S3 does. It returns what was signed, or throws
 * SignatureRefusedError, and nothing else, whatever was sent.
 *
 * The signature covers method, `decodeObjectPath(target)`, `decodeQuery(target)` and the signed headers:
 * act on those only. Values of signed headers are covered but for the number of spaces and tabs in a run
 * and at the ends, as SigV4 has it. A session token is covered too, but nothing here knows which were issued.
 *
 * The factory throws RangeError for limits out of range.
 */
export function createVerifier(options: VerifierOptions): (received: ReceivedRequest) => VerifiedRequest {
  const {
    region,
    service = "s3",
    maxSkewMs = defaultMaxSkewMs,
    maxPresignedAheadMs = maxSkewMs,
    maxExpiresInSeconds = longestExpiresInSeconds,
  } = options;
  if (!(maxSkewMs >= 0)) throw new RangeError("maxSkewMs must be 0 or more");
  if (!(maxPresignedAheadMs >= 0)) throw new RangeError("maxPresignedAheadMs must be 0 or more");
  if (!(maxExpiresInSeconds >= 1 && maxExpiresInSeconds <= longestExpiresInSeconds)) {
    throw new RangeError(`maxExpiresInSeconds must be 1 to ${longestExpiresInSeconds}`);
  }
  const signingKey = createSigningKeys({ region, service });

  return ({ method, target, headers }) => {
    if (!isMethod(method)) throw new SignatureRefusedError("AccessDenied", "The method is malformed.");
    const path = canonicalPath(decodeObjectPath(target));
    const query = decodeQuery(target);
    const claim = readClaim(query, headers);
    const { by, amzDate, payloadSha256 } = claim;

    const signedAt =
      parseAmzDate(amzDate) ?? refuseClaim(by, "The date must have the form 20130524T000000Z.");
    const scope = credentialScope(amzDate, region, service);
    const accessKeyId = readAccessKeyId(claim, scope);
    const signedHeaders = checkSignedHeaders(claim, headers);
    const expiresAt = readExpiry(claim, signedAt, maxExpiresInSeconds);
    const mostMs = expiresAt === undefined ? maxSkewMs : maxPresignedAheadMs;
    checkSigningTime(options.now().getTime(), signedAt, expiresAt, mostMs);

    const secretAccessKey = options.findSecretAccessKey(accessKeyId);
    // An empty secret would be one that everybody knows.
    if (secretAccessKey === undefined || secretAccessKey === "") {
      throw new SignatureRefusedError("InvalidAccessKeyId", "The access key id does not exist here.");
    }
    const signedQuery = new Map(query);
    signedQuery.delete("X-Amz-Signature");
    const canonical = canonicalRequest({
      method,
      path,
      query: canonicalQuery(signedQuery),
      signedHeaderNames: [...signedHeaders],
      headers,
      payloadSha256,
    });
    const key = signingKey(accessKeyId, secretAccessKey, amzDate);
    const expected = signCanonical(key, amzDate, scope, canonical);
    if (
      !hexSignature.test(claim.signature) ||
      !timingSafeEqual(Buffer.from(expected), Buffer.from(claim.signature))
    ) {
      throw new SignatureRefusedError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided.",
      );
    }
    const isChunkSigned = payloadSha256.startsWith(signedChunks);
    const verified = {
      by,
      accessKeyId,
      signedHeaders,
      payloadSha256,
      ...(isChunkSigned && { chunks: createChunkVerifier({ key, amzDate, scope, seedSignature: expected }) }),
      signedAt,
    };
    return expiresAt === undefined ? verified : { ...verified, expiresAt };
  };
}
