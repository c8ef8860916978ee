import { NotSignedInError, ProblemError } from "@stowage/client";

/** Whether an album is nothing any more to who came without an account: their right was taken back, has run out, or the album is gone. */
export const hasEnded = (error: Error): boolean =>
  error instanceof NotSignedInError || (error instanceof ProblemError && error.code === "not-found");
