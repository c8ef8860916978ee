import type { LinkTarget } from "./policy/principal.ts";

/** A way in for whoever has its token, of which no more than a digest is kept. */
export interface LinkRecord {
  readonly id: string;
  readonly target: LinkTarget;
  /** The id of the person who made it. */
  readonly createdBy: string;
  readonly createdAtMs: number;
  /** From when on it opens for nobody, and what came by it is no good. */
  readonly endsAtMs: number;
  readonly hasPassphrase: boolean;
  /** Absent: as often as anybody likes. */
  readonly maxOpens?: number;
  readonly opens: number;
}

const dayMs = 24 * 3600 * 1000;

/** Where nobody says when a link ends. */
export const defaultLinkLifetimeMs = 30 * dayMs;

/** The latest end of a link, from when it is made. */
export const maxLinkLifetimeMs = 366 * dayMs;

/** Links to one file or album that have not ended. */
export const maxLinksPerTarget = 100;

/** What opening a link gives is good for so long, and no longer than the link. */
export const linkRightLifetimeMs = 3600 * 1000;

/** Wrong passphrases within {@link passphraseWindowMs} of the first after which a link opens for nobody until that has passed. */
export const maxWrongPassphrases = 10;

export const passphraseWindowMs = 3600 * 1000;

/** How long one that has ended is shown to who made it. */
export const endedLinkLifetimeMs = 30 * dayMs;
