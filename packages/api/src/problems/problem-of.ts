import type { Refusal } from "@stowage/core";
import { type MemberError, type Problem, type ProblemCode, problemStatuses } from "@stowage/protocol";

/** Where the page is that lists every problem. */
export const problemsPath = "/docs/problems";

/** What each code says to a person, in a few words. */
export const problemTitles: Readonly<Record<ProblemCode, string>> = {
  "malformed-json": "The body is not JSON",
  "validation-failed": "The request is not as it must be",
  "unsupported-combination": "These parameters do not go together",
  unauthenticated: "Not signed in",
  "account-deleted": "The account was deleted",
  "insufficient-scope": "The token does not allow this",
  forbidden: "You may see this, but not do that",
  "quota-exceeded": "No room left",
  "passphrase-required": "A passphrase is needed",
  "passphrase-wrong": "Not the passphrase",
  "no-shots-left": "No shots left",
  "not-found": "Not found",
  "method-not-allowed": "Not with this method",
  "not-acceptable": "Not in this form",
  "request-timeout": "The request took too long",
  "ref-reused": "The ref names another upload",
  "bytes-missing": "The bytes have not arrived",
  "parts-missing": "Parts have not arrived",
  "not-multipart": "The upload is not in parts",
  "sha256-conflict": "Another SHA-256 was declared",
  "upload-gone": "The upload is gone",
  "upload-not-pending": "The upload can't be aborted any more",
  "file-not-trashed": "The file is not in the trash",
  "file-not-ready": "The file can't be changed as it is",
  "too-many-links": "Too many links",
  "too-many-tokens": "Too many tokens",
  sealed: "Sealed until its album is revealed",
  "version-current": "The current version can't be deleted",
  "too-many-grants": "Shared with too many people",
  "not-sealed": "The album is not sealed",
  "last-owner": "An album has an owner",
  "guest-owner": "A guest can't own an album",
  "album-full": "The album is full",
  "too-many-invites": "Too many invites",
  "precondition-failed": "Changed meanwhile",
  "file-too-large": "The file is too large",
  "body-too-large": "The request is too large",
  "unsupported-media-type": "Not this kind of body",
  "type-not-allowed": "Files of this type are not taken",
  "idempotency-key-reused": "The Idempotency-Key is another request’s",
  "precondition-required": "If-Match is missing",
  "too-many-open-uploads": "Too many open uploads",
  "too-many-archives": "Too many archives at a time",
  "rate-limited": "Too many requests",
  "headers-too-large": "The request's headers are too large",
  "internal-error": "Something went wrong here",
  "derivative-pending": "The picture is being made",
  unavailable: "Try again later",
};

/** RFC 9457 problem details. `type` is a relative reference to the page that lists them all. */
export function problemOf(
  code: ProblemCode,
  detail: string,
  {
    requestId,
    errors,
    missingParts,
  }: {
    readonly requestId?: string;
    readonly errors?: readonly MemberError[];
    readonly missingParts?: readonly number[];
  } = {},
): Problem {
  return {
    type: `${problemsPath}#${code}`,
    title: problemTitles[code],
    status: problemStatuses[code],
    detail,
    code,
    ...(requestId === undefined ? {} : { requestId }),
    ...(errors === undefined || errors.length === 0 ? {} : { errors: [...errors] }),
    ...(missingParts === undefined ? {} : { missingParts: [...missingParts] }),
  };
}

/** A refusal of the domain's, with a pointer to its member below `base` (e.g. `/files/3`). */
export const problemOfRefusal = (refusal: Refusal, base: string, requestId?: string): Problem =>
  problemOf(refusal.code, refusal.detail, {
    ...(requestId === undefined ? {} : { requestId }),
    ...(refusal.missingParts === undefined ? {} : { missingParts: refusal.missingParts }),
    ...(refusal.member === undefined
      ? {}
      : { errors: [{ pointer: `${base}/${refusal.member}`, detail: refusal.detail }] }),
  });
