/**
 * Milliseconds of a `Retry-After` header in seconds (RFC 9110 section 10.2.3). Its other form, a date, says nothing
 * to a client whose clock may be wrong: `undefined`, and the backoff decides alone.
 */
export const parseRetryAfterMs = (value: string | null | undefined): number | undefined =>
  value && /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : undefined;
