import { type AlbumMemberRecord, type AlbumRecord, isSealed, type VisibleAlbum } from "@stowage/core";
import type { Album, AlbumMember } from "@stowage/protocol";
import { timestamp } from "./upload.ts";

/** An album's ETag: changes with its own members, not with what is in it. */
export const albumEtagOf = ({ revision }: AlbumRecord): string => `"r${revision}"`;

/** An album as somebody who may see it does. */
export const presentAlbum = ({ album, member }: VisibleAlbum): Album => ({
  id: album.id,
  name: album.name,
  owner: { id: album.ownerId },
  ...(member ? { role: member.role } : {}),
  createdAt: timestamp(album.createdAtMs),
  ...(album.revealAtMs === undefined ? {} : { revealAt: timestamp(album.revealAtMs) }),
  ...(album.revealedAtMs === undefined ? {} : { revealedAt: timestamp(album.revealedAtMs) }),
  sealed: isSealed(album),
  count: album.fileCount,
  ...(album.shotsPerMember === undefined ? {} : { shotsPerMember: album.shotsPerMember }),
  ...(album.shotsPerMember === undefined || !member || member.role === "viewer"
    ? {}
    : { shotsLeft: Math.max(0, album.shotsPerMember - member.shotsUsed) }),
});

export const presentMember = ({ userId, role, joinedAtMs, name }: AlbumMemberRecord): AlbumMember => ({
  userId,
  role,
  joinedAt: timestamp(joinedAtMs),
  ...(name === undefined ? {} : { name }),
});
