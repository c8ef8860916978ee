import type { FileAudience, FileState } from "../file.ts";
import { actsAsPerson, type Principal } from "./principal.ts";

/**
 * `read` gives what is known of a file, and its content (to others than its owner: the rendition); `history` its versions and all
 * that they were; `change` its name, metadata and bytes; `share` decides who else may; `delete` trashes and purges.
 */
export const fileActions = ["read", "history", "change", "share", "delete"] as const;

export type FileAction = (typeof fileActions)[number];

/** A file, as far as the decision needs it. */
export interface FileResource {
  readonly id: string;
  readonly ownerId: string;
  readonly state: FileState;
  /** To whom its owner shows it beside those it was granted to; absent: to nobody. */
  readonly audience?: FileAudience;
}

/** What rows say of one principal and one file. */
export interface FileAccess {
  readonly grants: readonly FileGrant[];
  /** The albums that it is in of which they are a member, and the one that they have a capability for. */
  readonly albumIds: readonly string[];
}

/** A right of one person's to one file. */
export interface FileGrant {
  readonly kind: "share" | "break-glass";
  /** From when on it is good for nothing; absent: until it is taken back. */
  readonly endsAtMs?: number;
}

export const noFileAccess: FileAccess = { grants: [], albumIds: [] };

/** Why somebody may or may not do something with a file. */
export type FileReason =
  | "owner"
  | "granted"
  | "break-glass"
  | "album"
  | "organisation"
  | "public"
  | "link"
  | "guest"
  | "sealed"
  | "ended"
  | "others-only-read"
  | "not-ready"
  | "not-shared";

export interface FileDecision {
  readonly allowed: boolean;
  readonly reason: FileReason;
  /** Where it is allowed until then only; no URL that is minted for it lives longer. */
  readonly endsAtMs?: number;
}

/**
 * The one visibility predicate of files. Every list, URL mint, event and answer goes through it, or through
 * `audiencesOf`, which says the same for queries. Pure; default deny. In this order: a seal outranks everybody; a capability has
 * nothing beyond its bounds, what is public included, and what a person delegated is that person's within its own; an owner may do everything; anybody else may read what is ready, where it was
 * granted to them, is in an album of theirs, or is shown to their organisation or to everyone.
 *
 * @param access what rows say of this principal and this file; owners need none
 * @param nowMs by the clock that grants and capabilities end by
 */
export function decideFileAccess(
  principal: Principal,
  action: FileAction,
  file: FileResource,
  access: FileAccess,
  nowMs: number,
): FileDecision {
  if (file.state === "sealed") return denied("sealed");
  const { capability } = principal;
  if (capability && capability.endsAtMs <= nowMs) return denied("ended");
  if (actsAsPerson(principal) && file.ownerId === principal.id)
    return { allowed: true, reason: "owner", ...(capability ? { endsAtMs: capability.endsAtMs } : {}) };
  if (capability?.kind === "guest" && file.ownerId === principal.id)
    return action === "read" || action === "delete"
      ? { allowed: true, reason: "guest", endsAtMs: capability.endsAtMs }
      : denied("others-only-read");
  if (action !== "read") return denied("others-only-read");
  if (file.state !== "ready") return denied("not-ready");
  return readByOthers(principal, file, access, nowMs);
}

const denied = (reason: FileReason): FileDecision => ({ allowed: false, reason });

/** The first of these that holds without end, else the one that holds for longest. */
function readByOthers(
  principal: Principal,
  file: FileResource,
  access: FileAccess,
  nowMs: number,
): FileDecision {
  let best: Right | undefined;
  for (const right of rightsOf(principal, file, access))
    if (endOf(right) > nowMs && (!best || endOf(right) > endOf(best))) best = right;
  if (best) return { allowed: true, ...noLongerThan(principal.capability, best) };
  return denied(access.grants.length > 0 ? "ended" : "not-shared");
}

const noLongerThan = (capability: Principal["capability"], right: Right): Right =>
  capability ? { ...right, endsAtMs: Math.min(endOf(right), capability.endsAtMs) } : right;

const endOf = ({ endsAtMs = Number.POSITIVE_INFINITY }: Right): number => endsAtMs;

type Right = Pick<FileDecision, "reason" | "endsAtMs">;

/** All that lets somebody who does not own a ready file read it. */
function* rightsOf(
  principal: Principal,
  file: FileResource,
  { grants, albumIds }: FileAccess,
): Generator<Right> {
  const { organisationId, capability } = principal;
  const { audience } = file;
  if (capability && !actsAsPerson(principal)) {
    const { endsAtMs } = capability;
    if (capability.kind === "link" ? isOpenedBy(capability.target, file, albumIds) : false)
      yield { reason: "link", endsAtMs };
    if (capability.kind === "guest" && albumIds.includes(capability.albumId))
      yield { reason: "guest", endsAtMs };
  } else {
    for (const grant of grants) if (grant.kind === "share") yield rightOf("granted", grant);
    if (albumIds.length > 0) yield { reason: "album" };
    if (audience?.kind === "organisation" && audience.organisationId === organisationId)
      yield { reason: "organisation" };
    for (const grant of grants) if (grant.kind === "break-glass") yield rightOf("break-glass", grant);
    if (audience?.kind === "public") yield { reason: "public" };
  }
}

const rightOf = (reason: FileReason, { endsAtMs }: FileGrant): Right => ({
  reason,
  ...(endsAtMs === undefined ? {} : { endsAtMs }),
});

const isOpenedBy = (
  target: { readonly kind: "file" | "album"; readonly id: string },
  file: FileResource,
  albumIds: readonly string[],
): boolean => (target.kind === "file" ? target.id === file.id : albumIds.includes(target.id));

/** All that a principal may do with a file. */
export const allowedFileActions = (
  principal: Principal,
  file: FileResource,
  access: FileAccess,
  nowMs: number,
): FileAction[] =>
  fileActions.filter((action) => decideFileAccess(principal, action, file, access, nowMs).allowed);
