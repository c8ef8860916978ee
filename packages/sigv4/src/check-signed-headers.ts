import { isHeaderName, isHeaderValue } from "./canonical-headers.ts";
import { refuseClaim, type SignatureClaim } from "./signature-claim.ts";
import { SignatureRefusedError } from "./signature-refused-error.ts";

/**
 * The names that a claim says were signed. Throws SignatureRefusedError unless they are in canonical
 * order, were all received with plain values, and hold `host` and every `x-amz-*` header received.
 */
export function checkSignedHeaders(
  claim: SignatureClaim,
  headers: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  const signed = new Set<string>();
  let previous = "";
  for (const name of claim.signedHeaders.split(";")) {
    if (!isHeaderName(name) || name <= previous) {
      refuseClaim(claim.by, "The signed headers must be lower-case names, sorted, each once.");
    }
    previous = name;
    const value = headers.get(name);
    if (value === undefined || !isHeaderValue(value)) {
      const reason = value === undefined ? "missing from the request" : "not printable ASCII";
      throw new SignatureRefusedError("SignatureDoesNotMatch", `A signed header is ${reason}.`);
    }
    signed.add(name);
  }
  if (!signed.has("host")) refuseClaim(claim.by, "The header host must be signed.");
  for (const name of headers.keys()) {
    if (name.toLowerCase().startsWith("x-amz-") && !signed.has(name)) {
      throw new SignatureRefusedError(
        "AccessDenied",
        "There were headers present in the request which were not signed",
      );
    }
  }
  return signed;
}
