import { ClientError, FileUnreadableError, ProblemError } from "@stowage/client";
import { isSystemError, sentenceOfSystemError } from "./system-error.ts";

/** Why a file could not be sent, in a sentence. */
export function sentenceOf(error: unknown): string {
  if (error instanceof FileUnreadableError && isSystemError(error.cause))
    return sentenceOfSystemError(error.cause);
  return error instanceof Error ? error.message : String(error);
}

/** The same for programs: the API's problem as it is, or a code and a sentence. */
export function problemOf(error: unknown): object {
  if (error instanceof ProblemError) return error.problem;
  return { code: error instanceof ClientError ? error.code : "failed", detail: sentenceOf(error) };
}
