import { ClientError, ProblemError, StoreRefusedError } from "../errors.ts";
import type { UploadProblem } from "./upload-item.ts";

export interface Failure {
  readonly problem: UploadProblem;
  /** It passes by itself, or with the person's help, and the file goes on then. */
  readonly waitsFor?: "network" | "sign-in";
  readonly canRetry: boolean;
}

/** What an error means for the file and for the person. */
export function describeFailure(error: unknown, name: string): Failure {
  const code = error instanceof ClientError ? error.code : "unexpected";
  const failure = (detail: string, waitsFor?: Failure["waitsFor"], canRetry = true): Failure => ({
    problem: { code, detail },
    canRetry,
    ...(waitsFor && { waitsFor }),
  });
  // Tried again and again already: who is in trouble, or has too much to do, comes back as a network does.
  const answered = (status: number, detail: string) =>
    status >= 500 || status === 429
      ? failure(detail, "network")
      : failure(detail, undefined, !hopeless.has(code));
  switch (code) {
    case "network":
      return failure("The server can't be reached.", code);
    case "other-person":
    case "unknown-person":
      return failure((error as Error).message, "sign-in");
    case "not-signed-in":
      return failure("You are signed out.", "sign-in");
    case "file-changed":
      return failure(`${name} has changed since it was added. Add it again.`, undefined, false);
    case "file-unreadable":
      return failure(
        `${name} can't be read: it may have been moved or deleted. Add it again.`,
        undefined,
        false,
      );
    case "storage-full":
      return failure("This device has no room to keep it.");
    case "upload-gone":
      return failure("The server has ended it.");
    case "unexpected-answer":
      return failure(
        "Something else than the server answers. Is there a Wi-Fi that wants a sign-in?",
        "network",
      );
    // It was sent again as often as anything is: by itself it would be for ever.
    case "bytes-missing":
    case "parts-missing":
      return failure("The file store does not keep it.");
  }
  if (error instanceof StoreRefusedError) return answered(error.status, "The file store refuses it.");
  if (error instanceof ProblemError) return answered(error.problem.status, error.message);
  return failure("Something in this page failed.");
}

/** Of the file itself: the same again would be answered the same. */
const hopeless: ReadonlySet<string> = new Set(["file-too-large", "type-not-allowed", "validation-failed"]);
