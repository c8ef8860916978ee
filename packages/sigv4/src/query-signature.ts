import { unsignedPayload } from "./canonical-request.ts";
import type { SignatureClaim } from "./signature-claim.ts";
import { SignatureRefusedError } from "./signature-refused-error.ts";
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

function refuse(reason: string): never {
  throw new SignatureRefusedError("AuthorizationQueryParametersError", reason);
}

/**
 * The signature that a query claims, or undefined where it holds no member of one.
 * Throws SignatureRefusedError (`AuthorizationQueryParametersError`) where some are missing or misspelt.
 */
export function readQuerySignature(
  query: QueryMembers,
  headers: ReadonlyMap<string, string>,
): SignatureClaim | undefined {
  let found = false;
  for (const name of query.keys()) {
    if (!isSignatureMember(name)) continue;
    if (!exactNames.has(name)) refuse("A query member of the signature is misspelt.");
    found = true;
  }
  if (!found) return undefined;

  const required = (name: (typeof signatureMembers)[number]): string =>
    query.get(name) ?? refuse(`The query member ${name} is missing.`);

  // S3 signs presigned requests as UNSIGNED-PAYLOAD unless they say otherwise; the SDK says so in the query.
  const inQuery = query.get("X-Amz-Content-Sha256");
  const inHeader = headers.get("x-amz-content-sha256");
  if (inQuery !== undefined && inHeader !== undefined && inQuery !== inHeader) {
    refuse("X-Amz-Content-Sha256 differs between query and headers.");
  }
  return {
    by: "query",
    algorithm: required("X-Amz-Algorithm"),
    credential: required("X-Amz-Credential"),
    amzDate: required("X-Amz-Date"),
    expires: required("X-Amz-Expires"),
    signedHeaders: required("X-Amz-SignedHeaders"),
    signature: required("X-Amz-Signature"),
    payloadSha256: inQuery ?? inHeader ?? unsignedPayload,
  };
}
