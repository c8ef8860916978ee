import type { TryRule } from "../try-limit.ts";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * NIST SP 800-63B-4 §3.2.2: no more than 100 wrong passwords in a row for one account, and a stranger must not be able
 * to shut a person out. So tries are counted apart by where they come from: who guesses waits, at that place only; and
 * a browser that has signed in to the account before has its own count, whatever others do.
 */
export const signInLimits = {
  /** Of one account from one address. */
  pair: { free: 5, firstWaitSeconds: 30, longestWaitSeconds: 6 * hour, forgetSeconds: day },
  /** Of one account from all browsers that are new to it. A right password, or a new one, starts it again. */
  account: { free: 100, most: 100, firstWaitSeconds: 0, longestWaitSeconds: 0, forgetSeconds: 365 * day },
  /** Of one account from a browser that it knows. */
  known: { free: 10, most: 100, firstWaitSeconds: 30, longestWaitSeconds: hour, forgetSeconds: day },
  /** Of all accounts, and of links, from one address. */
  address: { free: 100, firstWaitSeconds: 10, longestWaitSeconds: hour, forgetSeconds: day },
  /** Sign-ins begun from one address. The page begins one whenever somebody is led to it, also for a person signed in. */
  start: {
    free: 300,
    firstWaitSeconds: 10,
    longestWaitSeconds: 10 * minute,
    forgetSeconds: hour,
    isWindow: true,
  },
  /** Accounts made from one address. */
  signUp: {
    free: 100,
    firstWaitSeconds: minute,
    longestWaitSeconds: hour,
    forgetSeconds: hour,
    isWindow: true,
  },
} as const satisfies Record<string, TryRule>;
