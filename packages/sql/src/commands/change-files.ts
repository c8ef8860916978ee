import {
  type AlbumsRefused,
  type AuditAction,
  auditedOf,
  type ChangeFile,
  type DerivativeRecord,
  type FileCommand,
  type FileOutcome,
  guestIssuer,
  shownAudience,
} from "@stowage/core";
import {
  addToCount,
  findSpentAlbum,
  leaveClosedAlbums,
  refusesAlbums,
  replaceAlbums,
} from "./album-files.ts";
import { addAuditEvent, type CommandContext, doom, readFile } from "./context.ts";
import { forgetGrants, type SharedRow } from "./grants.ts";
import { noteEndedGuest } from "./guests.ts";
import { indexFile, unindexFile } from "./index-file.ts";
import { deleteLinksTo } from "./links.ts";
import { forgetMakes } from "./make-derivatives.ts";

/** Why a command was not done: the first of these that is so. */
export function refusal(context: CommandContext, { fileId, revision }: FileCommand): FileOutcome {
  const file = readFile(context, fileId);
  if (!file) return { outcome: "missing" };
  return { outcome: file.revision === revision ? "wrong-state" : "stale", file };
}

export function done(
  context: CommandContext,
  command: FileCommand,
  action: AuditAction,
  detail?: string,
): FileOutcome {
  indexFile(context, command.fileId);
  addAuditEvent(context, command.actor, action, command.fileId, detail);
  const file = readFile(context, command.fileId);
  if (!file) throw new Error("A file vanished within a transaction.");
  return { outcome: "done", file };
}

export function changeFile(context: CommandContext, command: ChangeFile): FileOutcome | AlbumsRefused {
  const { name, metadata, audience, sharesOriginal, albumIds } = command.change;
  if (albumIds && refusesAlbums(context, command, albumIds)) {
    const file = readFile(context, command.fileId);
    return file?.revision === command.revision && file.state === "ready"
      ? { outcome: "album-refused" }
      : refusal(context, command);
  }
  const spent = albumIds && findSpentAlbum(context, command, albumIds);
  if (spent) {
    const file = readFile(context, command.fileId);
    return file?.revision === command.revision && file.state === "ready"
      ? { outcome: "no-shots-left", ...spent }
      : refusal(context, command);
  }
  const changed = context.connection.run(
    `UPDATE files SET name = coalesce(?1, name), metadata = coalesce(?2, metadata), revision = revision + 1,
       audience = CASE coalesce(?3, '') WHEN '' THEN audience WHEN 'private' THEN NULL ELSE ?3 END,
       shares_original = coalesce(?4, shares_original)
     WHERE id = ?5 AND revision = ?6 AND state = 'ready'`,
    name ?? null,
    metadata === undefined ? null : JSON.stringify(metadata),
    audience === undefined || audience === "private" ? (audience ?? null) : shownAudience(audience),
    sharesOriginal === undefined ? null : Number(sharesOriginal),
    command.fileId,
    command.revision,
  );
  if (changed === 0) return refusal(context, command);
  if (albumIds) replaceAlbums(context, command, albumIds);
  return done(context, command, "file.changed", auditedOf(command.change));
}

export function trashFile(context: CommandContext, command: FileCommand): FileOutcome {
  const changed = context.connection.run(
    `UPDATE files SET state = 'trashed', trashed_at = ?, revision = revision + 1
     WHERE id = ? AND revision = ? AND state = 'ready'`,
    context.clock.nowMs(),
    command.fileId,
    command.revision,
  );
  return changed === 0 ? refusal(context, command) : done(context, command, "file.trashed");
}

export function restoreFile(context: CommandContext, command: FileCommand): FileOutcome {
  const restored = context.connection.get<{ albums: number }>(
    `UPDATE files SET state = 'ready', trashed_at = NULL, revision = revision + 1
     WHERE id = ? AND revision = ? AND state = 'trashed' RETURNING albums`,
    command.fileId,
    command.revision,
  );
  if (!restored) return refusal(context, command);
  const albumIds = restored.albums === 0 ? undefined : leaveClosedAlbums(context, command.fileId);
  return done(context, command, "file.restored", auditedOf({ albumIds }));
}

export function purgeFile(context: CommandContext, command: FileCommand): FileOutcome {
  const { connection } = context;
  const file = readFile(context, command.fileId);
  if (file?.revision === command.revision) unindexFile(context, command.fileId);
  const deleted = connection.get<SharedRow>(
    "DELETE FROM files WHERE id = ? AND revision = ? RETURNING id, grants, glass_breaks, invites",
    command.fileId,
    command.revision,
  );
  if (!deleted || !file) return refusal(context, command);
  forgetGrants(context, deleted);
  deleteLinksTo(context, { kind: "file", id: command.fileId });
  for (const albumId of file.sealedBy === undefined ? (file.albumIds ?? []) : [file.sealedBy])
    addToCount(context, albumId, -1);
  connection.run("DELETE FROM album_files WHERE file_id = ?", command.fileId);
  const freedBytes = forgetVersions(context, "file_id = ?", command.fileId);
  const owner = connection.get<{ issuer: string }>(
    "UPDATE principals SET used_bytes = used_bytes - ?, used_files = used_files - 1 WHERE id = ? RETURNING issuer",
    freedBytes,
    file.ownerId,
  );
  if (owner?.issuer === guestIssuer) noteEndedGuest(context, file.ownerId);
  addAuditEvent(context, command.actor, "file.purged", command.fileId, null, file);
  return { outcome: "done", file };
}

/** Deletes versions, dooms their objects and forgets what they were called; answers how many bytes they had. */
export function forgetVersions(
  context: CommandContext,
  where: "file_id = ?" | "file_id = ? AND version = ?",
  ...values: readonly (string | number)[]
): number {
  const { connection, clock } = context;
  const versions = connection.all<{
    upload_id: string;
    key: string;
    size_bytes: number;
    derivatives: string;
  }>(`DELETE FROM versions WHERE ${where} RETURNING upload_id, key, size_bytes, derivatives`, ...values);
  forgetMakes(context, where, ...values);
  let freedBytes = 0;
  for (const version of versions) {
    freedBytes += version.size_bytes;
    doom(context, version.key, clock.nowMs());
    for (const { key } of JSON.parse(version.derivatives) as DerivativeRecord[])
      doom(context, key, clock.nowMs());
    connection.run("UPDATE uploads SET name = '', metadata = '{}' WHERE id = ?", version.upload_id);
  }
  return freedBytes;
}
