import type { Actor } from "../audit-event.ts";
import type { LinkRecord } from "../link.ts";
import type { LinkTarget } from "../policy/principal.ts";
import type { IdempotencyKey } from "./idempotency-commands.ts";
import type { ListPosition } from "./metadata-store.ts";

export interface CreateLink {
  readonly id: string;
  readonly target: LinkTarget;
  /** A person. */
  readonly createdBy: string;
  /** Of its token: see `TokenSource`. */
  readonly tokenDigest: string;
  /** See `PassphraseHasher`. Absent: it has none. */
  readonly passphraseHash?: string;
  readonly endsAtMs: number;
  readonly maxOpens?: number;
  /** How many that have not ended the target may have with this one. */
  readonly maxPerTarget: number;
  /** Of who makes it. Default: each request makes one. */
  readonly idempotency?: IdempotencyKey;
}

/** A link as it is to be opened. */
export interface FoundLink {
  readonly link: LinkRecord;
  readonly passphraseHash?: string;
  /** Where too many wrong passphrases were tried: until when it opens for nobody. */
  readonly lockedUntilMs?: number;
}

export interface PassphraseLimit {
  /** So many wrong ones… */
  readonly maxWrong: number;
  /** …within so long from the first lock a link until that has passed. */
  readonly windowMs: number;
}

/**
 * Rows about links. An event's target is what the link is to, its detail `{"linkId": …}`. A link is gone once it was taken back, and once its
 * file was purged, its album deleted, or who made it owns that album no more; what was given out by it is good for nothing then (`findCapability`).
 */
export interface LinkCommands {
  /** To a ready file of theirs, or an album that they own and that is not sealed. Audit `link.created`, by who made it. */
  createLink(command: CreateLink): Promise<
    | { readonly outcome: "created"; readonly link: LinkRecord }
    | { readonly outcome: "too-many" }
    /** Made by the same request before; absent: and gone since. */
    | { readonly outcome: "repeat"; readonly link?: LinkRecord }
    | { readonly outcome: "key-reused" }
    /** It is not theirs, or not ready (any more). */
    | { readonly outcome: "missing" }
  >;
  /** Newest first, those that have ended too; at most 201. */
  listLinks(list: {
    readonly target: LinkTarget;
    readonly after?: ListPosition;
    readonly limit: number;
  }): Promise<readonly LinkRecord[]>;
  /**
   * Takes back a link to this target; false: there is none of that id (any more), or it is to an album that the actor does not own (any more).
   * Audit `link.revoked`.
   */
  revokeLink(command: {
    readonly id: string;
    readonly target: LinkTarget;
    readonly actor: Actor;
  }): Promise<boolean>;
  /** `undefined` alike for what never was, has ended, was taken back, or was opened as often as it may be. */
  findLinkToOpen(query: { readonly tokenDigest: string } & PassphraseLimit): Promise<FoundLink | undefined>;
  /**
   * Counts one more opening, where the link may still be opened, and gives out a right to read what it is to, which ends after `lifetimeMs` and no
   * later than the link. Audit `link.opened`, by nobody in particular.
   */
  openLink(
    command: {
      readonly id: string;
      readonly capabilityId: string;
      readonly lifetimeMs: number;
    } & PassphraseLimit,
  ): Promise<
    | { readonly outcome: "opened"; readonly link: LinkRecord; readonly endsAtMs: number }
    | { readonly outcome: "locked"; readonly untilMs: number }
    | { readonly outcome: "missing" }
  >;
  /**
   * Counts a wrong passphrase, unless the link is locked: of tries at once no more than `maxWrong` are told that they were wrong. The one that locks
   * it: audit `link.locked`, by nobody in particular; no audit of others.
   */
  countWrongPassphrase(
    command: { readonly id: string } & PassphraseLimit,
  ): Promise<
    | { readonly outcome: "counted" }
    | { readonly outcome: "locked"; readonly untilMs: number }
    | { readonly outcome: "missing" }
  >;
  /** For the sweeper: deletes at most `limit` that ended before that time; answers how many. No audit. */
  forgetEndedLinks(ended: { readonly endedBeforeMs: number; readonly limit: number }): Promise<number>;
}
