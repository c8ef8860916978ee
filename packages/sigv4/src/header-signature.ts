import { refuseClaim, type SignatureClaim } from "./signature-claim.ts";

const authorizationPattern =
  /^(AWS4-[A-Z0-9-]+) +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([^,\s]+)$/;

/**
 * The signature that an Authorization header claims, or undefined where there is none.
 * Throws SignatureRefusedError (`AuthorizationHeaderMalformed`) where the header is of another kind, or
 * `x-amz-date` or `x-amz-content-sha256` is missing.
 */
export function readHeaderSignature(headers: ReadonlyMap<string, string>): SignatureClaim | undefined {
  const authorization = headers.get("authorization");
  if (authorization === undefined) return undefined;
  const parts = authorizationPattern.exec(authorization);
  if (parts === null)
    return refuseClaim("header", "The authorization header is not one of Signature Version 4.");
  const [, algorithm = "", credential = "", signedHeaders = "", signature = ""] = parts;
  const required = (name: string): string =>
    headers.get(name) ?? refuseClaim("header", `The header ${name} is missing.`);
  return {
    by: "header",
    algorithm,
    credential,
    signedHeaders,
    signature,
    amzDate: required("x-amz-date"),
    payloadSha256: required("x-amz-content-sha256"),
  };
}
