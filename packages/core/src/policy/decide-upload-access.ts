import type { DelegationBounds } from "../delegation.ts";
import { endedUploadStates, type UploadRecord } from "../upload.ts";
import type { Principal } from "./principal.ts";

/** An upload, as far as the decision needs it. */
export type UploadResource = Pick<
  UploadRecord,
  "ownerId" | "state" | "profile" | "albumId" | "metadata" | "createdAtMs" | "endedAtMs"
>;

/**
 * The predicate of uploads: whoever sends one has to do with it, and nobody else. A capability that has ended lets nobody go on. Rights that
 * a person delegated reach what is sent within their bounds; without `files:read` no more of it than sending takes: what is open, and what was
 * created or has ended since they were given.
 *
 * @param nowMs by the clock that capabilities end by
 */
export function maySeeUpload({ id, capability }: Principal, upload: UploadResource, nowMs: number): boolean {
  if (upload.ownerId !== id) return false;
  if (!capability) return true;
  if (capability.endsAtMs <= nowMs || capability.kind === "link") return false;
  if (capability.kind === "guest") return true;
  const { bounds, scopes, mintedAtMs } = capability;
  if (!isWithinBounds(bounds, upload)) return false;
  const endedAtMs = endedUploadStates.has(upload.state) ? (upload.endedAtMs ?? 0) : Number.POSITIVE_INFINITY;
  return scopes.includes("files:read") || endedAtMs >= mintedAtMs || upload.createdAtMs >= mintedAtMs;
}

/** Whether an upload is one that may be sent within those bounds; how many there may be, who creates them counts. */
export const isWithinBounds = (
  { profile, albumId, metadata = {} }: DelegationBounds,
  upload: Pick<UploadResource, "profile" | "albumId" | "metadata">,
): boolean =>
  (profile === undefined || upload.profile === profile) &&
  (albumId === undefined || upload.albumId === albumId) &&
  hasPairs(new Map(Object.entries(upload.metadata)), metadata);

const hasPairs = (pairs: ReadonlyMap<string, string>, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([name, value]) => pairs.get(name) === value);

/** The predicate as a query: whose uploads, and whose own files, a list of this principal's may contain. */
export const ownerIdOf = ({ id }: Principal): string => id;
