import {
  type Actor,
  type AlbumCommands,
  type AlbumMemberRecord,
  endOfRightMs,
  guestIssuer,
  guestLifeMs,
  maxAlbumInvites,
  maxAlbumMembers,
} from "@stowage/core";
import {
  type AlbumInviteRow,
  type AlbumMemberRow,
  type AlbumRow,
  albumOf,
  inviteOf,
  memberOf,
} from "../album-rows.ts";
import { hasOtherOwner, notOwner, ownedBy, personOf } from "./album-owners.ts";
import { insertCapability } from "./capabilities.ts";
import { addAuditEvent, type CommandContext } from "./context.ts";
import { deleteDelegationsTo } from "./delegations.ts";
import { notDeleted } from "./deleted-people.ts";
import { isGuest } from "./guest-rights.ts";
import { noteEndedGuest } from "./guests.ts";
import { findRepeat, rememberKey } from "./idempotency-keys.ts";
import { deleteLinksBy } from "./links.ts";

type Command<Name extends keyof AlbumCommands> = Parameters<AlbumCommands[Name]>[0];
type Outcome<Name extends keyof AlbumCommands> = Awaited<ReturnType<AlbumCommands[Name]>>;

const readMember = (
  { connection }: CommandContext,
  albumId: string,
  userId: string,
): AlbumMemberRecord | undefined => {
  const row = connection.get<AlbumMemberRow>(
    "SELECT * FROM album_members WHERE album_id = ? AND user_id = ?",
    albumId,
    userId,
  );
  return row && memberOf(row);
};

/** Of an album that has room. Shots that were taken by who comes back are not forgotten. */
export function joinAlbum(
  { connection, clock }: CommandContext,
  albumId: string,
  { userId, role, name }: Pick<AlbumMemberRecord, "userId" | "role" | "name">,
): AlbumMemberRecord {
  const row = connection.get<AlbumMemberRow>(
    `INSERT INTO album_members (album_id, user_id, role, joined_at, name, shots_used)
     VALUES (?1, ?2, ?3, ?4, ?5,
       coalesce((SELECT shots_used FROM album_leavers WHERE album_id = ?1 AND user_id = ?2), 0)) RETURNING *`,
    albumId,
    userId,
    role,
    clock.nowMs(),
    name ?? null,
  );
  if (!row) throw new Error("RETURNING gave no row.");
  connection.run("UPDATE albums SET member_count = member_count + 1 WHERE id = ?", albumId);
  return memberOf(row);
}

/** How many are in it, where it is there, and whether the actor may manage it. */
const readRoom = ({ connection }: CommandContext, albumId: string, actor: Actor) =>
  connection.get<{ member_count: number; is_owned: number }>(
    `SELECT member_count, ${ownedBy("?2", "?1")} AS is_owned FROM albums WHERE id = ?1`,
    albumId,
    personOf(actor),
  );

export function setAlbumMember(
  context: CommandContext,
  { albumId, userId, role, actor }: Command<"setAlbumMember">,
): Outcome<"setAlbumMember"> {
  const { connection } = context;
  const album = readRoom(context, albumId, actor);
  if (!album) return { outcome: "missing" };
  if (album.is_owned === 0) return notOwner;
  const known = readMember(context, albumId, userId);
  if (known?.role === role) return { outcome: "done", member: known };
  if (role === "owner" && connection.get(`SELECT 1 WHERE ${isGuest("?1")}`, userId))
    return { outcome: "guest" };
  const isLast =
    known?.role === "owner" &&
    !connection.get(`SELECT 1 WHERE ${hasOtherOwner("?1", "?2")}`, albumId, userId);
  if (isLast) return { outcome: "last-owner" };
  if (!known && album.member_count >= maxAlbumMembers) return { outcome: "too-many" };
  if (known) {
    connection.run(
      "UPDATE album_members SET role = ? WHERE album_id = ? AND user_id = ?",
      role,
      albumId,
      userId,
    );
    endWaysInOf(context, albumId, known);
  }
  const member = known ? { ...known, role } : joinAlbum(context, albumId, { userId, role });
  addAuditEvent(context, actor, "album.member-set", albumId, JSON.stringify({ userId, role }));
  return { outcome: "done", member };
}

