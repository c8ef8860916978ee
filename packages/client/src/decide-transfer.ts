/**
 * Up to here a file goes in a single PUT, for which its SHA-256 is wanted at create. What is larger is hashed part by
 * part as it is sent: reading all of it first would only cost time.
 */
export const singlePutLimitBytes = 20_000_000;

/** The least part that the API cuts: a smaller file would be one part, and nothing gained. */
const leastPartBytes = 8 * 1024 ** 2;

/** A connection that broke once may be chance. */
const breaksBeforeParts = 2;

/**
 * Whether a single PUT should go on in parts: a connection that breaks or stands still before so many bytes are
 * through may hold for a part of them, and a part that arrived is never sent again.
 *
 * @param breaks - how often sending it ended without an answer
 */
export const shouldGoOnInParts = (sizeBytes: number, breaks: number): boolean =>
  sizeBytes > leastPartBytes && breaks >= breaksBeforeParts;

/** So long a PUT is watched before it is judged. */
const watchedMs = 15_000;

/** What takes longer as a whole is likely to break before its end. */
const longestPutMs = 300_000;

/** Whether a single PUT is so slow that it should go on in parts: what breaks then costs a part, and not all of it. */
export const isTooSlow = (sizeBytes: number, sentBytes: number, elapsedMs: number): boolean =>
  sizeBytes > leastPartBytes && elapsedMs >= watchedMs && elapsedMs * sizeBytes > sentBytes * longestPutMs;
