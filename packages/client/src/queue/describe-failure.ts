import {
  ClientError,
  FileChangedError,
  FileUnreadableError,
  ProblemError,
  UnexpectedAnswerError,
} from "../errors.ts";
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
  const problem = (detail: string): UploadProblem => ({ code, detail });
  if (error instanceof UnexpectedAnswerError)
    return {
      problem: problem("Something else than the server answers. Is there a Wi-Fi that wants a sign-in?"),
      waitsFor: "network",
      canRetry: true,
    };
  if (code === "network")
    return { problem: problem("The server can't be reached."), waitsFor: "network", canRetry: true };
  if (code === "not-signed-in")
    return { problem: problem("You are signed out."), waitsFor: "sign-in", canRetry: true };
  if (error instanceof FileChangedError)
    return { problem: problem(`${name} has changed since it was added. Add it again.`), canRetry: false };
  if (error instanceof FileUnreadableError)
    return {
      problem: problem(`${name} can't be read: it may have been moved or deleted. Add it again.`),
      canRetry: false,
    };
  if (code === "store-refused")
    return { problem: problem("The file store did not take it."), canRetry: true };
  if (code === "upload-gone") return { problem: problem("It was ended on the server."), canRetry: true };
  if (error instanceof ProblemError) {
    const { status, detail } = error.problem;
    // Tried again and again already: the server is in trouble, and comes back as a network does.
    if (status >= 500) return { problem: problem(detail), waitsFor: "network", canRetry: true };
    return { problem: problem(detail), canRetry: !hopeless.has(code) };
  }
  return { problem: problem("Something went wrong in this page."), canRetry: true };
}

/** Of the file itself: the same again would be answered the same. */
const hopeless: ReadonlySet<string> = new Set(["file-too-large", "type-not-allowed", "validation-failed"]);
