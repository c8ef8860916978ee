import type { AuditAction } from "../audit-event.ts";
import type { FileRecord } from "../file.ts";
import type { FileCommand, FileOutcome, MetadataStore } from "../ports/metadata-store.ts";
import {
  addToCounters,
  appendAudit,
  doom,
  type FileRow,
  type MemoryTables,
} from "./memory-metadata-store-tables.ts";

/** Commands over files. */
export function memoryFileCommands(
  tables: MemoryTables,
): Pick<MetadataStore, "changeFile" | "trashFile" | "restoreFile" | "purgeFile"> {
  const { clock, files, uploads } = tables;

  /** Runs `change` on the file if it is as the command believes; audits it. */
  const decide = (
    { fileId, revision, actor }: FileCommand,
    allowedStates: readonly FileRecord["state"][],
    action: AuditAction,
    change: (row: FileRow) => FileRecord,
  ): FileOutcome => {
    const row = files.get(fileId);
    if (!row) return { outcome: "missing" };
    if (row.record.revision !== revision) return { outcome: "stale", file: row.record };
    if (!allowedStates.includes(row.record.state)) return { outcome: "wrong-state", file: row.record };
    const file = change(row);
    appendAudit(tables, actor, action, fileId);
    return { outcome: "done", file };
  };

  const replace = (row: FileRow, record: FileRecord): FileRecord => {
    files.set(record.id, { ...row, record });
    return record;
  };

  return {
    async changeFile({ change, ...command }) {
      return decide(command, ["ready"], "file.changed", (row) =>
        replace(row, {
          ...row.record,
          name: change.name ?? row.record.name,
          metadata: change.metadata ?? row.record.metadata,
          revision: row.record.revision + 1,
        }),
      );
    },

    async trashFile(command) {
      return decide(command, ["ready"], "file.trashed", (row) =>
        replace(row, {
          ...row.record,
          state: "trashed",
          revision: row.record.revision + 1,
          trashedAtMs: clock.nowMs(),
        }),
      );
    },

    async restoreFile(command) {
      return decide(command, ["trashed"], "file.restored", (row) => {
        const { trashedAtMs: _, ...record } = row.record;
        return replace(row, { ...record, state: "ready", revision: record.revision + 1 });
      });
    },

    async purgeFile(command) {
      return decide(command, ["ready", "quarantined", "trashed"], "file.purged", ({ record, uploadId }) => {
        files.delete(record.id);
        for (const { key } of [record.current, ...record.current.derivatives])
          doom(tables, { key, notBeforeMs: clock.nowMs() });
        addToCounters(tables, record.ownerId, { usedBytes: -record.current.sizeBytes });
        const upload = uploads.get(uploadId);
        if (upload)
          uploads.set(uploadId, { ...upload, record: { ...upload.record, name: "", metadata: {} } });
        return record;
      });
    },
  };
}
