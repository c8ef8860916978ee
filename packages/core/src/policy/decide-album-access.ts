import { hasBounds, type Principal } from "./principal.ts";

/** What members of an album are; guests own none. */
export const albumRoles = ["viewer", "contributor", "owner"] as const;

export type AlbumRole = (typeof albumRoles)[number];

/**
 * `see` gives its name, its dates and how many files are in it; `list` the files; `add` puts one's own in; `manage` renames it, decides
 * who is a member, takes files out, reveals and deletes it.
 */
export const albumActions = ["see", "list", "add", "manage"] as const;

export type AlbumAction = (typeof albumActions)[number];

/** An album, as far as the decision needs it. */
export interface AlbumResource {
  readonly id: string;
  /** Absent: it was never to be sealed. */
  readonly revealAtMs?: number;
  /** Since when everybody in it sees everything. */
  readonly revealedAtMs?: number;
}

export type AlbumReason = "member" | "guest" | "link" | "sealed" | "ended" | "role" | "not-member";

export interface AlbumDecision {
  readonly allowed: boolean;
  readonly reason: AlbumReason;
  readonly endsAtMs?: number;
}

/** Until it is revealed, which is once and for good, and not when a clock says so but when that was written down. */
export const isSealed = ({ revealAtMs, revealedAtMs }: Omit<AlbumResource, "id">): boolean =>
  revealAtMs !== undefined && revealedAtMs === undefined;

/**
 * The one predicate of albums. Pure; default deny. A seal outranks every role: nobody lists what is sealed, its owner no more than
 * its guests.
 *
 * @param role of the principal in this album; absent: they are no member
 */
export function decideAlbumAccess(
  { capability }: Principal,
  action: AlbumAction,
  album: AlbumResource,
  role: AlbumRole | undefined,
  nowMs: number,
): AlbumDecision {
  if (capability && capability.endsAtMs <= nowMs) return { allowed: false, reason: "ended" };
  const standing = standingOf(capability, album, role);
  if (!standing) return { allowed: false, reason: "not-member" };
  if (!allowedActions[standing.as].has(action)) return { allowed: false, reason: "role" };
  if (action === "list" && isSealed(album)) return { allowed: false, reason: "sealed" };
  const { reason } = standing;
  return { allowed: true, reason, ...(capability ? { endsAtMs: capability.endsAtMs } : {}) };
}

type Standing = { readonly as: AlbumRole; readonly reason: AlbumReason };

function standingOf(
  capability: Principal["capability"],
  { id }: AlbumResource,
  role: AlbumRole | undefined,
): Standing | undefined {
  if (capability?.kind === "link") {
    const { kind, id: targetId } = capability.target;
    return kind === "album" && targetId === id ? { as: "viewer", reason: "link" } : undefined;
  }
  if (capability?.kind === "guest")
    return capability.albumId === id && role
      ? { as: role === "viewer" ? "viewer" : "contributor", reason: "guest" }
      : undefined;
  if (capability?.kind === "delegation" && hasBounds(capability.bounds)) {
    const { albumId = id } = capability.bounds;
    return role && albumId === id
      ? { as: role === "viewer" ? "viewer" : "contributor", reason: "member" }
      : undefined;
  }
  return role && { as: role, reason: "member" };
}

const allowedActions: Readonly<Record<AlbumRole, ReadonlySet<AlbumAction>>> = {
  viewer: new Set(["see", "list"]),
  contributor: new Set(["see", "list", "add"]),
  owner: new Set(["see", "list", "add", "manage"]),
};
