/** The time now, in milliseconds since 1970 and parts of one. */
export type SpanClock = () => number;

/**
 * A clock for a span and all that lies within it: the wall's at its start, and from there on the monotonic one. Two spans that
 * each ask the wall lose a different part of a millisecond, and more where the system's clock is set meanwhile: what ended
 * first would seem to end last.
 */
export function startSpanClock(): SpanClock {
  const wallMs = Date.now();
  const startedAtMs = performance.now();
  return () => wallMs + (performance.now() - startedAtMs);
}