export function removeAlbumMember(
  context: CommandContext,
  { albumId, userId, actor }: Command<"removeAlbumMember">,
): Outcome<"removeAlbumMember"> {
  const { connection } = context;
  const deleted = connection.get<AlbumMemberRow>(
    `DELETE FROM album_members WHERE album_id = ?1 AND user_id = ?2
       AND (role <> 'owner' OR ${hasOtherOwner("?1", "?2")})
       AND (user_id = ?3 OR ${ownedBy("?3", "?1")}) RETURNING *`,
    albumId,
    userId,
    personOf(actor),
  );
  if (!deleted) {
    const album = readRoom(context, albumId, actor);
    if (album?.is_owned === 0 && personOf(actor) !== userId) return "not-owner";
    return readMember(context, albumId, userId) ? "last-owner" : "missing";
  }
  connection.run("UPDATE albums SET member_count = member_count - 1 WHERE id = ?", albumId);
  connection.run(
    "INSERT OR REPLACE INTO album_leavers (album_id, user_id, shots_used, is_put_out) VALUES (?, ?, ?, ?)",
    albumId,
    userId,
    deleted.shots_used,
    personOf(actor) === userId ? 0 : 1,
  );
  endWaysInOf(context, albumId, { userId, role: deleted.role });
  // A guest's right is to one album.
  connection.run("DELETE FROM capabilities WHERE principal_id = ? AND album_id = ?", userId, albumId);
  deleteDelegationsTo(context, userId, albumId);
  noteEndedGuest(context, userId);
  addAuditEvent(context, actor, "album.member-removed", albumId, JSON.stringify({ userId }));
  return "done";
}

/** Invites and links of who was an owner and is none any more: else they would come back by one of them. */
function endWaysInOf(
  context: CommandContext,
  albumId: string,
  { userId, role }: Pick<AlbumMemberRecord, "userId" | "role">,
): void {
  if (role !== "owner") return;
  context.connection.run("DELETE FROM album_invites WHERE album_id = ? AND created_by = ?", albumId, userId);
  deleteLinksBy(context, { kind: "album", id: albumId }, userId);
}

export function createAlbumInvite(
  context: CommandContext,
  invite: Command<"createAlbumInvite">,
): Outcome<"createAlbumInvite"> {
  const { connection, clock } = context;
  const { createdBy, idempotency } = invite;
  const repeated = idempotency && findRepeat(context, createdBy, idempotency);
  if (repeated?.outcome === "repeat") {
    const made = connection.get<AlbumInviteRow>(
      "SELECT * FROM album_invites WHERE album_id = ? AND id = ?",
      invite.albumId,
      repeated.resourceId,
    );
    return { outcome: "repeat", ...(made && { invite: inviteOf(made) }) };
  }
  if (repeated) return repeated;
  const nowMs = clock.nowMs();
  const row = connection.get<AlbumInviteRow>(
    `INSERT INTO album_invites (token_hash, id, album_id, role, created_by, created_at, expires_at, max_uses)
     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE EXISTS (SELECT 1 FROM albums WHERE id = ?3) AND ${ownedBy("?5", "?3")}
       AND (SELECT count(*) FROM album_invites INDEXED BY album_invites_by_album
            WHERE album_id = ?3 AND expires_at > ?6) < ?9 RETURNING *`,
    invite.tokenHash,
    invite.id,
    invite.albumId,
    invite.role,
    invite.createdBy,
    nowMs,
    invite.expiresAtMs,
    invite.maxUses ?? null,
    maxAlbumInvites,
  );
  if (!row) {
    const album = readRoom(context, invite.albumId, { principalId: invite.createdBy });
    if (album?.is_owned === 0) return notOwner;
    return album ? { outcome: "too-many" } : { outcome: "missing" };
  }
  if (idempotency) rememberKey(context, createdBy, idempotency, row.id);
  // What has run out is nobody's way in any more, and in nobody's list.
  connection.run("DELETE FROM album_invites WHERE album_id = ? AND expires_at <= ?", invite.albumId, nowMs);
  addAuditEvent(context, { principalId: invite.createdBy }, "album.invited", invite.albumId);
  return { outcome: "done", invite: inviteOf(row) };
}

