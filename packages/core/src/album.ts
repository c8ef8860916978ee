import type { AlbumResource, AlbumRole } from "./policy/decide-album-access.ts";

/** Files that people put together. */
export interface AlbumRecord extends AlbumResource {
  /** Who made it. Others may own it too: what one may do is a matter of one's role. */
  readonly ownerId: string;
  readonly name: string;
  readonly createdAtMs: number;
  /** Raised by every change of the album's row, not of what is in it; its ETag. */
  readonly revision: number;
  /** Whether nothing that was sealed by it is left to be unsealed; false until it is revealed, where it has a reveal. */
  readonly isUnsealed: boolean;
  /** Uploads that each member may make to it; absent: as many as they like. */
  readonly shotsPerMember?: number;
  /** Files in it that are ready; before its reveal, all that were sent to it. */
  readonly fileCount: number;
}

export interface AlbumMemberRecord {
  readonly userId: string;
  readonly role: AlbumRole;
  readonly joinedAtMs: number;
  /** Their uploads to it that were neither rejected nor aborted, and files that they put into it, whatever became of those. */
  readonly shotsUsed: number;
  /** As they were called when they accepted an invite; absent of those whom an owner put in. */
  readonly name?: string;
}

/** An album, and what somebody is in it. */
export interface AlbumStanding {
  readonly album: AlbumRecord;
  /** Absent: no member. */
  readonly member?: AlbumMemberRecord;
}

/** A way into an album for whoever has its token. */
export interface AlbumInviteRecord {
  readonly id: string;
  readonly albumId: string;
  readonly role: Exclude<AlbumRole, "owner">;
  readonly createdBy: string;
  readonly createdAtMs: number;
  /** Nobody joins by it from then on. */
  readonly expiresAtMs: number;
  /** Absent: any number. */
  readonly maxUses?: number;
  readonly uses: number;
}

/** Of what was sent to an album by who may not add to it any more, in its timeline. */
export const outOfAlbumInWords =
  "It is in no album: you may not add any more to the one that it was sent to.";

/** Members of an album, guests and owners included. */
export const maxAlbumMembers = 10_000;

/** Invites of one album that have not run out. */
export const maxAlbumInvites = 100;

/** Who may join by an invite that says nothing of it. */
export const defaultInviteUses = 100;

/** Albums that one file is in. */
export const maxAlbumsPerFile = 20;

/** Clocks that are further apart than this do not agree on whether an album's reveal has come. */
export const maxClockDifferenceMs = 60_000;

/** How long a guest's right holds after an album's reveal, and after they came. */
export const guestLifeMs = 30 * 24 * 3600 * 1000;

/**
 * When a guest's right ends, as their album is now: with it, and not when they came, is it said when it is revealed.
 *
 * @param leastMs since they came
 * @param album absent: it is gone
 */
export const endOfRightMs = (
  leastMs: number,
  album: Pick<AlbumRecord, "revealAtMs" | "revealedAtMs"> | undefined,
): number =>
  album?.revealAtMs === undefined
    ? leastMs
    : Math.max(leastMs, (album.revealedAtMs ?? album.revealAtMs) + guestLifeMs);
