import { type AlbumRole, type GuestCommands, guestIssuer, type MergeGuest } from "@stowage/core";
import { refPlaceOf } from "../ref-place.ts";
import { addAuditEvent, type CommandContext } from "./context.ts";
import { othersCounted } from "./count-others.ts";
import { rightEndsAt } from "./guest-rights.ts";
import { leave } from "./guests.ts";

interface GuestRow {
  id: string;
  album_id: string;
  used_bytes: number;
  reserved_bytes: number;
  used_files: number;
  open_uploads: number;
  role: AlbumRole;
  shots_used: number;
  member_name: string | null;
  joined_at: number;
  is_put_out: number;
}

export function mergeGuest(
  context: CommandContext,
  command: MergeGuest,
): Awaited<ReturnType<GuestCommands["mergeGuest"]>> {
  const { connection, clock } = context;
  const { rightId, userId } = command;
  const guest = connection.get<GuestRow>(
    `SELECT p.id, c.album_id, p.used_bytes, p.reserved_bytes, p.used_files, p.open_uploads, m.role, m.shots_used,
       m.name AS member_name, m.joined_at, EXISTS (SELECT 1 FROM album_leavers l WHERE l.album_id = a.id AND l.user_id = ?4 AND l.is_put_out = 1
         AND NOT EXISTS (SELECT 1 FROM album_members o WHERE o.album_id = l.album_id AND o.user_id = l.user_id)) AS is_put_out
     FROM capabilities c CROSS JOIN principals p ON p.id = c.principal_id AND p.issuer = ?1
     CROSS JOIN albums a ON a.id = c.album_id CROSS JOIN album_members m ON m.album_id = a.id AND m.user_id = p.id
     WHERE c.id = ?2 AND ${rightEndsAt("c", "a")} > ?3`,
    guestIssuer,
    rightId,
    clock.nowMs(),
    userId,
  );
  if (!guest) {
    const merged = connection.get<{ user_id: string; album_id: string }>(
      "SELECT user_id, album_id FROM merged_guests WHERE right_id = ?",
      rightId,
    );
    return merged?.user_id === userId
      ? { outcome: "already", albumId: merged.album_id }
      : { outcome: "missing" };
  }
  if (guest.is_put_out === 1) return { outcome: "put-out" };
  if (!charge(context, command, guest))
    return connection.get("SELECT 1 FROM principals WHERE id = ? AND deleted_at IS NULL", userId)
      ? { outcome: "quota-exceeded" }
      : { outcome: "missing" };
  joinInPlace(context, userId, guest);
  handOver(context, guest.id, userId);
  connection.run("DELETE FROM principals WHERE id = ?", guest.id);
  leave(context, guest.id);
  const { album_id: albumId } = guest;
  connection.run(
    "INSERT INTO merged_guests (right_id, user_id, album_id) VALUES (?, ?, ?)",
    rightId,
    userId,
    albumId,
  );
  addAuditEvent(context, { principalId: userId }, "guest.merged", guest.id, JSON.stringify({ albumId }));
  return { outcome: "merged", albumId };
}

/** Counts what the guest has among the person's, and by that among their organisation's, where all of them have room. */
const charge = ({ connection }: CommandContext, command: MergeGuest, guest: GuestRow): boolean =>
  connection.run(
    `UPDATE principals SET used_bytes = used_bytes + ?1, reserved_bytes = reserved_bytes + ?2, used_files = used_files + ?3,
       open_uploads = open_uploads + ?4
     WHERE id = ?5 AND issuer <> ?6 AND deleted_at IS NULL
       AND (?7 = 0 OR used_bytes + reserved_bytes + ?1 + ?2 <= ?7) AND (?8 = 0 OR used_files + open_uploads + ?3 + ?4 <= ?8)
       AND (organisation_id IS NULL OR EXISTS (SELECT 1 FROM organisations o WHERE o.id = principals.organisation_id
         AND (?9 = 0 OR ${othersCounted("bytes", "?9")} + principals.used_bytes + principals.reserved_bytes + ?1 + ?2 <= ?9)
         AND (?10 = 0 OR ${othersCounted("files", "?10")} + principals.used_files + principals.open_uploads + ?3 + ?4 <= ?10)))`,
    guest.used_bytes,
    guest.reserved_bytes,
    guest.used_files,
    guest.open_uploads,
    command.userId,
    guestIssuer,
    command.quotaBytes,
    command.quotaFiles ?? 0,
    command.organisationQuotaBytes ?? 0,
    command.organisationQuotaFiles ?? 0,
  ) === 1;

/** The person is what they are already, else what the guest was; with the shots of both. */
function joinInPlace({ connection }: CommandContext, userId: string, guest: GuestRow): void {
  const joined = connection.get<{ shots_used: number }>(
    `INSERT INTO album_members (album_id, user_id, role, joined_at, name, shots_used)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6 + coalesce((SELECT shots_used FROM album_leavers WHERE album_id = ?1 AND user_id = ?2), 0))
     ON CONFLICT (album_id, user_id) DO UPDATE SET shots_used = album_members.shots_used + ?6 RETURNING shots_used`,
    guest.album_id,
    userId,
    // A guest owns no album.
    guest.role === "owner" ? "contributor" : guest.role,
    guest.joined_at,
    guest.member_name,
    guest.shots_used,
  );
  if (!joined) throw new Error("RETURNING gave no row.");
  connection.run(
    "UPDATE albums SET member_count = (SELECT count(*) FROM album_members WHERE album_id = ?1) WHERE id = ?1",
    guest.album_id,
  );
}

/** Whatever is the guest's is the person's: no list but their own changes. */
function handOver({ connection }: CommandContext, guestId: string, userId: string): void {
  const theirs = "(SELECT id FROM files WHERE owner_id = ?2)";
  for (const sql of [
    `UPDATE album_files SET added_by = ?1 WHERE added_by = ?2 AND file_id IN ${theirs}`,
    `UPDATE derivative_makes SET owner_id = ?1 WHERE file_id IN ${theirs}`,
    "UPDATE file_terms SET owner_id = ?1 WHERE owner_id = ?2",
    "UPDATE file_pairs SET owner_id = ?1 WHERE owner_id = ?2",
    // Whoever decided by the owner that it had decides anew.
    "UPDATE files SET owner_id = ?1, revision = revision + 1 WHERE owner_id = ?2",
  ])
    connection.run(sql, userId, guestId);
  const uploads = connection.all<{ id: string; ref: string }>(
    "SELECT id, ref FROM uploads WHERE owner_id = ? AND ref IS NOT NULL",
    guestId,
  );
  for (const { id, ref } of uploads) {
    const [before, now] = [refPlaceOf(guestId, ref), refPlaceOf(userId, ref)];
    connection.run(
      "DELETE FROM upload_refs WHERE lead = ? AND rest = ? AND upload_id = ?",
      before.lead,
      before.rest,
      id,
    );
    connection.run(
      "INSERT OR IGNORE INTO upload_refs (lead, rest, upload_id) VALUES (?, ?, ?)",
      now.lead,
      now.rest,
      id,
    );
  }
  connection.run("UPDATE uploads SET owner_id = ?1 WHERE owner_id = ?2", userId, guestId);
}
