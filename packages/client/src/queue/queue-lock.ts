import type { AbortSignalLike } from "../ports.ts";

/** The right to send what is in a queue: one program at a time has it (a tab, a service worker, a process). */
export interface QueueLead {
  /** Aborted when another takes the lead: everything is to be stopped, and `release` called. */
  readonly lost: AbortSignalLike;
  release(): void;
}

export interface QueueLock {
  /**
   * Resolves once nobody else leads. Where this program is looked at, it asks whoever leads to step down.
   *
   * @param mayYield - asked of the one that leads, when another wants to: `false` keeps the lead
   * @throws AbortedError
   */
  acquire(signal: AbortSignalLike, mayYield: () => boolean): Promise<QueueLead>;
}
