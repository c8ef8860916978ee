import type { Actor, AlbumCommands, MetadataStore, UploadRecord } from "@stowage/core";
import { ownedBy, personOf } from "./album-owners.ts";
import { addAuditEvent, type CommandContext } from "./context.ts";
import { mayAdd } from "./guest-rights.ts";
import { noteEndedGuest } from "./guests.ts";
import { indexFile } from "./index-file.ts";

type Command<Name extends keyof AlbumCommands> = Parameters<AlbumCommands[Name]>[0];

/** What an album is to an upload that is ready now: where it goes, and whether it is sealed there. Nothing to who may not add to it any more. */
export function placeInAlbum(
  { connection, clock }: CommandContext,
  { albumId, ownerId }: Pick<UploadRecord, "albumId" | "ownerId">,
): { readonly id: string; readonly isSealed: boolean } | undefined {
  if (albumId === undefined) return undefined;
  const row = connection.get<{ is_sealed: number }>(
    `SELECT reveal_at IS NOT NULL AND revealed_at IS NULL AS is_sealed FROM albums
     WHERE id = ?1 AND ${mayAdd("?2", "?1", "?3")}`,
    albumId,
    ownerId,
    clock.nowMs(),
  );
  return row && { id: albumId, isSealed: row.is_sealed === 1 };
}

export function putIntoAlbum(
  { connection, clock }: CommandContext,
  {
    fileId,
    albumId,
    addedBy,
  }: { readonly fileId: string; readonly albumId: string; readonly addedBy: string },
): void {
  connection.run(
    "INSERT INTO album_files (file_id, album_id, added_by, added_at) VALUES (?, ?, ?, ?)",
    fileId,
    albumId,
    addedBy,
    clock.nowMs(),
  );
}

export function addToCount(
  { connection }: Pick<CommandContext, "connection">,
  albumId: string,
  change: number,
): void {
  connection.run("UPDATE albums SET file_count = file_count + ? WHERE id = ?", change, albumId);
}

/** Albums that a file comes into which are gone or sealed, or in which the actor may not add. */
export const refusesAlbums = (
  { connection }: CommandContext,
  command: { readonly fileId: string; readonly actor: Actor },
  albumIds: readonly string[],
): boolean =>
  connection.get(
    `SELECT 1 FROM json_each(?) k WHERE
       NOT EXISTS (SELECT 1 FROM album_files f WHERE f.file_id = ? AND f.album_id = k.value)
       AND NOT EXISTS (SELECT 1 FROM albums a CROSS JOIN album_members m ON m.album_id = a.id AND m.user_id = ?
         WHERE a.id = k.value AND (a.reveal_at IS NULL OR a.revealed_at IS NOT NULL) AND m.role <> 'viewer') LIMIT 1`,
    JSON.stringify(albumIds),
    command.fileId,
    idOf(command.actor),
  ) !== undefined;

/** How many shots each member of an album has into which a file would come, and whose owner has none left there. */
export const findSpentAlbum = (
  { connection }: CommandContext,
  command: { readonly fileId: string; readonly actor: Actor },
  albumIds: readonly string[],
): { readonly shotsPerMember: number } | undefined => {
  const row = connection.get<{ shots_per_member: number }>(
    `SELECT a.shots_per_member FROM json_each(?) k CROSS JOIN albums a ON a.id = k.value
     CROSS JOIN album_members m ON m.album_id = a.id AND m.user_id = ?
     WHERE m.shots_used >= a.shots_per_member
       AND NOT EXISTS (SELECT 1 FROM album_files f WHERE f.file_id = ? AND f.album_id = a.id) LIMIT 1`,
    JSON.stringify(albumIds),
    idOf(command.actor),
    command.fileId,
  );
  return row && { shotsPerMember: row.shots_per_member };
};

/** In place of those that it is in. To be called before it is indexed. Takes a shot for each that it comes into. */
export function replaceAlbums(
  { connection, clock }: CommandContext,
  { fileId, actor }: { readonly fileId: string; readonly actor: Actor },
  albumIds: readonly string[],
): void {
  const ids = JSON.stringify([...new Set(albumIds)]);
  connection.run(
    "DELETE FROM album_files WHERE file_id = ? AND album_id NOT IN (SELECT value FROM json_each(?))",
    fileId,
    ids,
  );
  connection.run(
    `UPDATE album_members SET shots_used = shots_used + 1 WHERE user_id = ?1 AND album_id IN (SELECT value FROM json_each(?2))
       AND NOT EXISTS (SELECT 1 FROM album_files f WHERE f.file_id = ?3 AND f.album_id = album_members.album_id)`,
    idOf(actor),
    ids,
    fileId,
  );
  connection.run(
    `INSERT OR IGNORE INTO album_files (file_id, album_id, added_by, added_at)
     SELECT ?, value, ?, ? FROM json_each(?)`,
    fileId,
    idOf(actor),
    clock.nowMs(),
    ids,
  );
  connection.run(
    "UPDATE files SET albums = (SELECT count(*) FROM album_files a WHERE a.file_id = files.id) WHERE id = ?",
    fileId,
  );
}

