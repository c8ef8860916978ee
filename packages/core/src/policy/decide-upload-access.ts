import type { Principal } from "./principal.ts";

/**
 * The predicate of uploads: whoever sends one has to do with it, and nobody else. A capability that has ended lets nobody go on.
 *
 * @param nowMs by the clock that capabilities end by
 */
export const maySeeUpload = (
  { id, capability }: Principal,
  { ownerId }: { readonly ownerId: string },
  nowMs: number,
): boolean => ownerId === id && (!capability || (capability.kind === "guest" && capability.endsAtMs > nowMs));

/** The predicate as a query: whose uploads, and whose own files, a list of this principal's may contain. */
export const ownerIdOf = ({ id }: Principal): string => id;
