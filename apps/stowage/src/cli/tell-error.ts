import {
  AbortedError,
  ClientError,
  NetworkError,
  NotSignedInError,
  UnexpectedAnswerError,
} from "@stowage/client";
import { CommandError, type ExitStatus, UsageError } from "./command.ts";
import { escapeText } from "./escape-text.ts";
import { howToSignIn, type SignInHint } from "./how-to-sign-in.ts";
import { isSystemError, sentenceOfSystemError } from "./system-error.ts";

export interface Told {
  /** Sentences for standard error; nothing where there is nothing to say. */
  readonly words: string | undefined;
  readonly status: ExitStatus;
}

/** What a person is told of an error that ended a command: sentences, never a stack. */
export function tellError(error: unknown, hint: SignInHint): Told {
  if (error instanceof UsageError) return { words: error.message, status: 2 };
  if (error instanceof CommandError) return { words: error.message, status: error.exitStatus };
  if (error instanceof NotSignedInError)
    return { words: `${escapeText(error.message)}\n\n${howToSignIn(hint)}`, status: 4 };
  if (error instanceof NetworkError || error instanceof UnexpectedAnswerError)
    return { words: `${escapeText(error.message)} Is the server running?`, status: 1 };
  if (error instanceof ClientError) return { words: escapeText(error.message), status: 1 };
  if (isSystemError(error)) {
    const where = error.path === undefined ? "" : `${error.path}: `;
    return { words: escapeText(where + sentenceOfSystemError(error)), status: 1 };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    words: `Something went wrong that should not have: ${escapeText(message)} (STOWAGE_DEBUG=1 shows where.)`,
    status: 1,
  };
}

/** Whether an error only says that the person stopped the command. */
export const isAbort = (error: unknown): boolean =>
  error instanceof AbortedError || (error instanceof Error && error.name === "AbortError");
