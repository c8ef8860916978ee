import { z } from "zod";

/**
 * Every problem code that the API answers with, and the HTTP status that goes with it.
 * Codes are stable: clients switch on them, and on nothing else.
 */
export const problemStatuses = {
  "malformed-json": 400,
  "validation-failed": 400,
  "unsupported-combination": 400,
  unauthenticated: 401,
  "account-deleted": 401,
  "insufficient-scope": 403,
  forbidden: 403,
  "quota-exceeded": 403,
  "passphrase-required": 403,
  "passphrase-wrong": 403,
  "no-shots-left": 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "not-acceptable": 406,
  "request-timeout": 408,
  "ref-reused": 409,
  "bytes-missing": 409,
  "parts-missing": 409,
  "not-multipart": 409,
  "sha256-conflict": 409,
  "upload-gone": 409,
  "upload-not-pending": 409,
  "file-not-trashed": 409,
  "file-not-ready": 409,
  "version-current": 409,
  sealed: 409,
  "too-many-grants": 409,
  "too-many-links": 409,
  "too-many-tokens": 409,
  "not-sealed": 409,
  "last-owner": 409,
  "guest-owner": 409,
  "album-full": 409,
  "too-many-invites": 409,
  "precondition-failed": 412,
  "file-too-large": 413,
  "body-too-large": 413,
  "unsupported-media-type": 415,
  "type-not-allowed": 415,
  "idempotency-key-reused": 422,
  "precondition-required": 428,
  "too-many-open-uploads": 429,
  "too-many-archives": 429,
  "rate-limited": 429,
  "headers-too-large": 431,
  "internal-error": 500,
  "derivative-pending": 503,
  unavailable: 503,
} as const;

export type ProblemCode = keyof typeof problemStatuses;

export const problemCodes = Object.keys(problemStatuses) as [ProblemCode, ...ProblemCode[]];

/** One bad member of a request: where it is (RFC 6901) and what is wrong with it. */
export const memberErrorSchema = z.object({
  pointer: z.string().describe("JSON pointer (RFC 6901) to the member; query members as /query/NAME"),
  detail: z.string(),
});

/** RFC 9457 problem details, with a stable `code`. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(problemCodes),
    requestId: z.string().optional(),
    errors: z.array(memberErrorSchema).optional(),
    missingParts: z
      .array(z.int())
      .optional()
      .describe(
        "With parts-missing: the numbers of parts to send, ascending; the first 1000 where there are more",
      ),
  })
  .meta({ id: "Problem", description: "RFC 9457 problem details with a stable code" });

export type MemberError = z.infer<typeof memberErrorSchema>;
export type Problem = z.infer<typeof problemSchema>;
