import {
  ClientError,
  FileChangedError,
  FileUnreadableError,
  ProblemError,
  StoreRefusedError,
} from "@stowage/client";
import { isSystemError, sentenceOfSystemError } from "./system-error.ts";

/** Why a file could not be sent, in a sentence. */
export function sentenceOf(error: unknown): string {
  if (error instanceof FileUnreadableError && isSystemError(error.cause))
    return sentenceOfSystemError(error.cause);
  // Stands behind the file's name, which the client's own sentences repeat.
  if (error instanceof FileChangedError) return "It changed while it was being sent: put it again.";
  if (error instanceof StoreRefusedError && error.storeCode === "InsufficientStorage")
    return "The server has no room left for it.";
  return error instanceof Error ? error.message : String(error);
}

/** The same for programs: the API's problem as it is, or a code and a sentence. */
export function problemOf(error: unknown): object {
  if (error instanceof ProblemError) return error.problem;
  return { code: error instanceof ClientError ? error.code : "failed", detail: sentenceOf(error) };
}
