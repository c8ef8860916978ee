import { presignedPayload } from "./canonical-request.ts";
import { refuseClaim, type SignatureClaim } from "./signature-claim.ts";
import type { QueryMembers } from "./uri-encoding.ts";

const signatureMembers = [
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-Security-Token",
  "X-Amz-Signature",
  "X-Amz-SignedHeaders",
] as const;
const exactNames: ReadonlySet<string> = new Set(signatureMembers);
const lowerCaseNames: ReadonlySet<string> = new Set(signatureMembers.map((name) => name.toLowerCase()));

/** Whether a query member belongs to a presigned URL's signature, in any case of letters. */
export function isSignatureMember(name: string): boolean {
  return lowerCaseNames.has(name.toLowerCase());
}

/**
 * The signature that a query claims, or undefined where it holds no member of one.
 * Throws SignatureRefusedError (`AuthorizationQueryParametersError`) where some are missing or misspelt.
 */
export function readQuerySignature(
  query: QueryMembers,
  headers: ReadonlyMap<string, string>,
): SignatureClaim | undefined {
  const found = [...query.keys()].filter(isSignatureMember);
  if (found.length === 0) return undefined;
  if (!found.every((name) => exactNames.has(name))) {
    refuseClaim("query", "A query member of the signature is misspelt.");
  }
  const required = (name: (typeof signatureMembers)[number]): string =>
    query.get(name) ?? refuseClaim("query", `The query member ${name} is missing.`);

  // The AWS SDK hoists this header into the query of what it presigns.
  const payloadSha256 =
    presignedPayload(query.get("X-Amz-Content-Sha256"), headers.get("x-amz-content-sha256")) ??
    refuseClaim("query", "X-Amz-Content-Sha256 differs between query and headers.");
  return {
    by: "query",
    algorithm: required("X-Amz-Algorithm"),
    credential: required("X-Amz-Credential"),
    amzDate: required("X-Amz-Date"),
    expires: required("X-Amz-Expires"),
    signedHeaders: required("X-Amz-SignedHeaders"),
    signature: required("X-Amz-Signature"),
    payloadSha256,
  };
}
