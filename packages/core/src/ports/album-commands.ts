import type { AlbumInviteRecord, AlbumMemberRecord, AlbumRecord, AlbumStanding } from "../album.ts";
import type { Actor } from "../audit-event.ts";
import type { AlbumRole } from "../policy/decide-album-access.ts";
import type { NewCapability } from "./capability-commands.ts";
import type { IdempotencyKey } from "./idempotency-commands.ts";

export interface AlbumCommand {
  readonly albumId: string;
  readonly revision: number;
  readonly actor: Actor;
}

export type AlbumOutcome =
  | { readonly outcome: "done"; readonly album: AlbumRecord }
  /** Another revision is current. */
  | { readonly outcome: "stale"; readonly album: AlbumRecord }
  | NotOwner
  | { readonly outcome: "missing" };

/** Whoever acts is no owner of the album now, whatever they were when it was decided that they may. Nothing was written. */
export interface NotOwner {
  readonly outcome: "not-owner";
}

export interface NewAlbum {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly revealAtMs?: number;
  readonly shotsPerMember?: number;
  /** Of its owner. Default: each request makes one. */
  readonly idempotency?: IdempotencyKey;
}

export type NewAlbumOutcome =
  | ({ readonly outcome: "created" } & AlbumStanding)
  /** Made by the same request before; absent: and gone since, or theirs no more. */
  | { readonly outcome: "repeat"; readonly standing?: AlbumStanding }
  | { readonly outcome: "key-reused" };

/** What of an album is changed; what is left out stays. */
export interface AlbumChange {
  readonly name?: string;
  readonly revealAtMs?: number;
  /** `null`: as many as they like. */
  readonly shotsPerMember?: number | null;
}

export interface AcceptInvite {
  /** SHA-256 of the token, lower-case hex. */
  readonly tokenHash: string;
  /** A person, or a guest whose row is made. */
  readonly as:
    | { readonly kind: "person"; readonly userId: string; readonly name?: string }
    | {
        readonly kind: "guest";
        readonly newId: string;
        readonly name: string;
        /** What they get. It ends `guestLifeMs` from now, and after the album's reveal, as that is said at the time. */
        readonly right: Pick<NewCapability, "id" | "scopes">;
      };
}

/** Of what was to be put into albums. */
export type AlbumsRefused =
  /** One of them is gone or sealed, or the actor may not add to it. */
  | { readonly outcome: "album-refused" }
  | { readonly outcome: "no-shots-left"; readonly shotsPerMember: number };

/**
 * Rows about albums. Whether somebody may do what they ask for was decided before, by `decideAlbumAccess`; what only an owner may do, the
 * statement that decides asks once more whether they are one now, so that nobody acts whom the role was taken from meanwhile. (The system
 * needs none.) Each change is told in one audit event whose target is the album, by whoever acts, unless it says otherwise.
 */
export interface AlbumCommands {
  /** Its owner is its first member. Audit `album.created`. */
  createAlbum(album: NewAlbum): Promise<NewAlbumOutcome>;
  /** Those that exist among at most 200 ids, in any order, and what the principal is in each. */
  findAlbums(query: {
    readonly principalId: string;
    readonly albumIds: readonly string[];
  }): Promise<readonly AlbumStanding[]>;
  /** Of which the principal is a member; joined last first, by (joinedAt, id). */
  listAlbums(list: {
    readonly principalId: string;
    readonly after?: { readonly joinedAtMs: number; readonly id: string };
    /** 1 to 201. */
    readonly limit: number;
  }): Promise<readonly (AlbumStanding & { readonly member: AlbumMemberRecord })[]>;
  /** revision += 1. A `revealAtMs` only where it is sealed. Audit `album.changed`. */
  changeAlbum(
    command: AlbumCommand & { readonly change: AlbumChange },
  ): Promise<AlbumOutcome | { readonly outcome: "not-sealed"; readonly album: AlbumRecord }>;
  /**
   * The album, its memberships and invites; the files in it stay their owners', and are taken out of it by {@link emptyDeletedAlbums}. Not one
   * that is sealed and has files, or to which one is being sent. Audit `album.deleted`.
   */
  deleteAlbum(
    command: AlbumCommand,
  ): Promise<AlbumOutcome | { readonly outcome: "sealed"; readonly album: AlbumRecord }>;
  /** Takes at most `limit` files out of albums that were deleted; answers how many. No audit: the album's end was told. */
  emptyDeletedAlbums(limit: number): Promise<number>;

  /**
   * Unseals it, once and for good: revealedAt = now, revision += 1. With `due`, only where its time has come by those clocks and by the
   * store's own, and all agree within {@link maxClockDifferenceMs}. Audit `album.revealed`.
   */
  revealAlbum(command: {
    readonly albumId: string;
    readonly actor: Actor;
    readonly due?: { readonly clocksMs: readonly number[] };
  }): Promise<
    | { readonly outcome: "revealed"; readonly album: AlbumRecord }
    /** It is revealed already, or was never to be sealed: nothing was written. */
    | { readonly outcome: "not-sealed"; readonly album: AlbumRecord }
    | { readonly outcome: "not-due"; readonly album: AlbumRecord }
    | { readonly outcome: "clocks-disagree"; readonly album: AlbumRecord }
    | NotOwner
    | { readonly outcome: "missing" }
  >;
  /**
   * sealed → ready, or quarantined where something was found in them meanwhile, of at most `limit` files of a revealed album; answers how
   * many there were. revision += 1. Where there were fewer, the album is unsealed as a whole. Audit `file.unsealed` of each, by the system.
   *
   * @param command.fileId that file alone
   */
  unsealFiles(command: {
    readonly albumId: string;
    readonly limit: number;
    readonly fileId?: string;
  }): Promise<number>;
  /** Sealed ones whose time has come by the store's clock, at most `limit`, the first first. */
  listDueAlbums(limit: number): Promise<readonly AlbumRecord[]>;
  /** Revealed ones that are not unsealed as a whole, at most `limit`. */
  listUnsealingAlbums(limit: number): Promise<readonly AlbumRecord[]>;

