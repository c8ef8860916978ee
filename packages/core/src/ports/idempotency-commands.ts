/** What a client says of a request that it may send again because it does not know whether it was done: the header `Idempotency-Key`. */
export interface IdempotencyKey {
  /** Chosen by the client; unique per principal for a day. */
  readonly key: string;
  /** Of what was asked for, without what must not be guessed: another request under the same key is a mistake. */
  readonly requestDigest: string;
}

/** How long a key is remembered. */
export const idempotencyKeyLifetimeMs = 24 * 3600 * 1000;

/** What a key that is known answers: nothing was written. */
export type RepeatOutcome =
  /** The resource that the first request made. */
  | { readonly outcome: "repeat"; readonly resourceId: string }
  /** It came with another request before. */
  | { readonly outcome: "key-reused" };

/**
 * Rows about creating requests that were done. A command that takes an {@link IdempotencyKey} looks the key up and remembers it in its own
 * transaction: of any number at once one creates. A refusal remembers nothing.
 */
export interface IdempotencyCommands {
  /**
   * What a principal's key answers, asked without the command: whether a request that could not be made now was made before. Absent: nothing
   * is known of it.
   */
  findRepeat(request: IdempotencyKey & { readonly principalId: string }): Promise<RepeatOutcome | undefined>;
  /** For the sweeper: deletes at most `limit` keys that are older than a day; answers how many. No audit. */
  forgetIdempotencyKeys(limit: number): Promise<number>;
}
