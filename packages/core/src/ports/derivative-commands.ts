import type { Actor } from "../audit-event.ts";
import type { DerivativeRecord, Rendition, VersionOfFile } from "../file.ts";
import type { laterDerivativeKey } from "../keys.ts";
import type { lateWriterMs } from "../limits.ts";
import type { queueTurn } from "../queue-turn.ts";

/** Of the metadata store, what concerns derivatives that are made after their version was ready. */
export interface DerivativeCommands {
  /**
   * Sees to it that derivatives of versions of ready files will be made, by whoever claims them; outcomes in the order of the
   * orders. One that waits already, under another `madeAs`, is made as it is asked for last: whoever holds it loses it.
   * Audit `derivative.asked` of each `asked` one, of the file, by the actor.
   */
  askDerivatives(command: AskDerivatives): Promise<readonly AskDerivativeOutcome[]>;
  /**
   * Takes a derivative that may be claimed, of a file that is ready: the one with the lowest {@link queueTurn}, so that owners
   * take turns; of several the one that could have been claimed for longest. attempt += 1, failedAttempts += 1
   * (taken back by a release that says so), under a key of its own, {@link laterDerivativeKey}. The key of an attempt that
   * was lost is doomed from {@link lateWriterMs} on. What waits for a file that is not ready any more is dropped. No audit.
   */
  claimDerivative(command: {
    readonly leaseMs: number;
    readonly keyPart: string;
  }): Promise<DerivativeTask | undefined>;
  /** Extends a claim that is still held, its lease past or not. False: it was lost. No audit. */
  renewDerivative(command: DerivativeClaim & { readonly leaseMs: number }): Promise<boolean>;
  /**
   * Gives a claim back: nobody may claim it for `retryInMs`, its key is doomed. `consumed: false` (an outage) takes the failed
   * attempt back, and gives it a turn anew, as {@link MetadataStore.releaseClaim} does. False: the claim was lost. No audit.
   */
  releaseDerivative(
    command: DerivativeClaim & { readonly retryInMs: number; readonly consumed: boolean },
  ): Promise<boolean>;
  /**
   * Ends a claim that is held. `made`: it is the version's derivative of that name now (a page is kept beside it), and what it
   * takes the place of is doomed from `replacedNotBeforeMs` on, when no URL for it lives any more. `failed`: that is
   * remembered, and answered to who asks again for the same. `dropped`: whoever asks again asks anew. Of the last two the key
   * is doomed. A `rendition` is the version's from then on, whatever else the result is; where nothing was made, one that it has of
   * the order's name goes, doomed as what is replaced. The file's revision stays. Audit `derivative.made` | `derivative.failed` | `derivative.dropped`, of the file.
   */
  finishDerivative(
    command: DerivativeClaim & {
      readonly result: DerivativeResult;
      readonly rendition?: Rendition;
      readonly replacedNotBeforeMs: number;
    },
  ): Promise<"finished" | "stale">;
  /**
   * Forgets what is remembered as failed of these versions, so that whoever asks for it asks anew. Answers how many it was.
   * Audit `derivative.forgotten` of each, of the file, by the system.
   *
   * @param versions at most 1000
   */
  forgetFailedDerivatives(versions: readonly VersionOfFile[]): Promise<number>;
  /**
   * What waits to be made and could be claimed now, for monitoring: exact up to `limit` (1 to 100,000), and `limit` where there
   * is more.
   */
  countWaitingDerivatives(limit: number): Promise<WaitingDerivatives>;
}

/** Which derivative of which version. */
export interface DerivativeOfVersion extends VersionOfFile {
  readonly name: string;
  /** From 2 (the first page's is the version's own); 0: of no other page. */
  readonly page: number;
}

export interface OrderedDerivative extends DerivativeOfVersion {
  /** As what it is to be made: `madeAsOf`. */
  readonly madeAs: string;
}

export interface AskDerivatives {
  readonly actor: Actor;
  readonly orders: readonly OrderedDerivative[];
  /** What waits, is remembered or kept of one version, at most. Default: no limit. */
  readonly maxPerVersion?: number;
  /** In whose queue they wait, and whose turns they take. Default: of each its file's owner. */
  readonly chargedTo?: string;
  /** What waits in that queue, at most. Default: no limit. */
  readonly maxWaitingPerOwner?: number;
}

export type AskDerivativeOutcome =
  | { readonly outcome: "asked" | "waiting" | "too-many" }
  /** It is there, made as it was asked for. */
  | { readonly outcome: "made"; readonly derivative: DerivativeRecord }
  /** That was tried, and came to nothing. */
  | { readonly outcome: "failed"; readonly detail: string }
  /** There is no such version of a ready file. */
  | { readonly outcome: "missing" };

export interface DerivativeClaim extends DerivativeOfVersion {
  readonly attempt: number;
}

/** A derivative to make, in the hands of whoever claimed it. */
export interface DerivativeTask extends OrderedDerivative, DerivativeClaim {
  readonly failedAttempts: number;
  /** Where it is to be put. */
  readonly key: string;
}

export type DerivativeResult =
  | { readonly kind: "made"; readonly derivative: DerivativeRecord }
  | { readonly kind: "failed"; readonly detail: string }
  | { readonly kind: "dropped" };

export interface WaitingDerivatives {
  readonly waiting: number;
  /** Since when the first of them could have been claimed. */
  readonly waitingSinceMs?: number;
}
