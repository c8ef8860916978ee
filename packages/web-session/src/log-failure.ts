import { IssuerFailure, type IssuerFailureKind } from "./issuer-failure.ts";
import { SessionTooLargeError } from "./session-cookies.ts";
import type { WebSessionLogger } from "./web-session-context.ts";

const levels: Readonly<Record<IssuerFailureKind, keyof WebSessionLogger>> = {
  denied: "info",
  "grant-refused": "info",
  unreachable: "warn",
  misconfigured: "error",
  "not-believed": "error",
};

/**
 * Writes down what an issuer, or a cookie's size, kept from working, and says which it was.
 *
 * @throws whatever else it was
 */
export function logFailure(logger: WebSessionLogger, error: unknown): IssuerFailureKind {
  const kind =
    error instanceof IssuerFailure
      ? error.kind
      : error instanceof SessionTooLargeError
        ? "misconfigured"
        : undefined;
  if (kind === undefined || !(error instanceof Error)) throw error;
  logger[levels[kind]]({ kind }, error.message);
  return kind;
}

/** Writes down a defect of ours: without its cause, which may hold what came from the issuer. */
export function logDefect(logger: WebSessionLogger, error: unknown): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  logger.error({ name, message, stack }, "A request of the session failed.");
}
