/** Between two tries for a lock: a transaction of another process takes a few milliseconds. */
const retryFromMs = 1;
const retryToMs = 8;

/** A wait of random length, so that several processes do not try in step. */
export const lockRetryMs = (): number => retryFromMs + Math.random() * (retryToMs - retryFromMs);
