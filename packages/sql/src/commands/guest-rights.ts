import { guestIssuer, guestLifeMs } from "@stowage/core";

/**
 * When a right ends, as the rows say now (`endOfRight` of core): a guest's not before a while after their album's reveal, whenever that
 * comes to be. Of rows of `capabilities` and, where there is one, `albums`.
 */
export const rightEndsAt = (right: string, album: string): string =>
  `max(${right}.ends_at, coalesce(${album}.revealed_at, ${album}.reveal_at, 0) + iif(${album}.reveal_at IS NULL, 0, ${guestLifeMs}))`;

export const isGuest = (principalId: string): string =>
  `EXISTS (SELECT 1 FROM principals g WHERE g.id = ${principalId} AND g.issuer = '${guestIssuer}')`;

/** Whether a guest has a right to an album that has not ended. */
export const hasRight = (principalId: string, albumId: string, nowMs: string): string =>
  `EXISTS (SELECT 1 FROM capabilities c LEFT JOIN albums ca ON ca.id = c.album_id
     WHERE c.principal_id = ${principalId} AND c.album_id = ${albumId} AND ${rightEndsAt("c", "ca")} > ${nowMs})`;

/** Whether somebody may add to an album now: they are in it, as more than a viewer, and where they are a guest their right has not ended. */
export const mayAdd = (principalId: string, albumId: string, nowMs: string): string =>
  `EXISTS (SELECT 1 FROM album_members m WHERE m.album_id = ${albumId} AND m.user_id = ${principalId} AND m.role <> 'viewer')
   AND (NOT ${isGuest(principalId)} OR ${hasRight(principalId, albumId, nowMs)})`;
