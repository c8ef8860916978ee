import {
  type AlbumCommand,
  type AlbumCommands,
  type AlbumOutcome,
  type AlbumRecord,
  maxClockDifferenceMs,
  type NewAlbum,
  type NewAlbumOutcome,
} from "@stowage/core";
import { findAlbums } from "../album-reads.ts";
import { type AlbumRow, albumOf } from "../album-rows.ts";
import { joinAlbum } from "./album-members.ts";
import { isOwnedBy, notOwner, ownedBy, personOf } from "./album-owners.ts";
import { addAuditEvent, type CommandContext } from "./context.ts";
import { isGuest } from "./guest-rights.ts";
import { findRepeat, rememberKey } from "./idempotency-keys.ts";
import { deleteLinksTo } from "./links.ts";

type Command<Name extends keyof AlbumCommands> = Parameters<AlbumCommands[Name]>[0];
type Outcome<Name extends keyof AlbumCommands> = Awaited<ReturnType<AlbumCommands[Name]>>;

const missing = { outcome: "missing" } as const;

export function readAlbum({ connection }: CommandContext, albumId: string): AlbumRecord | undefined {
  const row = connection.get<AlbumRow>("SELECT * FROM albums WHERE id = ?", albumId);
  return row && albumOf(row);
}

/** Of an album that this transaction has just written. */
function readBack(context: CommandContext, albumId: string): AlbumRecord {
  const album = readAlbum(context, albumId);
  if (!album) throw new Error("An album vanished within a transaction.");
  return album;
}

export function createAlbum(context: CommandContext, album: NewAlbum): NewAlbumOutcome {
  const { connection, clock } = context;
  const { ownerId, idempotency } = album;
  const known = idempotency && findRepeat(context, ownerId, idempotency);
  if (known?.outcome === "repeat") {
    const [standing] = findAlbums(context, { principalId: ownerId, albumIds: [known.resourceId] });
    return { outcome: "repeat", ...(standing?.member && { standing }) };
  }
  if (known) return known;
  const nowMs = clock.nowMs();
  connection.run(
    `INSERT INTO albums (id, owner_id, name, created_at, revision, reveal_at, is_unsealed, shots_per_member)
     VALUES (?, ?, ?, ?, 1, ?, ?, ?)`,
    album.id,
    album.ownerId,
    album.name,
    nowMs,
    album.revealAtMs ?? null,
    album.revealAtMs === undefined ? 1 : 0,
    album.shotsPerMember ?? null,
  );
  const member = joinAlbum(context, album.id, { userId: ownerId, role: "owner" });
  if (idempotency) rememberKey(context, ownerId, idempotency, album.id);
  addAuditEvent(context, { principalId: ownerId }, "album.created", album.id);
  return { outcome: "created", album: readBack(context, album.id), member };
}

/** Of a command that changed nothing: what is told where it is neither the album's being away, nor the actor's, nor another revision. */
function refusal<Refused>(
  context: CommandContext,
  { albumId, actor, revision }: AlbumCommand,
  refused: (album: AlbumRecord) => Refused,
): AlbumOutcome | Refused {
  const album = readAlbum(context, albumId);
  if (!album) return missing;
  if (!isOwnedBy(context, albumId, actor)) return notOwner;
  return album.revision === revision ? refused(album) : { outcome: "stale", album };
}

export function changeAlbum(
  context: CommandContext,
  command: Command<"changeAlbum">,
): Outcome<"changeAlbum"> {
  const { albumId, revision, actor, change } = command;
  const { name, revealAtMs, shotsPerMember } = change;
  const row = context.connection.get<AlbumRow>(
    `UPDATE albums SET name = coalesce(?1, name), reveal_at = coalesce(?2, reveal_at),
       shots_per_member = iif(?3 = 1, ?4, shots_per_member), revision = revision + 1
     WHERE id = ?5 AND revision = ?6 AND (?2 IS NULL OR (reveal_at IS NOT NULL AND revealed_at IS NULL))
       AND ${ownedBy("?7", "?5")} RETURNING *`,
    name ?? null,
    revealAtMs ?? null,
    shotsPerMember === undefined ? 0 : 1,
    shotsPerMember ?? null,
    albumId,
    revision,
    personOf(actor),
  );
  if (!row) return refusal(context, command, (album) => ({ outcome: "not-sealed", album }) as const);
  addAuditEvent(context, actor, "album.changed", albumId);
  return { outcome: "done", album: albumOf(row) };
}

