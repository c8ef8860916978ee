import type { SignatureClaim } from "./signature-claim.ts";
import { SignatureRefusedError } from "./signature-refused-error.ts";

const authorizationPattern =
  /^(AWS4-[A-Z0-9-]+) +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([^,\s]+)$/;

function refuse(reason: string): never {
  throw new SignatureRefusedError("AuthorizationHeaderMalformed", reason);
}

/**
 * The signature that an Authorization header claims, or undefined where there is none.
 * Throws SignatureRefusedError (`AuthorizationHeaderMalformed`) where the header is of another kind, or
 * `x-amz-date` or `x-amz-content-sha256` is missing.
 */
export function readHeaderSignature(headers: ReadonlyMap<string, string>): SignatureClaim | undefined {
  const authorization = headers.get("authorization");
  if (authorization === undefined) return undefined;
  const [, algorithm, credential, signedHeaders, signature] = authorizationPattern.exec(authorization) ?? [];
  if (
    algorithm === undefined ||
    credential === undefined ||
    signedHeaders === undefined ||
    signature === undefined
  ) {
    return refuse("The authorization header is not one of AWS Signature Version 4.");
  }
  return {
    by: "header",
    algorithm,
    credential,
    signedHeaders,
    signature,
    amzDate: headers.get("x-amz-date") ?? refuse("The header x-amz-date is missing."),
    payloadSha256:
      headers.get("x-amz-content-sha256") ?? refuse("The header x-amz-content-sha256 is missing."),
  };
}
