import { timingSafeEqual } from "node:crypto";
import { parseAmzDate } from "./amz-date.ts";
import { isHeaderName, isHeaderValue } from "./canonical-headers.ts";
import { algorithm, canonicalRequest, credentialScope, isPayloadSha256, sign } from "./canonical-request.ts";
import { readHeaderSignature } from "./header-signature.ts";
import { longestExpiresInSeconds } from "./presign-url.ts";
import { readQuerySignature } from "./query-signature.ts";
import { decodeObjectPath, decodeQuery } from "./request-target.ts";
import { isMethod } from "./signable-request.ts";
import type { SignatureClaim } from "./signature-claim.ts";
import { SignatureRefusedError } from "./signature-refused-error.ts";
import { createSigningKeys } from "./signing-key.ts";
import { canonicalPath, canonicalQuery } from "./uri-encoding.ts";

const defaultMaxSkewMs = 15 * 60 * 1000;
const hexSignature = /^[0-9a-f]{64}$/;
const wholeSeconds = /^[1-9][0-9]{0,8}$/;

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
  readonly signedAt: Date;
  /** Of presigned URLs only: the first moment at which it is refused. */
  readonly expiresAt?: Date;
}

export interface VerifierOptions {
  region: string;
  service?: "s3";
  /** Called for each request, so a key withdrawn here stops working at once. */
  findSecretAccessKey(accessKeyId: string): string | undefined;
  now(): Date;
  /** How far a date may lie ahead, or, header-signed, back. Milliseconds; default 15 minutes. */
  maxSkewMs?: number;
  /** The longest life of a presigned URL. Seconds, 1 to 604800; default 604800. */
  maxExpiresInSeconds?: number;
}

/** The error code for a claim that is malformed, by where it was made. */
function malformed(claim: SignatureClaim, reason: string): SignatureRefusedError {
  const code = claim.by === "query" ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed";
  return new SignatureRefusedError(code, reason);
}

function readClaim(query: ReadonlyMap<string, string>, headers: ReadonlyMap<string, string>): SignatureClaim {
  const inQuery = readQuerySignature(query, headers);
  if (inQuery !== undefined && headers.has("authorization")) {
    throw new SignatureRefusedError("AccessDenied", "Only one way of signing is allowed in a request.");
  }
  const claim = inQuery ?? readHeaderSignature(headers);
  if (claim === undefined) throw new SignatureRefusedError("AccessDenied", "The request is not signed.");
  if (claim.algorithm !== algorithm) throw malformed(claim, `The algorithm must be ${algorithm}.`);
  if (!isPayloadSha256(claim.payloadSha256)) throw malformed(claim, "x-amz-content-sha256 is malformed.");
  return claim;
}

/** Throws unless the names are in canonical order and hold `host` and every x-amz-* header received. */
function readSignedHeaders(claim: SignatureClaim, headers: ReadonlyMap<string, string>): ReadonlySet<string> {
  const names = claim.signedHeaders.split(";");
  let previous = "";
  for (const name of names) {
    if (!isHeaderName(name) || name <= previous) {
      throw malformed(claim, "The signed headers must be lower-case names, sorted, each once.");
    }
    previous = name;
    const value = headers.get(name);
    if (value === undefined) {
      throw new SignatureRefusedError(
        "SignatureDoesNotMatch",
        "A signed header is missing from the request.",
      );
    }
    if (!isHeaderValue(value)) {
      throw new SignatureRefusedError("SignatureDoesNotMatch", "A signed header is not printable ASCII.");
    }
  }
  const signed = new Set(names);
  if (!signed.has("host")) throw malformed(claim, "The header host must be signed.");
  for (const name of headers.keys()) {
    if (name.startsWith("x-amz-") && !signed.has(name)) {
      throw new SignatureRefusedError(
        "AccessDenied",
        "There were headers present in the request which were not signed",
      );
    }
  }
  return signed;
}

