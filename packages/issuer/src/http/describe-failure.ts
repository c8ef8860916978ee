import { IssuerBusyError, PasswordQueueFullError } from "../errors.ts";
import { UnreadableFormError } from "./read-form.ts";
import { RequestRefusedError } from "./request-refused-error.ts";
import { retryAfter } from "./retry-after.ts";

/** Whether it would go well in some seconds. */
export const isBusy = (error: unknown): boolean =>
  error instanceof IssuerBusyError || error instanceof PasswordQueueFullError;

export const busyRetrySeconds = 5;

/** What a page says of a request that failed. */
export function describeFailure(error: unknown): {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
} {
  if (error instanceof UnreadableFormError)
    return {
      status: error.status,
      title: "This form can’t be read",
      text: error.message,
      // The rest of it is not read.
      headers: { Connection: "close" },
    };
  if (error instanceof RequestRefusedError)
    return {
      status: error.status,
      title: error.status === 429 ? "Not so fast" : "This request can’t be answered",
      text: error.message,
      headers: error.headers,
    };
  if (isBusy(error))
    return {
      status: 503,
      title: "Much is going on here just now",
      text: "Try again in some seconds: nothing is lost.",
      headers: retryAfter(busyRetrySeconds),
    };
  return { status: 500, title: "Something went wrong here", text: "Nothing is lost. Try again in a moment." };
}
