import {
  type AlbumCommands,
  type AlbumInviteRecord,
  type AlbumMemberRecord,
  type AlbumRecord,
  type AlbumStanding,
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
  type StandingRow,
  standingColumns,
  standingOf,
} from "./album-rows.ts";
import type { CommandContext } from "./commands/context.ts";
import { notDeleted } from "./commands/deleted-people.ts";

type Query<Name extends keyof AlbumCommands> = Parameters<AlbumCommands[Name]>[0];

export const findAlbums = (
  { connection }: CommandContext,
  { principalId, albumIds }: Query<"findAlbums">,
): AlbumStanding[] =>
  connection
    .all<StandingRow>(
      `SELECT ${standingColumns} FROM json_each(?) k CROSS JOIN albums a ON a.id = k.value
       LEFT JOIN album_members m ON m.album_id = a.id AND m.user_id = ?`,
      JSON.stringify([...new Set(albumIds)]),
      principalId,
    )
    .map(standingOf);

export const listAlbums = (
  { connection }: CommandContext,
  { principalId, after, limit }: Query<"listAlbums">,
): (AlbumStanding & { readonly member: AlbumMemberRecord })[] =>
  connection
    .all<StandingRow & { user_id: string }>(
      `SELECT ${standingColumns} FROM album_members m INDEXED BY album_members_by_user
       CROSS JOIN albums a ON a.id = m.album_id
       WHERE m.user_id = ? AND (m.joined_at, m.album_id) < (?, ?)
       ORDER BY m.joined_at DESC, m.album_id DESC LIMIT ?`,
      principalId,
      after?.joinedAtMs ?? Number.MAX_SAFE_INTEGER,
      after?.id ?? "",
      limit,
    )
    .map((row) => ({ album: albumOf(row), member: memberOf({ ...row, name: row.member_name }) }));

export const listDueAlbums = ({ connection, clock }: CommandContext, limit: number): AlbumRecord[] =>
  connection
    .all<AlbumRow>(
      `SELECT * FROM albums INDEXED BY albums_due
       WHERE reveal_at IS NOT NULL AND revealed_at IS NULL AND reveal_at <= ? ORDER BY reveal_at, id LIMIT ?`,
      clock.nowMs(),
      limit,
    )
    .map(albumOf);

export const listUnsealingAlbums = ({ connection }: CommandContext, limit: number): AlbumRecord[] =>
  connection
    .all<AlbumRow>(
      `SELECT * FROM albums INDEXED BY albums_unsealing
       WHERE revealed_at IS NOT NULL AND is_unsealed = 0 AND revealed_at > 0 ORDER BY revealed_at, id LIMIT ?`,
      limit,
    )
    .map(albumOf);

export const listAlbumMembers = (
  { connection }: CommandContext,
  { albumId, after = "", limit }: Query<"listAlbumMembers">,
): AlbumMemberRecord[] =>
  connection
    .all<AlbumMemberRow>(
      "SELECT * FROM album_members WHERE album_id = ? AND user_id > ? ORDER BY user_id LIMIT ?",
      albumId,
      after,
      limit,
    )
    .map(memberOf);

/** Those that have run out are passed over; there are no more of them than were ever made at once. */
export const listAlbumInvites = (
  { connection, clock }: CommandContext,
  albumId: string,
): AlbumInviteRecord[] =>
  connection
    .all<AlbumInviteRow>(
      `SELECT * FROM album_invites INDEXED BY album_invites_by_album
       WHERE album_id = ? AND expires_at > ? ORDER BY created_at DESC, id DESC LIMIT ?`,
      albumId,
      clock.nowMs(),
      maxAlbumInvites,
    )
    .map(inviteOf);

export function findAlbumInvite(
  { connection, clock }: CommandContext,
  tokenHash: string,
): { readonly invite: AlbumInviteRecord; readonly album: AlbumRecord } | undefined {
  const invite = connection.get<AlbumInviteRow>(
    `SELECT * FROM album_invites
     WHERE token_hash = ? AND expires_at > ? AND (max_uses IS NULL OR uses < max_uses) AND ${notDeleted("created_by")}`,
    tokenHash,
    clock.nowMs(),
  );
  const album =
    invite &&
    connection.get<AlbumRow>(
      "SELECT * FROM albums WHERE id = ? AND member_count < ?",
      invite.album_id,
      maxAlbumMembers,
    );
  return invite && album && { invite: inviteOf(invite), album: albumOf(album) };
}

export function findAlbumFile(
  { connection }: CommandContext,
  { albumId, fileId }: Query<"findAlbumFile">,
): { readonly addedBy: string } | undefined {
  const row = connection.get<{ added_by: string }>(
    "SELECT added_by FROM album_files WHERE file_id = ? AND album_id = ?",
    fileId,
    albumId,
  );
  return row && { addedBy: row.added_by };
}
