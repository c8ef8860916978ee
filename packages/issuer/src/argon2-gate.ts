import { PasswordQueueFullError } from "./errors.ts";

/**
 * Two at once: each takes 19 MiB and one of the four threads that reads of files need as well. What waits is answered
 * within some seconds; more is refused at once.
 */
const atOnce = 2;
const mostWaiting = 64;

/** Lets no more than so many through at once; the others wait in line. */
export function createGate(limits: { readonly atOnce: number; readonly mostWaiting: number }) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async function pass<T>(work: () => Promise<T>): Promise<T> {
    if (running >= limits.atOnce) {
      if (waiting.length >= limits.mostWaiting)
        throw new PasswordQueueFullError("More passwords are waiting to be checked than can be soon.");
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Whoever waited takes over this one's place.
      if (next) next();
      else running -= 1;
    }
  };
}

/** The process's one gate for argon2. */
export const passArgon2 = createGate({ atOnce, mostWaiting });
