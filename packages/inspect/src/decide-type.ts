import { canonicalContentType, commonName } from "./content-type.ts";
import type { Rejected } from "./examination.ts";

export type TypeDecision = { readonly verdict: "accepted"; readonly contentType: string } | Rejected;

/**
 * Whether a file may be what it is: first that its content is what was declared, then that this is allowed.
 *
 * @param content - the canonical type that the bytes have; `undefined` where nothing recognises them
 */
export function decideType(
  content: string | undefined,
  declaredContentType: string,
  allowedContentTypes: readonly string[],
): TypeDecision {
  const declared = canonicalContentType(declaredContentType);
  if (content === undefined) {
    return {
      verdict: "rejected",
      code: "type-mismatch",
      detail: `The file was declared as ${declaredContentType}, but its bytes are not recognised as ${commonName(declared)}, nor as anything else.`,
    };
  }
  if (content !== declared) {
    return {
      verdict: "rejected",
      code: "type-mismatch",
      detail: `The file was declared as ${declaredContentType}, but the bytes are ${commonName(content)}.`,
    };
  }
  const allowed = [...new Set(allowedContentTypes.map(canonicalContentType))];
  if (!allowed.includes(content)) {
    const accepted = allowed.length > 0 ? ` Accepted are: ${allowed.map(commonName).join(", ")}.` : "";
    return {
      verdict: "rejected",
      code: "type-not-allowed",
      detail: `Files of the type ${commonName(content)} are not accepted here.${accepted}`,
    };
  }
  return { verdict: "accepted", contentType: content };
}
