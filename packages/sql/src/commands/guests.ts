import { type EndedGuest, type FileRecord, type GuestCommands, guestIssuer } from "@stowage/core";
import { type FileRow, fileOf } from "../rows.ts";
import { addAuditEvent, type CommandContext, selectFiles } from "./context.ts";
import { isGuest, rightEndsAt } from "./guest-rights.ts";

type Query<Name extends keyof GuestCommands> = Parameters<GuestCommands[Name]>[0];

/** Whether a guest still has a right, to whatever album. */
const hasSomeRight = (guestId: string, nowMs: string): string =>
  `EXISTS (SELECT 1 FROM capabilities c LEFT JOIN albums ca ON ca.id = c.album_id
     WHERE c.principal_id = ${guestId} AND c.album_id IS NOT NULL AND ${rightEndsAt("c", "ca")} > ${nowMs})`;

/** To be called by every command after which a guest may have nothing left, or something that is nobody's; nothing of who is none. */
export function noteEndedGuest(
  { connection }: Pick<CommandContext, "connection">,
  principalId: string,
): void {
  connection.run(
    `INSERT OR IGNORE INTO ended_guests (guest_id) SELECT ?1 WHERE ${isGuest("?1")}`,
    principalId,
  );
}

export const listEndedGuests = (
  { connection, clock }: CommandContext,
  { after = "", limit }: Query<"listEndedGuests">,
): EndedGuest[] =>
  connection
    .all<{ guest_id: string; has_right: number }>(
      `SELECT guest_id, ${hasSomeRight("e.guest_id", "?1")} AS has_right FROM ended_guests e
       WHERE guest_id > ?2 ORDER BY guest_id LIMIT ?3`,
      clock.nowMs(),
      after,
      limit,
    )
    .map(({ guest_id, has_right }) => ({ guestId: guest_id, hasRight: has_right === 1 }));

export const listHomelessFiles = (
  { connection }: CommandContext,
  { guestId, limit }: Query<"listHomelessFiles">,
): FileRecord[] =>
  connection
    .all<FileRow>(
      `${selectFiles} WHERE f.owner_id = ? AND NOT EXISTS (SELECT 1 FROM album_files af CROSS JOIN albums a ON a.id = af.album_id
         WHERE af.file_id = f.id) LIMIT ?`,
      guestId,
      limit,
    )
    .map(fileOf);

export function settleGuest(
  context: CommandContext,
  guestId: string,
): Awaited<ReturnType<GuestCommands["settleGuest"]>> {
  const { connection, clock } = context;
  const forgotten = connection.run(
    `DELETE FROM principals WHERE id = ?1 AND issuer = ?2 AND reserved_bytes = 0 AND open_uploads = 0
       AND NOT EXISTS (SELECT 1 FROM files f WHERE f.owner_id = ?1) AND NOT ${hasSomeRight("?1", "?3")}`,
    guestId,
    guestIssuer,
    clock.nowMs(),
  );
  if (forgotten === 1) {
    leave(context, guestId);
    addAuditEvent(context, "system", "guest.forgotten", guestId);
    return "forgotten";
  }
  const row = connection.get<{ is_busy: number; has_right: number }>(
    `SELECT reserved_bytes > 0 OR open_uploads > 0 AS is_busy, ${hasSomeRight("?1", "?2")} AS has_right FROM principals WHERE id = ?1`,
    guestId,
    clock.nowMs(),
  );
  if (row?.is_busy === 1 && row.has_right === 0) return "busy";
  connection.run("DELETE FROM ended_guests WHERE guest_id = ?", guestId);
  return row ? "kept" : "missing";
}

/** Takes a guest whose row is gone out of every album, and all that they were let do. */
export function leave({ connection }: CommandContext, guestId: string): void {
  connection.run(
    `UPDATE albums SET member_count = member_count - 1
     WHERE id IN (SELECT album_id FROM album_members INDEXED BY album_members_by_user WHERE user_id = ?1)`,
    guestId,
  );
  connection.run(
    `DELETE FROM album_members WHERE user_id = ?1
       AND album_id IN (SELECT album_id FROM album_members INDEXED BY album_members_by_user WHERE user_id = ?1)`,
    guestId,
  );
  connection.run("DELETE FROM capabilities WHERE principal_id = ?", guestId);
  connection.run("DELETE FROM ended_guests WHERE guest_id = ?", guestId);
}
