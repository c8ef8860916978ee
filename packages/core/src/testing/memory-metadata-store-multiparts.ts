import type { MetadataStore } from "../ports/metadata-store.ts";
import type { UploadRecord } from "../upload.ts";
import { appendAudit, appendEvent, doom, type MemoryTables } from "./memory-metadata-store-tables.ts";
import { extended, landingGraceMs } from "./memory-metadata-store-uploads.ts";

/** Commands over pending uploads that are sent in parts. */
export function memoryMultipartCommands(
  tables: MemoryTables,
): Pick<MetadataStore, "turnMultipart" | "beginMultipart" | "forgetMultipart" | "mintParts"> {
  const { clock, uploads, declaredParts } = tables;

  return {
    async turnMultipart({ uploadId, actor, uploadLifetimeMs, landingKey, partSizeBytes }) {
      const row = uploads.get(uploadId);
      if (!row) return { outcome: "missing" };
      const { record } = row;
      if (record.state !== "pending") return { outcome: "not-pending", upload: record };
      if (record.multipart) return { outcome: "already", upload: record };
      doom(tables, { key: record.landingKey, notBeforeMs: record.urlsUntilMs + landingGraceMs });
      const expiresAtMs = clock.nowMs() + uploadLifetimeMs;
      const upload = { ...record, landingKey, expiresAtMs, multipart: { partSizeBytes } };
      uploads.set(uploadId, { ...row, record: upload });
      appendEvent(tables, uploadId, actor, "in-parts", "upload.in-parts");
      return { outcome: "turned", upload };
    },

    async beginMultipart({ uploadId, actor, storeUploadId }) {
      const row = uploads.get(uploadId);
      if (!row) return { outcome: "missing" };
      const { record } = row;
      if (record.state !== "pending") return { outcome: "not-pending", upload: record };
      if (!record.multipart) return { outcome: "not-multipart", upload: record };
      if (record.multipart.storeUploadId !== undefined) return { outcome: "already", upload: record };
      const upload = { ...record, multipart: { ...record.multipart, storeUploadId } };
      uploads.set(uploadId, { ...row, record: upload });
      appendEvent(tables, uploadId, actor, "begun", "upload.begun");
      return { outcome: "begun", upload };
    },

    async forgetMultipart({ uploadId, storeUploadId }) {
      const row = uploads.get(uploadId);
      const multipart = row?.record.multipart;
      if (row?.record.state !== "pending" || multipart?.storeUploadId !== storeUploadId) return false;
      const upload: UploadRecord = { ...row.record, multipart: { partSizeBytes: multipart.partSizeBytes } };
      uploads.set(uploadId, { ...row, record: upload });
      appendAudit(tables, "system", "upload.restarted", uploadId);
      return true;
    },

    async mintParts({ uploadId, actor, parts, ...lives }) {
      const row = uploads.get(uploadId);
      if (!row) return { outcome: "missing" };
      const { record } = row;
      if (record.state !== "pending") return { outcome: "not-pending", upload: record };
      if (record.multipart?.storeUploadId === undefined) return { outcome: "not-begun", upload: record };
      const upload = extended(record, clock.nowMs(), lives);
      uploads.set(uploadId, { ...row, record: upload });
      const declared = new Map(declaredParts.get(uploadId));
      for (const { partNumber, sha256 } of parts) declared.set(partNumber, sha256);
      declaredParts.set(uploadId, declared);
      appendAudit(tables, actor, "upload.parts-minted", uploadId);
      return { outcome: "minted", upload };
    },
  };
}
