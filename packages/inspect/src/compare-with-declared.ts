import type { Inspection, InspectionRequest } from "./inspection.ts";
import type { ReceivedBody } from "./receive-body.ts";

/**
 * Whether the bytes that arrived are those that were declared, before anything looks into them.
 * @returns the refusal; `undefined` where there is none
 */
export function compareWithDeclared(
  received: ReceivedBody,
  declared: Pick<InspectionRequest, "declaredSizeBytes" | "declaredSha256">,
): Inspection | undefined {
  const bytes = `${declared.declaredSizeBytes.toLocaleString("en")} bytes`;
  if (!received.complete) {
    const detail = `The file is larger than the ${bytes} that were declared.`;
    return { verdict: "rejected", code: "size-mismatch", detail };
  }
  const { sizeBytes, sha256, wrongPart } = received;
  if (sizeBytes < declared.declaredSizeBytes) {
    const detail = `The file was declared to have ${bytes}, but only ${sizeBytes.toLocaleString("en")} arrived.`;
    return { verdict: "rejected", code: "size-mismatch", detail, sizeBytes, sha256 };
  }
  if (declared.declaredSha256 !== undefined && declared.declaredSha256 !== sha256) {
    const detail = "The file was changed on its way: its SHA-256 checksum is not the one that was declared.";
    return { verdict: "rejected", code: "checksum-mismatch", detail, sizeBytes, sha256 };
  }
  if (wrongPart !== undefined) {
    const detail = `The file was changed on its way: the SHA-256 checksum of part ${wrongPart} is not the one that was declared.`;
    return { verdict: "rejected", code: "checksum-mismatch", detail, sizeBytes, sha256 };
  }
  if (sizeBytes === 0) {
    const detail = "The file is empty: it has no content at all.";
    return { verdict: "rejected", code: "corrupt", detail, sizeBytes, sha256 };
  }
  return undefined;
}
