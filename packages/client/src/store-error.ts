import { parseStoreCode } from "./decide-after-put.ts";
import { StoreRefusedError, UnexpectedAnswerError } from "./errors.ts";
import type { StoreAnswer } from "./ports.ts";
import { parseRetryAfterMs } from "./retry-after.ts";

/**
 * What went wrong where a PUT's answer is no success: the store refuses, or somebody else has answered. 413 is of a proxy before the store.
 *
 * @param what - was sent
 */
export function storeErrorOf(
  what: string,
  { status, body, retryAfter }: StoreAnswer,
): StoreRefusedError | UnexpectedAnswerError {
  const storeCode = parseStoreCode(body);
  const retryAfterMs = parseRetryAfterMs(retryAfter);
  return storeCode || status >= 500 || status === 413
    ? new StoreRefusedError(status, storeCode, retryAfterMs)
    : new UnexpectedAnswerError(`Sending ${what}`, status, retryAfterMs);
}
