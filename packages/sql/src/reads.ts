import {
  type FileRecord,
  type FileVersionRecord,
  type ListUploads,
  type MetadataStore,
  type PrincipalRecord,
  type UploadEventRecord,
  type UploadEventType,
  type UploadRecord,
  uploadStates,
  type VersionOfFile,
} from "@stowage/core";
import { type CommandContext, selectFiles } from "./commands/context.ts";
import {
  type FileRow,
  type FileVersionRow,
  fileOf,
  fileVersionOf,
  type PrincipalRow,
  principalOf,
  type UploadRow,
  uploadOf,
} from "./rows.ts";

/** Before the first row of a list that goes from newest to oldest. */
const newest = { createdAtMs: Number.MAX_SAFE_INTEGER, id: "" };

export function findPrincipal({ connection }: CommandContext, id: string): PrincipalRecord | undefined {
  const row = connection.get<PrincipalRow>("SELECT * FROM principals WHERE id = ?", id);
  return row && principalOf(row);
}

export function findUploads({ connection }: CommandContext, ids: readonly string[]): UploadRecord[] {
  return connection
    .all<UploadRow>("SELECT * FROM uploads WHERE id IN (SELECT value FROM json_each(?))", JSON.stringify(ids))
    .map(uploadOf);
}

export function findUploadsByLandingKeys(
  { connection }: CommandContext,
  keys: readonly string[],
): UploadRecord[] {
  return connection
    .all<UploadRow>(
      `SELECT u.* FROM json_each(?) k CROSS JOIN uploads u INDEXED BY uploads_by_landing_key
       ON substr(u.landing_key, -12) = substr(k.value, -12) AND u.landing_key = k.value`,
      JSON.stringify([...new Set(keys)]),
    )
    .map(uploadOf);
}

export function findFiles({ connection }: CommandContext, ids: readonly string[]): FileRecord[] {
  return connection
    .all<FileRow>(`${selectFiles} WHERE f.id IN (SELECT value FROM json_each(?))`, JSON.stringify(ids))
    .map(fileOf);
}

const selectFileVersions = `SELECT v.file_id, v.version, f.version AS current_version, v.is_conflict, v.name, v.created_at,
  v.upload_id, v.key, v.size_bytes, v.sha256, v.content_type, v.width, v.height, v.taken_at, v.thumbhash, v.page_count,
  v.password_protected, v.duration_ms, v.active_content, v.rendition, v.profile, v.derivatives`;

export function listFileVersions(
  { connection }: CommandContext,
  { fileId, after = Number.MAX_SAFE_INTEGER, limit }: Parameters<MetadataStore["listFileVersions"]>[0],
): FileVersionRecord[] {
  return connection
    .all<FileVersionRow>(
      `${selectFileVersions} FROM files f CROSS JOIN versions v ON v.file_id = f.id
       WHERE f.id = ? AND v.version < ? ORDER BY v.version DESC LIMIT ?`,
      fileId,
      after,
      limit,
    )
    .map(fileVersionOf);
}

export function findFileVersions(
  { connection }: CommandContext,
  versions: readonly VersionOfFile[],
): FileVersionRecord[] {
  const wanted = new Set(versions.map(({ fileId, version }) => JSON.stringify([fileId, version])));
  return connection
    .all<FileVersionRow>(
      `${selectFileVersions} FROM json_each(?) k CROSS JOIN files f ON f.id = k.value ->> 0
       CROSS JOIN versions v ON v.file_id = f.id AND v.version = k.value ->> 1`,
      `[${[...wanted].join(",")}]`,
    )
    .map(fileVersionOf);
}

export function listUploadEvents({ connection }: CommandContext, uploadId: string): UploadEventRecord[] {
  return connection
    .all<{ at: number; type: UploadEventType; detail: string }>(
      "SELECT at, type, detail FROM upload_events WHERE upload_id = ? ORDER BY number DESC LIMIT 200",
      uploadId,
    )
    .reverse()
    .map(({ at, type, detail }) => ({ atMs: at, type, detail }));
}

/** Newest first, of one state, from a place in that order on. */
const selectUploadsOf = (state: string): string =>
  `SELECT * FROM uploads INDEXED BY uploads_by_owner_and_state
   WHERE owner_id = ?1 AND state = ${state} AND (created_at, id) < (?2, ?3)`;

/** SQLite merges the states' rows as it goes: no index in which all states are mixed, which each create would write. */
const selectUploads = uploadStates.map((state) => selectUploadsOf(`'${state}'`)).join("\n   UNION ALL ");

export function listUploads(
  { connection }: CommandContext,
  { ownerId, state, after = newest, limit }: ListUploads,
): UploadRecord[] {
  const ordered = `${state === undefined ? selectUploads : selectUploadsOf("?5")}
   ORDER BY created_at DESC, id DESC LIMIT ?4`;
  const values = [ownerId, after.createdAtMs, after.id, limit, ...(state === undefined ? [] : [state])];
  return connection.all<UploadRow>(ordered, ...values).map(uploadOf);
}
