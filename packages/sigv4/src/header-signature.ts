import { refuseClaim, type SignatureClaim } from "./signature-claim.ts";
import { SignatureRefusedError } from "./signature-refused-error.ts";

const authorizationPattern =
  /^(AWS4-[A-Z0-9-]+) +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([^,\s]+)$/;

/**
 * The signature that an Authorization header claims, or undefined where there is none.
 * Throws SignatureRefusedError as S3 does: `InvalidArgument` for another scheme, `AuthorizationHeaderMalformed` for
 * one that is incomplete, `AccessDenied` without `x-amz-date`, `InvalidRequest` without `x-amz-content-sha256`.
 */
export function readHeaderSignature(headers: ReadonlyMap<string, string>): SignatureClaim | undefined {
  const authorization = headers.get("authorization");
  if (authorization === undefined) return undefined;
  if (!authorization.startsWith("AWS4-"))
    throw new SignatureRefusedError("InvalidArgument", "Unsupported Authorization Type");
  const parts = authorizationPattern.exec(authorization);
  if (parts === null)
    return refuseClaim("header", "The authorization header is not one of Signature Version 4.");
  const [, algorithm = "", credential = "", signedHeaders = "", signature = ""] = parts;
  const amzDate = headers.get("x-amz-date");
  if (amzDate === undefined)
    throw new SignatureRefusedError("AccessDenied", "AWS authentication requires a valid x-amz-date header");
  const payloadSha256 = headers.get("x-amz-content-sha256");
  if (payloadSha256 === undefined)
    throw new SignatureRefusedError(
      "InvalidRequest",
      "Missing required header for this request: x-amz-content-sha256",
    );
  return {
    by: "header",
    algorithm,
    credential,
    signedHeaders,
    signature,
    amzDate,
    payloadSha256,
  };
}