export function revokeAlbumInvite(
  context: CommandContext,
  { albumId, inviteId, actor }: Command<"revokeAlbumInvite">,
): Outcome<"revokeAlbumInvite"> {
  const deleted = context.connection.run(
    `DELETE FROM album_invites WHERE album_id = ?1 AND id = ?2 AND ${ownedBy("?3", "?1")}`,
    albumId,
    inviteId,
    personOf(actor),
  );
  if (deleted === 0) return readRoom(context, albumId, actor)?.is_owned === 0 ? "not-owner" : "missing";
  addAuditEvent(context, actor, "album.invite-revoked", albumId);
  return "done";
}

const wasPutOut = ({ connection }: CommandContext, albumId: string, userId: string): boolean =>
  connection.get(
    "SELECT 1 FROM album_leavers WHERE album_id = ? AND user_id = ? AND is_put_out = 1",
    albumId,
    userId,
  ) !== undefined;

export function acceptAlbumInvite(
  context: CommandContext,
  { tokenHash, as }: Command<"acceptAlbumInvite">,
): Outcome<"acceptAlbumInvite"> {
  const { connection, clock } = context;
  const nowMs = clock.nowMs();
  const invite = connection.get<AlbumInviteRow>(
    `SELECT * FROM album_invites WHERE token_hash = ? AND expires_at > ? AND ${notDeleted("created_by")}`,
    tokenHash,
    nowMs,
  );
  const userId = as.kind === "guest" ? as.newId : as.userId;
  const album = invite && connection.get<AlbumRow>("SELECT * FROM albums WHERE id = ?", invite.album_id);
  if (!invite || !album) return { outcome: "missing" };
  const known = readMember(context, album.id, userId);
  if (known) return { outcome: "already", album: albumOf(album), member: known };
  if (as.kind === "person" && wasPutOut(context, album.id, userId)) return { outcome: "put-out" };
  const used = connection.run(
    `UPDATE album_invites SET uses = uses + 1 WHERE token_hash = ? AND (max_uses IS NULL OR uses < max_uses)
       AND (SELECT member_count FROM albums WHERE id = album_invites.album_id) < ?`,
    tokenHash,
    maxAlbumMembers,
  );
  if (used === 0) return { outcome: "missing" };
  if (as.kind === "guest")
    connection.run(
      "INSERT INTO principals (id, issuer, subject, name, created_at, host_id) VALUES (?, ?, ?, ?, ?, ?)",
      userId,
      guestIssuer,
      userId,
      as.name,
      nowMs,
      invite.created_by,
    );
  const endsAtMs = nowMs + guestLifeMs;
  if (as.kind === "guest")
    insertCapability(context, {
      ...as.right,
      kind: "guest",
      principalId: userId,
      albumId: album.id,
      endsAtMs,
    });
  const { role } = invite;
  const member = joinAlbum(context, album.id, {
    userId,
    role,
    ...(as.name === undefined ? {} : { name: as.name }),
  });
  addAuditEvent(context, { principalId: userId }, "album.joined", album.id);
  return {
    outcome: "joined",
    album: albumOf(album),
    member,
    ...(as.kind === "guest" ? { endsAtMs: endOfRightMs(endsAtMs, albumOf(album)) } : {}),
  };
}
