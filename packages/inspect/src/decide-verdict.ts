import { createHash } from "node:crypto";
import type { DecodeOutcome } from "./decode-child.ts";
import type { Accepted, EncodedPicture } from "./examination.ts";
import type { DocumentFacts, Inspection, MadeDerivative } from "./inspection.ts";
import { InspectionFailedError } from "./inspection-failed-error.ts";
import type { ReceivedBody } from "./receive-body.ts";

/** What the end of a decoding process's work says about the file. Throws where it says nothing about it. */
export function decideVerdict(
  outcome: DecodeOutcome,
  { sizeBytes, sha256 }: Pick<ReceivedBody, "sizeBytes" | "sha256">,
  decodeTimeoutMs: number,
): Inspection {
  const accept = ({ pictures, pieces: _, ...accepted }: Accepted): Inspection => ({
    ...accepted,
    sizeBytes,
    sha256,
    derivatives: pictures.map(asDerivative),
  });
  switch (outcome.kind) {
    case "examined": {
      const { examination } = outcome;
      return examination.verdict === "rejected" ? { ...examination, sizeBytes, sha256 } : accept(examination);
    }
    case "timed-out": {
      if (outcome.soFar) return accept(undrawn(outcome.soFar, "timeout"));
      const seconds = (decodeTimeoutMs / 1000).toLocaleString("en");
      const detail = `The file could not be checked within ${seconds} seconds.`;
      return { verdict: "rejected", code: "timeout", detail, sizeBytes, sha256 };
    }
    case "out-of-memory": {
      if (outcome.soFar) return accept(undrawn(outcome.soFar, "memory"));
      const detail = "The file needs more memory than one file may take while it is checked.";
      return { verdict: "rejected", code: "processing-failed", detail, sizeBytes, sha256 };
    }
    case "crashed": {
      if (outcome.soFar) return accept(undrawn(outcome.soFar, "failed"));
      const detail = "The file could not be processed: reading it ended the program that does so.";
      return { verdict: "rejected", code: "processing-failed", detail, sizeBytes, sha256 };
    }
    case "file-unreadable":
      throw new InspectionFailedError("temporary-file-failed", "The temporary copy could not be read.", {
        cause: outcome.reason,
      });
    case "aborted":
      throw new InspectionFailedError("aborted", "The inspection was aborted.");
  }
}

/**
 * A document was opened and counted: it is sound, and only its page could not be drawn. Of a film nothing is drawn: it only
 * was not worked out what others get of it.
 */
function undrawn(soFar: Accepted, reason: NonNullable<DocumentFacts["undrawn"]>): Accepted {
  if (!soFar.document) return soFar;
  return { ...soFar, document: { ...soFar.document, undrawn: reason } };
}

function asDerivative({ name, format, width, height, bytes }: EncodedPicture): MadeDerivative {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { name, contentType: `image/${format}`, width, height, bytes, sha256 };
}