function readExpiry(claim: SignatureClaim, signedAt: Date, maxExpiresInSeconds: number): Date | undefined {
  if (claim.expires === undefined) return undefined;
  const seconds = wholeSeconds.test(claim.expires) ? Number(claim.expires) : Number.NaN;
  if (!(seconds <= maxExpiresInSeconds)) {
    throw malformed(claim, `X-Amz-Expires must be 1 to ${maxExpiresInSeconds} whole seconds.`);
  }
  return new Date(signedAt.getTime() + seconds * 1000);
}

function assertInTime(nowMs: number, signedAt: Date, expiresAt: Date | undefined, maxSkewMs: number): void {
  const aheadMs = signedAt.getTime() - nowMs;
  if (aheadMs > maxSkewMs || (expiresAt === undefined && -aheadMs > maxSkewMs)) {
    throw new SignatureRefusedError(
      "RequestTimeTooSkewed",
      "The difference between the request time and the server's time is too large.",
    );
  }
  if (expiresAt !== undefined && nowMs >= expiresAt.getTime()) {
    throw new SignatureRefusedError("AccessDenied", "Request has expired");
  }
}

/**
 * A function that checks the signature of a request as S3 does. It returns what was signed, or throws
 * SignatureRefusedError, and nothing else, whatever was sent.
 *
 * The signature covers method, `decodeObjectPath(target)`, `decodeQuery(target)` and the signed headers:
 * act on those only. Values of signed headers are covered but for the number of spaces in a run, as SigV4
 * has it. A session token is covered too, but nothing here knows which tokens were issued.
 *
 * The factory throws RangeError for limits out of range.
 */
export function createVerifier(options: VerifierOptions): (received: ReceivedRequest) => VerifiedRequest {
  const {
    region,
    service = "s3",
    maxSkewMs = defaultMaxSkewMs,
    maxExpiresInSeconds = longestExpiresInSeconds,
  } = options;
  if (!(maxSkewMs >= 0)) throw new RangeError("maxSkewMs must be 0 or more");
  if (!(maxExpiresInSeconds >= 1 && maxExpiresInSeconds <= longestExpiresInSeconds)) {
    throw new RangeError(`maxExpiresInSeconds must be 1 to ${longestExpiresInSeconds}`);
  }
  const signingKey = createSigningKeys({ region, service });

  return ({ method, target, headers }) => {
    if (!isMethod(method)) throw new SignatureRefusedError("AccessDenied", "The method is malformed.");
    const path = canonicalPath(decodeObjectPath(target));
    const query = new Map(decodeQuery(target));
    const claim = readClaim(query, headers);

    const signedAt = parseAmzDate(claim.amzDate);
    if (signedAt === undefined) throw malformed(claim, "The date must have the form 20130524T000000Z.");
    const day = claim.amzDate.slice(0, 8);
    const scope = credentialScope(day, region, service);
    if (!claim.credential.endsWith(`/${scope}`)) {
      throw malformed(
        claim,
        "The credential must name the date's day, this region, this service and aws4_request.",
      );
    }
    const accessKeyId = claim.credential.slice(0, -scope.length - 1);

    const signedHeaders = readSignedHeaders(claim, headers);
    const expiresAt = readExpiry(claim, signedAt, maxExpiresInSeconds);
    assertInTime(options.now().getTime(), signedAt, expiresAt, maxSkewMs);

    const secretAccessKey = options.findSecretAccessKey(accessKeyId);
    if (secretAccessKey === undefined) {
      throw new SignatureRefusedError("InvalidAccessKeyId", "The access key id does not exist here.");
    }
    query.delete("X-Amz-Signature");
    const expected = sign(
      signingKey(accessKeyId, secretAccessKey, day),
      claim.amzDate,
      scope,
      canonicalRequest({
        method,
        path,
        query: canonicalQuery(query),
        signedHeaderNames: [...signedHeaders],
        headers,
        payloadSha256: claim.payloadSha256,
      }),
    );
    if (
      !hexSignature.test(claim.signature) ||
      !timingSafeEqual(expected, Buffer.from(claim.signature, "hex"))
    ) {
      throw new SignatureRefusedError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided.",
      );
    }
    const verified = {
      by: claim.by,
      accessKeyId,
      signedHeaders,
      payloadSha256: claim.payloadSha256,
      signedAt,
    };
    return expiresAt === undefined ? verified : { ...verified, expiresAt };
  };
}
