import {
  type AuditAction,
  type Clock,
  type FileRecord,
  type NewAuditEvent,
  organisationAudience,
  publicAudience,
  type UploadEventType,
  type UploadRecord,
} from "@stowage/core";
import { type FileRow, fileOf, type UploadRow, uploadOf } from "../rows.ts";
import type { SqliteConnection } from "../sqlite-connection.ts";

/** What commands run on: a connection within a transaction, and the store's clock. */
export interface CommandContext {
  readonly connection: SqliteConnection;
  readonly clock: Clock;
  /** With which digests of who deleted their account are made. */
  readonly identityKey: Uint8Array;
}

/** Of an album's row: nothing that is in it is told of. */
export const isSealedAlbum = "a.reveal_at IS NOT NULL AND a.revealed_at IS NULL";

/** Of what has no row any more that could be asked. */
export interface GoneTarget {
  readonly ownerId: string;
  /** The album that had sealed it. */
  readonly sealedBy?: string | undefined;
}

/**
 * @param target of one whose row was deleted: its chain is said now, before it has a place there; of one that is in no album, and can't be sealed:
 *   no row is looked up. Default: as its row says
 */
export function addAuditEvent(
  { connection, clock }: CommandContext,
  actor: NewAuditEvent["actor"],
  action: AuditAction,
  targetId: string,
  detail: string | null = null,
  target?: GoneTarget | "in-no-album",
): void {
  const common = [
    clock.nowMs(),
    typeof actor === "string" ? actor : actor.principalId,
    action,
    targetId,
    detail,
  ];
  if (target === "in-no-album") {
    connection.run(
      "INSERT INTO audit_events (at, actor, action, target_id, detail) VALUES (?, ?, ?, ?, ?)",
      ...common,
    );
    return;
  }
  connection.run(
    `INSERT INTO audit_events (at, actor, action, target_id, detail, chain, sealed_by) VALUES (?1, ?2, ?3, ?4, ?5,
       (SELECT p.organisation_id FROM principals p WHERE p.id = ?6), coalesce(?7,
       (SELECT f.sealed_by FROM files f WHERE f.id = ?4 AND f.state = 'sealed'),
       (SELECT u.album_id FROM uploads u CROSS JOIN albums a ON a.id = u.album_id WHERE u.id = ?4 AND ${isSealedAlbum})))`,
    ...common,
    target?.ownerId ?? null,
    target?.sealedBy ?? null,
  );
}

export function addUploadEvent(
  { connection, clock }: CommandContext,
  uploadId: string,
  type: UploadEventType,
  detail: string,
): void {
  connection.run(
    `INSERT INTO upload_events (upload_id, number, at, type, detail)
     SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4 FROM upload_events WHERE upload_id = ?1`,
    uploadId,
    clock.nowMs(),
    type,
    detail,
  );
}

export function readUpload({ connection }: CommandContext, id: string): UploadRecord | undefined {
  const row = connection.get<UploadRow>("SELECT * FROM uploads WHERE id = ?", id);
  return row && uploadOf(row);
}

/** What verification learnt of a version, as its row has it, and that of the file whose current one it is. */
export const factColumns = `key, size_bytes, sha256, content_type, width, height, taken_at, thumbhash, page_count,
  password_protected, duration_ms, active_content, rendition, profile, derivatives`;

/** To whom an owner shows a file: an organisation only while they are of it. */
const effectiveAudience = `CASE WHEN f.audience IS NULL OR f.audience = '${publicAudience}' THEN f.audience
  ELSE (SELECT f.audience FROM principals o WHERE o.id = f.owner_id AND f.audience = '${organisationAudience("")}' || o.organisation_id) END`;

/** Files with what is known of their current version, which is in the same row. */
export const selectFiles = `SELECT f.id, f.owner_id, f.state, f.name, f.metadata, f.version, f.revision,
  f.created_at, f.trashed_at, f.quarantine, f.latest_version, f.conflicts, f.key, f.size_bytes, f.sha256, f.content_type, f.width,
  f.height, f.taken_at, f.thumbhash, f.page_count, f.password_protected, f.duration_ms, f.active_content,
  f.rendition, f.profile, f.derivatives, ${effectiveAudience} AS audience, f.shares_original, f.sealed_by, f.glass_breaks,
  iif(f.albums > 0, f.audiences, '[]') AS audiences FROM files f`;

export function readFile({ connection }: CommandContext, id: string): FileRecord | undefined {
  const row = connection.get<FileRow>(`${selectFiles} WHERE f.id = ?`, id);
  return row && fileOf(row);
}

/** Of an upload that has ended. */
export function forgetDeclaredParts({ connection }: CommandContext, uploadId: string): void {
  connection.run("DELETE FROM upload_parts WHERE upload_id = ?", uploadId);
}

/** A later doom never brings an earlier one forward. */
export function doom({ connection }: CommandContext, key: string, notBeforeMs: number): void {
  connection.run(
    `INSERT INTO doomed_objects (key, not_before) VALUES (?, ?)
     ON CONFLICT (key) DO UPDATE SET not_before = max(not_before, excluded.not_before)`,
    key,
    notBeforeMs,
  );
}