export function deleteAlbum(
  context: CommandContext,
  command: Command<"deleteAlbum">,
): Outcome<"deleteAlbum"> {
  const { connection, clock } = context;
  const { albumId, revision, actor } = command;
  const row = connection.get<AlbumRow>(
    `DELETE FROM albums WHERE id = ?1 AND revision = ?2 AND (is_unsealed = 1 OR (file_count = 0
       AND NOT EXISTS (SELECT 1 FROM uploads INDEXED BY uploads_by_album
         WHERE album_id = ?1 AND state IN ('pending', 'uploaded', 'verifying')))) AND ${ownedBy("?3", "?1")} RETURNING *`,
    albumId,
    revision,
    personOf(actor),
  );
  if (!row) return refusal(context, command, (album) => ({ outcome: "sealed", album }) as const);
  connection.run(
    `DELETE FROM capabilities WHERE album_id = ?1
       AND principal_id IN (SELECT user_id FROM album_members WHERE album_id = ?1)`,
    albumId,
  );
  connection.run(
    `INSERT OR IGNORE INTO ended_guests (guest_id)
     SELECT user_id FROM album_members m WHERE album_id = ? AND ${isGuest("m.user_id")}`,
    albumId,
  );
  deleteLinksTo(context, { kind: "album", id: albumId });
  connection.run("DELETE FROM album_members WHERE album_id = ?", albumId);
  connection.run("DELETE FROM album_leavers WHERE album_id = ?", albumId);
  connection.run("DELETE FROM album_invites WHERE album_id = ?", albumId);
  connection.run("DELETE FROM merged_guests WHERE album_id = ?", albumId);
  if (row.reveal_at !== null && row.revealed_at === null)
    connection.run("INSERT INTO unrevealed_albums (album_id) VALUES (?)", albumId);
  connection.run("INSERT INTO deleted_albums (album_id, deleted_at) VALUES (?, ?)", albumId, clock.nowMs());
  addAuditEvent(context, actor, "album.deleted", albumId, null, { ownerId: row.owner_id });
  return { outcome: "done", album: albumOf(row) };
}

export function revealAlbum(
  context: CommandContext,
  { albumId, actor, due }: Command<"revealAlbum">,
): Outcome<"revealAlbum"> {
  const { connection, clock } = context;
  const nowMs = clock.nowMs();
  const clocks = [nowMs, ...(due?.clocksMs ?? [])];
  const agrees = Math.max(...clocks) - Math.min(...clocks) <= maxClockDifferenceMs;
  const row = connection.get<AlbumRow>(
    `UPDATE albums SET revealed_at = ?1, is_unsealed = iif(file_count = 0, 1, 0), revision = revision + 1
     WHERE id = ?2 AND ?3 = 1 AND reveal_at IS NOT NULL AND revealed_at IS NULL AND reveal_at <= ?4
       AND ${ownedBy("?5", "?2")} RETURNING *`,
    nowMs,
    albumId,
    agrees ? 1 : 0,
    due === undefined ? Number.MAX_SAFE_INTEGER : Math.min(...clocks),
    personOf(actor),
  );
  if (row) {
    addAuditEvent(context, actor, "album.revealed", albumId);
    return { outcome: "revealed", album: albumOf(row) };
  }
  const album = readAlbum(context, albumId);
  if (!album) return missing;
  if (!isOwnedBy(context, albumId, actor)) return notOwner;
  if (album.revealAtMs === undefined || album.revealedAtMs !== undefined)
    return { outcome: "not-sealed", album };
  return { outcome: agrees ? "not-due" : "clocks-disagree", album };
}