/**
 * Takes what comes out of the trash out of those albums to which its owner may not add now. To be called before it is indexed. Answers in which it is from
 * then on; undefined where that has not changed.
 */
export function leaveClosedAlbums(
  { connection, clock }: CommandContext,
  fileId: string,
): readonly string[] | undefined {
  const left = connection.run(
    `DELETE FROM album_files WHERE file_id = ?1 AND NOT EXISTS (SELECT 1 FROM files f WHERE f.id = ?1
       AND ${mayAdd("f.owner_id", "album_files.album_id", "?2")})`,
    fileId,
    clock.nowMs(),
  );
  if (left === 0) return undefined;
  const file = connection.get<{ owner_id: string }>(
    `UPDATE files SET albums = (SELECT count(*) FROM album_files a WHERE a.file_id = files.id) WHERE id = ?
     RETURNING owner_id`,
    fileId,
  );
  if (file) noteEndedGuest({ connection }, file.owner_id);
  return connection
    .all<{ album_id: string }>("SELECT album_id FROM album_files WHERE file_id = ? ORDER BY album_id", fileId)
    .map(({ album_id }) => album_id);
}

const idOf = (actor: Actor): string => (typeof actor === "string" ? actor : actor.principalId);

/** Takes it out where it is in, and brings its lists up to date; false where it is not, or sealed, or not the actor's to take out. */
function takeOut(context: CommandContext, fileId: string, albumId: string, actor: Actor): boolean {
  const { connection } = context;
  const taken = connection.run(
    `DELETE FROM album_files WHERE file_id = ?1 AND album_id = ?2
       AND NOT EXISTS (SELECT 1 FROM files f WHERE f.id = ?1 AND f.state = 'sealed')
       AND (EXISTS (SELECT 1 FROM files f WHERE f.id = ?1 AND f.owner_id = ?3)
         OR (added_by = ?3 AND EXISTS (SELECT 1 FROM album_members m WHERE m.album_id = ?2 AND m.user_id = ?3))
         OR ${ownedBy("?3", "?2")})`,
    fileId,
    albumId,
    personOf(actor),
  );
  if (taken === 0) return false;
  const file = connection.get<{ owner_id: string }>(
    "UPDATE files SET albums = albums - 1, revision = revision + 1 WHERE id = ? RETURNING owner_id",
    fileId,
  );
  if (file) noteEndedGuest(context, file.owner_id);
  indexFile(context, fileId);
  return true;
}

export function removeAlbumFile(
  context: CommandContext,
  { albumId, fileId, actor }: Command<"removeAlbumFile">,
): "done" | "not-owner" | "missing" {
  if (!takeOut(context, fileId, albumId, actor)) {
    const isThere = context.connection.get(
      `SELECT 1 FROM album_files a CROSS JOIN files f ON f.id = a.file_id
       WHERE a.file_id = ? AND a.album_id = ? AND f.state <> 'sealed'`,
      fileId,
      albumId,
    );
    return isThere ? "not-owner" : "missing";
  }
  addAuditEvent(context, actor, "album.file-removed", fileId, JSON.stringify({ albumId }));
  return "done";
}

export function emptyDeletedAlbums(context: CommandContext, limit: number): number {
  const { connection } = context;
  const album = connection.get<{ album_id: string }>(
    "SELECT album_id FROM deleted_albums WHERE album_id > '' ORDER BY album_id LIMIT 1",
  );
  if (!album) return 0;
  const left = connection.all<{ file_id: string }>(
    "SELECT file_id FROM album_files INDEXED BY album_files_by_album WHERE album_id = ? ORDER BY file_id LIMIT ?",
    album.album_id,
    limit,
  );
  for (const { file_id } of left) takeOut(context, file_id, album.album_id, "system");
  if (left.length < limit) connection.run("DELETE FROM deleted_albums WHERE album_id = ?", album.album_id);
  return left.length;
}

