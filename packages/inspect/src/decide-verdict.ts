import { createHash } from "node:crypto";
import type { DecodeOutcome } from "./decode-child.ts";
import type { EncodedPicture } from "./examination.ts";
import type { Inspection, MadeDerivative } from "./inspection.ts";
import { InspectionFailedError } from "./inspection-failed-error.ts";
import type { ReceivedBody } from "./receive-body.ts";

/** What the end of a decoding process's work says about the file. Throws where it says nothing about it. */
export function decideVerdict(
  outcome: DecodeOutcome,
  { sizeBytes, sha256 }: Pick<ReceivedBody, "sizeBytes" | "sha256">,
  decodeTimeoutMs: number,
): Inspection {
  switch (outcome.kind) {
    case "examined": {
      if (outcome.examination.verdict === "rejected") return { ...outcome.examination, sizeBytes, sha256 };
      const { pictures, ...accepted } = outcome.examination;
      return { ...accepted, sizeBytes, sha256, derivatives: pictures.map(asDerivative) };
    }
    case "timed-out": {
      const seconds = (decodeTimeoutMs / 1000).toLocaleString("en");
      const detail = `The file could not be checked within ${seconds} seconds.`;
      return { verdict: "rejected", code: "timeout", detail, sizeBytes, sha256 };
    }
    case "out-of-memory": {
      const detail = "The file needs more memory than one file may take while it is checked.";
      return { verdict: "rejected", code: "processing-failed", detail, sizeBytes, sha256 };
    }
    case "crashed": {
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

function asDerivative({ name, width, height, bytes }: EncodedPicture): MadeDerivative {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { name, contentType: "image/webp", width, height, bytes, sha256 };
}
