import { z } from "zod";

/** Why verification refused an upload: a closed list. */
export const rejectionCodes = [
  "checksum-mismatch",
  "size-mismatch",
  "type-mismatch",
  "type-not-allowed",
  "malware",
  "corrupt",
  "too-many-pixels",
  "archive-unsafe",
  "active-content",
  "processing-failed",
  "timeout",
] as const;

export type RejectionCode = (typeof rejectionCodes)[number];

export const rejectionSchema = z
  .object({
    code: z.enum(rejectionCodes),
    detail: z.string().describe("A sentence for the person who sent the file"),
  })
  .meta({ id: "Rejection" });

export type Rejection = z.infer<typeof rejectionSchema>;
