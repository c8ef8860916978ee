import type { CreateUploadOutcome, CreateUploads, NewUpload } from "../ports/metadata-store.ts";
import type { UploadRecord } from "../upload.ts";
import {
  addAuditEvent,
  addUploadEvent,
  changeUpload,
  count,
  type MemoryRows,
} from "./memory-metadata-store-rows.ts";

const refKey = (ownerId: string, ref: string): string => JSON.stringify([ownerId, ref]);

export function createUpload(rows: MemoryRows, command: CreateUploads, item: NewUpload): CreateUploadOutcome {
  return existing(rows, command, item) ?? refused(rows, command, item) ?? created(rows, command, item);
}

function existing(
  rows: MemoryRows,
  command: CreateUploads,
  item: NewUpload,
): CreateUploadOutcome | undefined {
  if (item.ref === undefined) return undefined;
  const row = rows.uploads.get(rows.refs.get(refKey(command.ownerId, item.ref)) ?? "");
  if (!row || row.upload.state === "aborted" || row.upload.state === "rejected") return undefined;
  const { upload } = row;
  if (upload.sizeBytes !== item.sizeBytes || upload.sha256 !== item.sha256)
    return { outcome: "ref-reused", upload };
  if (upload.state !== "pending") return { outcome: "existing", upload };
  const nowMs = rows.clock.nowMs();
  const lives = {
    expiresAtMs: Math.max(upload.expiresAtMs, nowMs + command.uploadLifetimeMs),
    urlsUntilMs: Math.max(upload.urlsUntilMs, nowMs + command.urlLifetimeMs),
  };
  return { outcome: "existing", upload: changeUpload(rows, row, lives, { probed: false }) };
}

function refused(
  rows: MemoryRows,
  { ownerId, quotaBytes, maxOpenUploads }: CreateUploads,
  item: NewUpload,
): CreateUploadOutcome | undefined {
  const principal = rows.principals.get(ownerId);
  if (!principal) throw new Error("Uploads are created for a principal that has no row.");
  const { usedBytes, reservedBytes, openUploads } = principal;
  if (maxOpenUploads !== 0 && openUploads >= maxOpenUploads)
    return { outcome: "too-many-open-uploads", openUploads };
  if (quotaBytes !== 0 && usedBytes + reservedBytes + item.sizeBytes > quotaBytes)
    return { outcome: "quota-exceeded", usedBytes, reservedBytes };
  return undefined;
}

function created(rows: MemoryRows, command: CreateUploads, item: NewUpload): CreateUploadOutcome {
  if (rows.uploads.has(item.id)) throw new Error("An upload of this id exists.");
  const nowMs = rows.clock.nowMs();
  const upload: UploadRecord = {
    ...item,
    metadata: { ...item.metadata },
    ownerId: command.ownerId,
    state: "pending",
    attempt: 0,
    failedAttempts: 0,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + command.uploadLifetimeMs,
    urlsUntilMs: nowMs + command.urlLifetimeMs,
  };
  count(rows, command.ownerId, { reservedBytes: item.sizeBytes, openUploads: 1 });
  rows.uploads.set(upload.id, { upload, probed: false, reservationHeld: true });
  if (upload.ref !== undefined) rows.refs.set(refKey(command.ownerId, upload.ref), upload.id);
  addUploadEvent(rows, upload.id, "created", `Announced: ${item.contentType}, ${item.sizeBytes} bytes.`);
  addAuditEvent(rows, { principalId: command.ownerId }, "upload.created", upload.id);
  return { outcome: "created", upload };
}
