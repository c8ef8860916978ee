import type { CountersRecord, DerivativeRecord, MetadataStore, VersionRecord } from "@stowage/core";
import { addAuditEvent, type CommandContext } from "./commands/context.ts";
import { agree, type CountedColumns, type CounterColumns, countedOf, recordedOf } from "./counter-columns.ts";

interface VersionRow {
  file_id: string;
  owner_id: string;
  version: number;
  storage_prefix: string;
  key: string;
  size_bytes: number;
  sha256: string;
  derivatives: string;
}

/** Along the index of storage prefixes, which the keys of the store follow: no index of their own for it. */
export function listVersions(
  { connection }: CommandContext,
  { after = "", limit }: { readonly after?: string; readonly limit: number },
): VersionRecord[] {
  const rows = connection.all<VersionRow>(
    `SELECT u.storage_prefix, v.file_id, f.owner_id, v.version, v.key, v.size_bytes, v.sha256, v.derivatives
     FROM uploads u INDEXED BY uploads_by_storage_prefix
     CROSS JOIN versions v ON v.file_id = u.file_id AND v.upload_id = u.id
     CROSS JOIN files f ON f.id = v.file_id
     WHERE u.state = 'ready' AND u.storage_prefix > ? ORDER BY u.storage_prefix LIMIT ?`,
    after,
    limit,
  );
  const pages = connection.all<{ file_id: string; version: number; record: string }>(
    `SELECT m.file_id, m.version, m.record FROM json_each(?) k CROSS JOIN derivative_makes m ON m.file_id = k.value
     WHERE m.record IS NOT NULL`,
    JSON.stringify([...new Set(rows.map(({ file_id }) => file_id))]),
  );
  return rows.map((row) => ({
    fileId: row.file_id,
    ownerId: row.owner_id,
    version: row.version,
    storagePrefix: row.storage_prefix,
    key: row.key,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    derivatives: [
      ...(JSON.parse(row.derivatives) as DerivativeRecord[]),
      ...pages
        .filter(({ file_id, version }) => file_id === row.file_id && version === row.version)
        .map(({ record }) => JSON.parse(record) as DerivativeRecord),
    ],
  }));
}

/** People with their counters as they stand, and as the rows add up at the same moment. */
const selectCounters = `SELECT p.id, p.used_bytes, p.reserved_bytes, p.used_files, p.open_uploads,
  (SELECT coalesce(sum(v.size_bytes), 0) FROM files f CROSS JOIN versions v ON v.file_id = f.id
   WHERE f.owner_id = p.id) AS counted_used_bytes,
  (SELECT coalesce(sum(u.size_bytes), 0) FROM uploads u INDEXED BY uploads_by_owner_and_state
   WHERE u.owner_id = p.id AND u.state IN ('pending', 'uploaded', 'verifying', 'aborted')
   AND u.reservation_held = 1) AS counted_reserved_bytes,
  (SELECT count(*) FROM files f WHERE f.owner_id = p.id) AS counted_used_files,
  (SELECT count(*) FROM uploads u INDEXED BY uploads_by_owner_and_state
   WHERE u.owner_id = p.id AND u.state IN ('pending', 'uploaded', 'verifying')) AS counted_open_uploads
  FROM principals p`;

type CountersRow = { id: string } & CounterColumns & CountedColumns;

const countersRecordOf = (row: CountersRow): CountersRecord => ({
  principalId: row.id,
  recorded: recordedOf(row),
  counted: countedOf(row),
});

export function listCounters(
  { connection }: CommandContext,
  { after = "", limit }: { readonly after?: string; readonly limit: number },
): CountersRecord[] {
  return connection
    .all<CountersRow>(`${selectCounters} WHERE p.id > ? ORDER BY p.id LIMIT ?`, after, limit)
    .map(countersRecordOf);
}

export function recountPrincipal(
  context: CommandContext,
  id: string,
): Awaited<ReturnType<MetadataStore["recountPrincipal"]>> {
  const row = context.connection.get<CountersRow>(`${selectCounters} WHERE p.id = ?`, id);
  if (!row) return { outcome: "missing" };
  const { recorded: before, counted: after } = countersRecordOf(row);
  if (agree(before, after)) return { outcome: "unchanged" };
  context.connection.run(
    "UPDATE principals SET used_bytes = ?, reserved_bytes = ?, used_files = ?, open_uploads = ? WHERE id = ?",
    after.usedBytes,
    after.reservedBytes,
    after.usedFiles,
    after.openUploads,
    id,
  );
  addAuditEvent(context, "system", "principal.recounted", id);
  return { outcome: "recounted", before, after };
}