export function unsealFiles(
  context: CommandContext,
  { albumId, limit, fileId }: Command<"unsealFiles">,
): number {
  const { connection } = context;
  const isRevealed = connection.get(
    "SELECT 1 FROM albums WHERE id = ? AND (reveal_at IS NULL OR revealed_at IS NOT NULL)",
    albumId,
  );
  if (!isRevealed) return 0;
  const from =
    "SELECT id FROM files INDEXED BY files_sealed_by_album WHERE state = 'sealed' AND sealed_by = ?";
  const sealed =
    fileId === undefined
      ? connection.all<{ id: string }>(`${from} ORDER BY id LIMIT ?`, albumId, limit)
      : connection.all<{ id: string }>(`${from} AND id = ?`, albumId, fileId);
  for (const { id } of sealed) {
    connection.run(
      `UPDATE files SET state = iif(quarantine IS NULL, 'ready', 'quarantined'), sealed_by = NULL,
         trashed_at = json_extract(quarantine, '$.atMs'), revision = revision + 1 WHERE id = ?`,
      id,
    );
    indexFile(context, id);
    addAuditEvent(context, "system", "file.unsealed", id);
  }
  if (sealed.length > 0) addToCount(context, albumId, -sealed.length);
  if (fileId === undefined && sealed.length < limit)
    connection.run("UPDATE albums SET is_unsealed = 1 WHERE id = ?", albumId);
  return sealed.length;
}

/** What an album counts, as the rows say. */
const countOf = (
  albumId: string,
): string => `(SELECT count(*) FROM file_audiences f WHERE f.audience = 'a:' || ${albumId}) +
  (SELECT count(*) FROM files s INDEXED BY files_sealed_by_album WHERE s.state = 'sealed' AND s.sealed_by = ${albumId})`;

const selectCounts = `SELECT a.id, a.file_count, ${countOf("a.id")} AS counted FROM albums a`;

interface CountRow {
  id: string;
  file_count: number;
  counted: number;
}

export const listAlbumCounts = (
  { connection }: CommandContext,
  { after = "", limit }: Command<"listAlbumCounts">,
): Awaited<ReturnType<AlbumCommands["listAlbumCounts"]>> =>
  connection
    .all<CountRow>(`${selectCounts} WHERE a.id > ? ORDER BY a.id LIMIT ?`, after, limit)
    .map(({ id, file_count, counted }) => ({ albumId: id, recorded: file_count, counted }));

export function recountAlbum(
  context: CommandContext,
  albumId: string,
): Awaited<ReturnType<MetadataStore["recountAlbum"]>> {
  if (!context.connection.get("SELECT 1 FROM albums WHERE id = ?", albumId)) return "missing";
  if (countAnew(context, albumId) === 0) return "unchanged";
  addAuditEvent(context, "system", "album.recounted", albumId);
  return "recounted";
}

/** Whatever it was. */
export const countAnew = ({ connection }: Pick<CommandContext, "connection">, albumId: string): number =>
  connection.run(
    `UPDATE albums SET file_count = (${countOf("albums.id")}) WHERE id = ? AND file_count <> (${countOf("albums.id")})`,
    albumId,
  );

/** A shot of a member's, where they may add and have one left. */
export function takeShot(
  { connection }: CommandContext,
  albumId: string,
  userId: string,
):
  | { readonly outcome: "taken" }
  | { readonly outcome: "album-missing" }
  | { readonly outcome: "no-shots-left"; readonly shotsPerMember: number } {
  const taken = connection.run(
    `UPDATE album_members SET shots_used = shots_used + 1 WHERE album_id = ?1 AND user_id = ?2 AND role <> 'viewer'
       AND EXISTS (SELECT 1 FROM albums a WHERE a.id = ?1
                   AND (a.shots_per_member IS NULL OR album_members.shots_used < a.shots_per_member))`,
    albumId,
    userId,
  );
  if (taken > 0) return { outcome: "taken" };
  const row = connection.get<{ shots_per_member: number }>(
    `SELECT a.shots_per_member FROM albums a CROSS JOIN album_members m ON m.album_id = a.id AND m.user_id = ?2
     WHERE a.id = ?1 AND m.role <> 'viewer'`,
    albumId,
    userId,
  );
  return row
    ? { outcome: "no-shots-left", shotsPerMember: row.shots_per_member }
    : { outcome: "album-missing" };
}

/** To be called once for an upload that took one, and ends without a file. Who has left has it when they come again. */
export function giveShotBack(
  { connection }: CommandContext,
  albumId: string | undefined,
  userId: string,
): void {
  if (albumId === undefined) return;
  for (const table of ["album_members", "album_leavers"] as const)
    if (
      connection.run(
        `UPDATE ${table} SET shots_used = shots_used - 1 WHERE album_id = ? AND user_id = ?`,
        albumId,
        userId,
      ) > 0
    )
      return;
}
