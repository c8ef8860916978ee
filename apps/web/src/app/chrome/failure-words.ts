import { ClientError, ProblemError } from "@stowage/client";

/** Why something could not be had, for a person. */
export function failureWords(error: unknown): string {
  if (error instanceof ProblemError && error.problem.status < 500) return error.problem.detail;
  const code = error instanceof ClientError ? error.code : undefined;
  if (code === "network") return "The server can’t be reached. Your files are where they were.";
  if (code === "not-signed-in") return "You are signed out here. Load the page again to sign in.";
  return "The server does not answer as it should. Your files are where they were.";
}
