/** The longest life of a URL that is given out: ten minutes. */
const longestLifeSeconds = 600;

/**
 * When a URL signed at `signedAtMs` stops working. Its date has whole seconds, so its life begins up to one
 * second early, and ends so.
 *
 * @throws RangeError for a life that is not 1 to 600 whole seconds
 */
export function presignedExpiryMs(signedAtMs: number, expiresInSeconds: number): number {
  if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > longestLifeSeconds)
    throw new RangeError(`expiresInSeconds must be a whole number from 1 to ${longestLifeSeconds}`);
  return (Math.floor(signedAtMs / 1000) + expiresInSeconds) * 1000;
}
