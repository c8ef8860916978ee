import type {
  AlbumInviteRecord,
  AlbumMemberRecord,
  AlbumRecord,
  AlbumRole,
  AlbumStanding,
} from "@stowage/core";

export interface AlbumRow {
  id: string;
  owner_id: string;
  name: string;
  created_at: number;
  revision: number;
  reveal_at: number | null;
  revealed_at: number | null;
  is_unsealed: number;
  shots_per_member: number | null;
  file_count: number;
}

export interface AlbumMemberRow {
  user_id: string;
  role: AlbumRole;
  joined_at: number;
  shots_used: number;
  name: string | null;
}

export interface AlbumInviteRow {
  id: string;
  album_id: string;
  role: AlbumInviteRecord["role"];
  created_by: string;
  created_at: number;
  expires_at: number;
  max_uses: number | null;
  uses: number;
}

/** An album beside a member's row, where there is one. */
export interface StandingRow extends AlbumRow {
  user_id: string | null;
  role: AlbumRole;
  joined_at: number;
  shots_used: number;
  member_name: string | null;
}

export const standingColumns = "a.*, m.user_id, m.role, m.joined_at, m.shots_used, m.name AS member_name";

export const albumOf = (row: AlbumRow): AlbumRecord => ({
  id: row.id,
  ownerId: row.owner_id,
  name: row.name,
  createdAtMs: row.created_at,
  revision: row.revision,
  ...(row.reveal_at === null ? {} : { revealAtMs: row.reveal_at }),
  ...(row.revealed_at === null ? {} : { revealedAtMs: row.revealed_at }),
  isUnsealed: row.is_unsealed === 1,
  ...(row.shots_per_member === null ? {} : { shotsPerMember: row.shots_per_member }),
  fileCount: row.file_count,
});

export const memberOf = (row: AlbumMemberRow): AlbumMemberRecord => ({
  userId: row.user_id,
  role: row.role,
  joinedAtMs: row.joined_at,
  shotsUsed: row.shots_used,
  ...(row.name === null ? {} : { name: row.name }),
});

export function standingOf(row: StandingRow): AlbumStanding {
  const { user_id, member_name: name } = row;
  return {
    album: albumOf(row),
    ...(user_id === null ? {} : { member: memberOf({ ...row, user_id, name }) }),
  };
}

export const inviteOf = (row: AlbumInviteRow): AlbumInviteRecord => ({
  id: row.id,
  albumId: row.album_id,
  role: row.role,
  createdBy: row.created_by,
  createdAtMs: row.created_at,
  expiresAtMs: row.expires_at,
  ...(row.max_uses === null ? {} : { maxUses: row.max_uses }),
  uses: row.uses,
});
