import type {
  AuditAction,
  AuditEventRecord,
  DerivativeRecord,
  FileRecord,
  ListFiles,
  ListUploads,
  UploadEventRecord,
  UploadEventType,
  UploadRecord,
} from "@stowage/core";
import { type CommandContext, selectFiles } from "./commands/context.ts";
import { type FileRow, fileOf, type UploadRow, uploadOf } from "./rows.ts";

/** Before the first row of a list that goes from newest to oldest. */
const newest = { createdAtMs: Number.MAX_SAFE_INTEGER, id: "" };

export function findUploads({ connection }: CommandContext, ids: readonly string[]): UploadRecord[] {
  return connection
    .all<UploadRow>("SELECT * FROM uploads WHERE id IN (SELECT value FROM json_each(?))", JSON.stringify(ids))
    .map(uploadOf);
}

export function findFiles({ connection }: CommandContext, ids: readonly string[]): FileRecord[] {
  return connection
    .all<FileRow>(`${selectFiles} WHERE f.id IN (SELECT value FROM json_each(?))`, JSON.stringify(ids))
    .map(fileOf);
}

export function listUploadEvents({ connection }: CommandContext, uploadId: string): UploadEventRecord[] {
  return connection
    .all<{ at: number; type: UploadEventType; detail: string }>(
      "SELECT at, type, detail FROM upload_events WHERE upload_id = ? ORDER BY number LIMIT 200",
      uploadId,
    )
    .map(({ at, type, detail }) => ({ atMs: at, type, detail }));
}

export function listUploads(
  { connection }: CommandContext,
  { ownerId, state, after = newest, limit }: ListUploads,
): UploadRecord[] {
  return connection
    .all<UploadRow>(
      `SELECT * FROM uploads WHERE owner_id = ?1 AND (created_at, id) < (?2, ?3) AND (?4 IS NULL OR state = ?4)
       ORDER BY created_at DESC, id DESC LIMIT ?5`,
      ownerId,
      after.createdAtMs,
      after.id,
      state ?? null,
      limit,
    )
    .map(uploadOf);
}

export function listFiles(
  { connection }: CommandContext,
  { ownerId, state, after = newest, limit }: ListFiles,
): FileRecord[] {
  return connection
    .all<FileRow>(
      `${selectFiles} WHERE f.owner_id = ? AND f.state = ? AND (f.created_at, f.id) < (?, ?)
       ORDER BY f.created_at DESC, f.id DESC LIMIT ?`,
      ownerId,
      state,
      after.createdAtMs,
      after.id,
      limit,
    )
    .map(fileOf);
}

export function listAuditEvents(
  { connection }: CommandContext,
  list: { readonly afterSequence: number; readonly limit: number },
): AuditEventRecord[] {
  return connection
    .all<{ sequence: number; at: number; actor: string; action: AuditAction; target_id: string }>(
      "SELECT * FROM audit_events WHERE sequence > ? ORDER BY sequence LIMIT ?",
      list.afterSequence,
      list.limit,
    )
    .map(({ at, target_id, ...event }) => ({ ...event, atMs: at, targetId: target_id }));
}

/** Keys that a row still speaks of, by the indexes on landing key and storage prefix. */
export function findKnownKeys({ connection }: CommandContext, keys: readonly string[]): Set<string> {
  const known = new Set<string>();
  for (const key of keys) {
    const doomed = connection.get<{ key: string }>("SELECT key FROM doomed_objects WHERE key = ?", key);
    const prefix = key.split("/").slice(0, 2).join("/");
    if (
      doomed ||
      connection.get(
        "SELECT 1 FROM uploads WHERE landing_key = ? AND state IN ('pending', 'uploaded', 'verifying')",
        key,
      ) ||
      connection.get(
        "SELECT 1 FROM uploads WHERE storage_prefix = ? AND state IN ('pending', 'uploaded', 'verifying')",
        prefix,
      )
    ) {
      known.add(key);
      continue;
    }
    const versions = connection.all<{ key: string; derivatives: string }>(
      `SELECT v.key, v.derivatives FROM uploads u JOIN versions v ON v.file_id = u.file_id AND v.upload_id = u.id
       WHERE u.storage_prefix = ?`,
      prefix,
    );
    for (const version of versions)
      if (
        version.key === key ||
        (JSON.parse(version.derivatives) as DerivativeRecord[]).some((derivative) => derivative.key === key)
      )
        known.add(key);
  }
  return known;
}
