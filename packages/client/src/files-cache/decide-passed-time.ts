/**
 * How much time has passed on a device since it first kept something, counted so that no setting of its clock gives time back. It is
 * kept on the device, for all of its people.
 */
export interface PassedTime {
  readonly passedMs: number;
  /** What the device's clock said then. */
  readonly wallMs: number;
}

/**
 * A clock that went on adds what it went on by; one that went back adds nothing, and is counted from where it is now. (The largest
 * time ever seen alone would do worse: a clock set back by a month would stand still for a month.)
 *
 * @param leastMs - what is known to have passed by other evidence: a monotonic clock, while the program runs
 */
export const decidePassedTime = (
  before: PassedTime | undefined,
  wallMs: number,
  leastMs: number,
): PassedTime => ({
  passedMs: Math.max(leastMs, (before?.passedMs ?? 0) + Math.max(0, wallMs - (before?.wallMs ?? wallMs))),
  wallMs,
});
