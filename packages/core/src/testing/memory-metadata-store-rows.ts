import type { FileRecord } from "../file.ts";
import type { Clock } from "../ports/clock.ts";
import type { Actor, AuditAction, AuditEventRecord } from "../ports/metadata-store.ts";
import type { PrincipalRecord } from "../principal.ts";
import type { UploadEventRecord, UploadEventType, UploadRecord } from "../upload.ts";

export interface UploadRow {
  readonly upload: UploadRecord;
  /** Its landing key was looked at after its URLs had ended. */
  readonly probed: boolean;
  readonly reservationHeld: boolean;
}

/** All rows. Values are replaced, never changed: what was answered stays as it was. */
export interface MemoryRows {
  readonly clock: Clock;
  readonly principals: Map<string, PrincipalRecord>;
  readonly uploads: Map<string, UploadRow>;
  /** Upload ids by owner and `ref`. */
  readonly refs: Map<string, string>;
  readonly events: Map<string, UploadEventRecord[]>;
  /** With the id of the upload that each was made from. */
  readonly files: Map<string, { readonly file: FileRecord; readonly uploadId: string }>;
  readonly doomed: Map<string, number>;
  readonly audit: AuditEventRecord[];
}

export const emptyRows = (clock: Clock): MemoryRows => ({
  clock,
  principals: new Map(),
  uploads: new Map(),
  refs: new Map(),
  events: new Map(),
  files: new Map(),
  doomed: new Map(),
  audit: [],
});

export function addUploadEvent(
  rows: MemoryRows,
  uploadId: string,
  type: UploadEventType,
  detail: string,
): void {
  const events = rows.events.get(uploadId) ?? [];
  events.push({ atMs: rows.clock.nowMs(), type, detail });
  rows.events.set(uploadId, events);
}

export function addAuditEvent(rows: MemoryRows, actor: Actor, action: AuditAction, targetId: string): void {
  rows.audit.push({
    sequence: rows.audit.length + 1,
    atMs: rows.clock.nowMs(),
    actor: actor === "system" ? actor : actor.principalId,
    action,
    targetId,
  });
}

/** A later doom never brings an earlier one forward. */
export function doom({ doomed }: MemoryRows, key: string, notBeforeMs: number): void {
  doomed.set(key, Math.max(doomed.get(key) ?? notBeforeMs, notBeforeMs));
}

/** Replaces an upload's row by one with these members changed. */
export function changeUpload(
  rows: MemoryRows,
  row: UploadRow,
  upload: Partial<UploadRecord>,
  flags: Partial<Omit<UploadRow, "upload">> = {},
): UploadRecord {
  const changed = { ...row.upload, ...upload };
  rows.uploads.set(changed.id, { ...row, ...flags, upload: changed });
  return changed;
}

/** Adds to a principal's counters; one below zero is a defect of the command. */
export function count(
  rows: MemoryRows,
  principalId: string,
  added: { readonly usedBytes?: number; readonly reservedBytes?: number; readonly openUploads?: number },
): void {
  const principal = rows.principals.get(principalId);
  if (!principal) throw new Error("An upload's owner has no row.");
  const counters = {
    usedBytes: principal.usedBytes + (added.usedBytes ?? 0),
    reservedBytes: principal.reservedBytes + (added.reservedBytes ?? 0),
    openUploads: principal.openUploads + (added.openUploads ?? 0),
  };
  if (Object.values(counters).some((counter) => counter < 0)) throw new Error("A counter fell below zero.");
  rows.principals.set(principalId, { ...principal, ...counters });
}
