import {
  outOfAlbumInWords,
  placeVersion,
  shownAudience,
  type UploadRecord,
  type VersionFacts,
} from "@stowage/core";
import { addToCount, placeInAlbum, putIntoAlbum } from "./album-files.ts";
import { addAuditEvent, type CommandContext, readFile } from "./context.ts";
import { indexFile } from "./index-file.ts";

/**
 * Keeps what is ready: as a file, or as another version of the one that it was sent for.
 *
 * @returns whether its owner has a file more by it, and what the timeline says of that beside the verdict: nothing of a plain new file
 */
export function keepVersion(
  context: CommandContext,
  upload: UploadRecord,
  facts: VersionFacts,
): { readonly isNewFile: boolean; readonly detail: string | undefined } {
  const { replaces } = upload;
  const found = replaces && readFile(context, replaces.fileId);
  const file = found?.ownerId === upload.ownerId ? found : undefined;
  const placement = replaces && placeVersion(file, replaces);
  if (!file || !placement || placement.kind === "apart") {
    const album = placeInAlbum(context, upload);
    insertFile(context, upload, album);
    insertVersion(context, upload, facts, { fileId: upload.fileId, version: 1, isConflict: false });
    if (album) putIntoAlbum(context, { fileId: upload.fileId, albumId: album.id, addedBy: upload.ownerId });
    if (album?.isSealed) addToCount(context, album.id, 1);
    indexFile(context, upload.fileId);
    return {
      isNewFile: true,
      detail: placement?.detail ?? (upload.albumId === undefined || album ? undefined : outOfAlbumInWords),
    };
  }
  const { version } = placement;
  const isConflict = placement.kind === "conflict";
  insertVersion(context, upload, facts, { fileId: file.id, version, isConflict });
  const { connection } = context;
  connection.run("UPDATE uploads SET file_id = ? WHERE id = ?", file.id, upload.id);
  connection.run(
    `UPDATE files SET version = ?, latest_version = ?, conflicts = conflicts + ?, revision = revision + 1
     WHERE id = ?`,
    isConflict ? file.version : version,
    version,
    isConflict ? 1 : 0,
    file.id,
  );
  indexFile(context, file.id);
  addAuditEvent(context, "system", isConflict ? "file.conflicted" : "file.replaced", file.id);
  return { isNewFile: false, detail: placement.detail };
}

function insertFile(
  { connection, clock }: CommandContext,
  upload: UploadRecord,
  album: { readonly id: string; readonly isSealed: boolean } | undefined,
): void {
  connection.run(
    `INSERT INTO files (id, owner_id, state, sealed_by, albums, name, metadata, version, revision, created_at, audience)
     VALUES (?, ?, ?, ?, ?, ?, ?, 1, 1, ?, ?)`,
    upload.fileId,
    upload.ownerId,
    album?.isSealed ? "sealed" : "ready",
    album?.isSealed ? album.id : null,
    album ? 1 : 0,
    upload.name,
    JSON.stringify(upload.metadata),
    clock.nowMs(),
    audienceFor(connection, upload),
  );
}

/** An organisation that its owner has left since they sent it is shown nothing of it. */
function audienceFor(
  connection: CommandContext["connection"],
  { ownerId, audience }: UploadRecord,
): string | null {
  if (!audience) return null;
  if (audience.kind === "public") return shownAudience(audience);
  const owner = connection.get<{ organisation_id: string | null }>(
    "SELECT organisation_id FROM principals WHERE id = ?",
    ownerId,
  );
  return owner?.organisation_id === audience.organisationId ? shownAudience(audience) : null;
}

function insertVersion(
  { connection, clock }: CommandContext,
  upload: UploadRecord,
  facts: VersionFacts,
  at: { readonly fileId: string; readonly version: number; readonly isConflict: boolean },
): void {
  connection.run(
    `INSERT INTO versions (file_id, version, is_conflict, upload_id, name, created_at, key, size_bytes, sha256,
       content_type, width, height, taken_at, thumbhash, page_count, password_protected, duration_ms, active_content,
       rendition, profile, derivatives)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    at.fileId,
    at.version,
    at.isConflict ? 1 : 0,
    upload.id,
    upload.name,
    clock.nowMs(),
    facts.key,
    facts.sizeBytes,
    facts.sha256,
    facts.contentType,
    facts.width ?? null,
    facts.height ?? null,
    facts.takenAtMs ?? null,
    facts.thumbhash ?? null,
    facts.pageCount ?? null,
    facts.passwordProtected ? 1 : null,
    facts.durationMs ?? null,
    facts.activeContent ? JSON.stringify(facts.activeContent) : null,
    facts.rendition ? JSON.stringify(facts.rendition) : null,
    facts.profile ?? null,
    JSON.stringify(facts.derivatives),
  );
}
