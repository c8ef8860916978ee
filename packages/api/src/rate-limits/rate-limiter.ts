/** How long what was taken counts: windows of a minute, each from the first that is taken. */
export const windowMs = 60_000;

/** What came of taking something. */
export interface Allowance {
  /** What was not granted spends nothing. */
  readonly granted: boolean;
  /** What may still be taken in this window. */
  readonly remaining: number;
  readonly resetsInMs: number;
}

/** Counts what each key takes in a window. */
export interface RateLimiter {
  /** Answers at once where it counts by itself, and later where it asks somebody else. Never fails. */
  take(key: string, points: number): Allowance | Promise<Allowance>;
}

/** What is counted, each with allowances of its own. */
export type RateLimited = "creates" | "parts" | "requests" | "addresses" | "accepts" | "invites";

/** Opens the limiter of what is counted, of which each key may take `perMinute` (at least 1). */
export type OpenRateLimiter = (what: RateLimited, perMinute: number) => RateLimiter;

/** Goes on with what was taken, in the same turn where it is known already. */
export function whenTaken(taken: Allowance | Promise<Allowance>, then: (allowance: Allowance) => void): void {
  if (taken instanceof Promise) void taken.then(then);
  else then(taken);
}
