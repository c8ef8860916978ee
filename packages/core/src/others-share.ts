/**
 * What others have counts in steps, rounded up, against a bound that somebody shares with them: who tries sizes learns no more of theirs than the step.
 * Their own counts as it is. The bound is never exceeded; what the rounding takes stays unused.
 */

/** Parts of a bound: no step is larger than one of them. */
export const partsOfBound = 64;

/**
 * The smallest step in which what one guest has counts among the guests of their host: about a photo, and a few. Not the sum of them is rounded but what
 * each has: of a sum, two who try together find where it turns over by what one of them has, to the byte. Steps grow with what the guest has, to a quarter
 * of it at most.
 */
export const smallestGuestStep = { bytes: 4 * 1024 ** 2, files: 8 } as const;

/** A guest has up to so many of the smallest step: then steps are so many times as large. */
export const guestSteps: readonly { readonly upTo: number; readonly times: number }[] = [
  { upTo: 16, times: 1 },
  { upTo: 64, times: 4 },
  { upTo: 256, times: 16 },
  { upTo: Number.POSITIVE_INFINITY, times: 64 },
];

/** The step in which what all others have together counts against a bound (1 or more); whole, and 1 at least. */
export const stepOf = (bound: number): number => Math.max(1, Math.floor(bound / partsOfBound));

/** The step in which what one guest has counts. */
export function guestStepOf(bound: number, taken: number, smallest: number): number {
  const times = guestSteps.find(({ upTo }) => taken <= upTo * smallest)?.times ?? 1;
  return Math.min(stepOf(bound), times * smallest);
}

/** The next whole step that is no less. */
export const roundedUp = (taken: number, step: number): number => Math.ceil(taken / step) * step;
