/** What is known of how fast bytes go: averages in which the older counts less. Plain data; starts as `undefined`. */
export interface SpeedEstimate {
  /** Of the newest sample. */
  readonly atMs: number;
  readonly doneBytes: number;
  /** When bytes went last, and since when it is measured without a stop. */
  readonly movedAtMs: number;
  readonly sinceMs: number;
  /** Bytes and milliseconds, weighed by age. */
  readonly bytes: number;
  readonly ms: number;
  /** Their quotient, smoothed once more: the sum of what it was, weighed by age, and of the weights. */
  readonly speeds: number;
  readonly weights: number;
}

export interface Speed {
  /** 0 where nothing has moved for 10 s; `undefined` until enough is known. */
  readonly bytesPerSecond: number | undefined;
  /** `undefined` also where nothing moves. */
  readonly secondsLeft: number | undefined;
}

/** An age at which a byte counts 1/e. Bytes may come in lumps (a part that is confirmed): several fit into it. */
const memoryMs = 8000;
/** The same for the speeds: a lump is no jump. */
const smoothingMs = 4000;
const enoughMs = 2000;
const stoppedAfterMs = 10_000;

/**
 * Takes in how many bytes are done by now: confirmed, and best with those in flight. Fewer than before where some were lost:
 * they count again when they are sent again. A stop is no slowness: what comes after it is measured afresh.
 *
 * Give a sample every few seconds at least, also where nothing has changed.
 *
 * @param atMs - of any clock that does not go back; samples of equal times are fine
 */
export function addSample(before: SpeedEstimate | undefined, atMs: number, doneBytes: number): SpeedEstimate {
  const more = before ? Math.max(0, doneBytes - before.doneBytes) : 0;
  if (!before || (more > 0 && hasStopped(before, atMs)))
    return { atMs, doneBytes, movedAtMs: atMs, sinceMs: atMs, bytes: 0, ms: 0, speeds: 0, weights: 0 };
  const stepMs = Math.max(0, atMs - before.atMs);
  const kept = Math.exp(-stepMs / memoryMs);
  const keptSpeeds = Math.exp(-stepMs / smoothingMs);
  const bytes = before.bytes * kept + more;
  const ms = before.ms * kept + stepMs;
  return {
    ...before,
    atMs: before.atMs + stepMs,
    doneBytes,
    movedAtMs: more > 0 ? atMs : before.movedAtMs,
    bytes,
    ms,
    speeds: before.speeds * keptSpeeds + (ms > 0 ? (bytes / ms) * stepMs : 0),
    weights: before.weights * keptSpeeds + stepMs,
  };
}

/** How fast it goes, and how long the rest will take. */
export function speedOf(estimate: SpeedEstimate | undefined, nowMs: number, leftBytes: number): Speed {
  const isKnown = estimate && estimate.bytes > 0 && estimate.atMs - estimate.sinceMs >= enoughMs;
  if (!isKnown) return { bytesPerSecond: undefined, secondsLeft: undefined };
  if (hasStopped(estimate, nowMs)) return { bytesPerSecond: 0, secondsLeft: undefined };
  const bytesPerSecond = (estimate.speeds / estimate.weights) * 1000;
  return { bytesPerSecond, secondsLeft: bytesPerSecond > 0 ? leftBytes / bytesPerSecond : undefined };
}

const hasStopped = ({ movedAtMs }: SpeedEstimate, nowMs: number): boolean =>
  nowMs - movedAtMs >= stoppedAfterMs;
