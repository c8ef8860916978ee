import { describeWait } from "./pages/describe-wait.ts";
import { retryAfter } from "./retry-after.ts";

/** A request that is not looked at any further. The message is for the person. */
export class RequestRefusedError extends Error {
  override readonly name = "RequestRefusedError";
  readonly status: 414 | 429;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: 414 | 429, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  /** Too many of its kind came from one place. */
  static tooMany(waitSeconds = 1): RequestRefusedError {
    return new RequestRefusedError(
      429,
      `Many sign-ins were begun from where you are. Try again in ${describeWait(waitSeconds)}.`,
      retryAfter(waitSeconds),
    );
  }
}