  /** Of an album, by user id. */
  listAlbumMembers(list: {
    readonly albumId: string;
    readonly after?: string;
    /** 1 to 201. */
    readonly limit: number;
  }): Promise<readonly AlbumMemberRecord[]>;
  /**
   * Puts somebody in, or gives them another role. Whether there is such a person is not told; whoever is none can't be the one owner that an album must have. What is
   * so already is done: no audit. The invites of who was an owner before end. Audit `album.member-set`, or nothing.
   */
  setAlbumMember(command: {
    readonly albumId: string;
    readonly userId: string;
    readonly role: AlbumRole;
    readonly actor: Actor;
  }): Promise<
    | { readonly outcome: "done"; readonly member: AlbumMemberRecord }
    /** No owner would be left who is a person that there is: no guest, and with an account that is not deleted. */
    | { readonly outcome: "last-owner" }
    /** A guest, of whatever album, can't be an owner. */
    | { readonly outcome: "guest" }
    | { readonly outcome: "too-many" }
    | NotOwner
    | { readonly outcome: "missing" }
  >;
  /** By an owner, or by themselves; `last-owner` as above. A guest's right goes with it, an owner's invites do. Audit `album.member-removed`. */
  removeAlbumMember(command: {
    readonly albumId: string;
    readonly userId: string;
    readonly actor: Actor;
  }): Promise<"done" | "last-owner" | "not-owner" | "missing">;

  /** Audit `album.invited`. */
  createAlbumInvite(
    invite: Pick<AlbumInviteRecord, "id" | "albumId" | "role" | "createdBy" | "expiresAtMs" | "maxUses"> & {
      readonly tokenHash: string;
      /** Of who makes it. Default: each request makes one. */
      readonly idempotency?: IdempotencyKey;
    },
  ): Promise<
    | { readonly outcome: "done"; readonly invite: AlbumInviteRecord }
    /** Made by the same request before; absent: and gone since. */
    | { readonly outcome: "repeat"; readonly invite?: AlbumInviteRecord }
    | { readonly outcome: "key-reused" }
    | { readonly outcome: "too-many" }
    | NotOwner
    | { readonly outcome: "missing" }
  >;
  /** All of an album that have not run out, newest first. */
  listAlbumInvites(albumId: string): Promise<readonly AlbumInviteRecord[]>;
  /** The invite that a token is of, where somebody could still join by it: not run out, not used up, its album there and not full. */
  findAlbumInvite(
    tokenHash: string,
  ): Promise<{ readonly invite: AlbumInviteRecord; readonly album: AlbumRecord } | undefined>;
  /** Audit `album.invite-revoked`. */
  revokeAlbumInvite(command: {
    readonly albumId: string;
    readonly inviteId: string;
    readonly actor: Actor;
  }): Promise<"done" | "not-owner" | "missing">;
  /**
   * Makes a member of whoever has the token; uses += 1. Who is one already stays what they are, and uses nothing up. A guest's row is made in
   * the same step. Audit `album.joined`, by who joins.
   */
  acceptAlbumInvite(command: AcceptInvite): Promise<
    | {
        readonly outcome: "joined" | "already";
        readonly album: AlbumRecord;
        readonly member: AlbumMemberRecord;
        /** Of a guest's right. */
        readonly endsAtMs?: number;
      }
    /** An owner put that person out of it: by no invite, until an owner has let them in again. Nothing was written. */
    | { readonly outcome: "put-out" }
    /** No such token, run out, used up, or the album is full or gone, or who made it has deleted their account. */
    | { readonly outcome: "missing" }
  >;

  /** Who put a file into an album, where it is in it. */
  findAlbumFile(query: {
    readonly albumId: string;
    readonly fileId: string;
  }): Promise<{ readonly addedBy: string } | undefined>;
  /**
   * Takes a file that is not sealed out of an album: by its owner, by who put it there and is in the album now, or by an owner of the
   * album; the file's revision += 1. Audit `album.file-removed`, of the file.
   */
  removeAlbumFile(command: {
    readonly albumId: string;
    readonly fileId: string;
    readonly actor: Actor;
  }): Promise<"done" | "not-owner" | "missing">;

  /** For reconciling: albums by id, with their count as it stands and as the rows add up. */
  listAlbumCounts(list: {
    readonly after?: string;
    /** 1 to 1000. */
    readonly limit: number;
  }): Promise<readonly { readonly albumId: string; readonly recorded: number; readonly counted: number }[]>;
  /** Sets an album's count to what the rows add up to; writes only where it differs. Audit `album.recounted`. */
  recountAlbum(albumId: string): Promise<"recounted" | "unchanged" | "missing">;
}
