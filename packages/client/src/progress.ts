import type { ClientError } from "./errors.ts";

/**
 * Where a file stands. `hashing` and `sending` come many times; a stage may come again when something had to be
 * done again.
 */
export interface Progress {
  readonly stage: "hashing" | "creating" | "sending" | "checking" | "ready" | "rejected";
  /** Of this stage: 0 to `totalBytes`. */
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** While a file goes in parts: the bytes of those that the store has. Others of `doneBytes` may be sent again. */
  readonly confirmedBytes?: number | undefined;
  /** Known once it is created: the last word of `creating` tells it. */
  readonly uploadId?: string;
  /** It failed and is about to be tried again, after `delayMs`. */
  readonly retry?: { readonly error: ClientError; readonly delayMs: number };
}
