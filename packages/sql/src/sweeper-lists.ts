import type { DoomedObject, FileRecord, UploadRecord } from "@stowage/core";
import { type CommandContext, selectFiles } from "./commands/context.ts";
import { type FileRow, fileOf, type UploadRow, uploadOf } from "./rows.ts";

/** Each of these reads along a partial index that holds nothing else, oldest first. */
const uploadsByNow =
  (sql: string) =>
  ({ connection, clock }: CommandContext, limit: number): UploadRecord[] =>
    connection.all<UploadRow>(sql, clock.nowMs(), limit).map(uploadOf);

export const listExpiredUploads = uploadsByNow(
  `SELECT * FROM uploads INDEXED BY uploads_expiring
   WHERE state = 'pending' AND expires_at <= ?1 ORDER BY expires_at, id LIMIT ?2`,
);

export const listUnprobedUploads = uploadsByNow(
  `SELECT * FROM uploads INDEXED BY uploads_unprobed
   WHERE state = 'pending' AND probed_at < urls_until AND urls_until <= ?1 ORDER BY urls_until, id LIMIT ?2`,
);

export const listHeldReservations = uploadsByNow(
  `SELECT * FROM uploads INDEXED BY uploads_held
   WHERE state = 'aborted' AND reservation_held = 1 AND urls_until <= ?1 ORDER BY urls_until, id LIMIT ?2`,
);

export const listUnclosedUploads = uploadsByNow(
  `SELECT * FROM uploads INDEXED BY uploads_held
   WHERE state = 'aborted' AND reservation_held = 1 AND urls_until > ?1 ORDER BY urls_until, id LIMIT ?2`,
);

export function markProbed({ connection, clock }: CommandContext, uploadId: string): void {
  connection.run("UPDATE uploads SET probed_at = ? WHERE id = ?", clock.nowMs(), uploadId);
}

export function listTrash(
  { connection }: CommandContext,
  { trashedBeforeMs, limit }: { readonly trashedBeforeMs: number; readonly limit: number },
): FileRecord[] {
  return connection
    .all<FileRow>(
      `${selectFiles} WHERE f.state = 'trashed' AND f.trashed_at < ? ORDER BY f.trashed_at, f.id LIMIT ?`,
      trashedBeforeMs,
      limit,
    )
    .map(fileOf);
}

export function listDoomedObjects({ connection, clock }: CommandContext, limit: number): DoomedObject[] {
  return connection
    .all<{ key: string; not_before: number }>(
      "SELECT key, not_before FROM doomed_objects WHERE not_before <= ? ORDER BY not_before, key LIMIT ?",
      clock.nowMs(),
      limit,
    )
    .map(({ key, not_before }) => ({ key, notBeforeMs: not_before }));
}

export function forgetDoomedObjects({ connection }: CommandContext, keys: readonly string[]): void {
  connection.run(
    "DELETE FROM doomed_objects WHERE key IN (SELECT value FROM json_each(?))",
    JSON.stringify(keys),
  );
}
