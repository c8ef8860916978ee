import type { FileCommand, FileOutcome, FileRecord, MetadataStore, QuarantineFile } from "@stowage/core";
import { type FileRow, fileOf } from "../rows.ts";
import { done, refusal } from "./change-files.ts";
import { type CommandContext, readFile, selectFiles } from "./context.ts";

export function quarantineFile(
  context: CommandContext,
  { fileId, version, key, finding, scanner }: QuarantineFile,
): Awaited<ReturnType<MetadataStore["quarantineFile"]>> {
  const { connection, clock } = context;
  const atMs = clock.nowMs();
  const changed = connection.run(
    `UPDATE files SET quarantine = json_set(?, '$.from', iif(state = 'trashed', state, 'ready')),
       trashed_at = iif(state = 'sealed', NULL, coalesce(trashed_at, ?)),
       state = iif(state = 'sealed', state, 'quarantined'), revision = revision + 1
     WHERE id = ? AND (state IN ('ready', 'trashed') OR (state = 'sealed' AND quarantine IS NULL))
       AND EXISTS (SELECT 1 FROM versions v WHERE v.file_id = files.id AND v.version = ? AND v.key = ?)`,
    JSON.stringify({ atMs, version, finding, scanner }),
    atMs,
    fileId,
    version,
    key,
  );
  if (changed > 0) {
    const result = done(context, { fileId, revision: 0, actor: "system" }, "file.quarantined");
    if (result.outcome !== "done") throw new Error("A file changed within a transaction.");
    return { outcome: "done", file: result.file };
  }
  const file = readFile(context, fileId);
  const isThere = connection.get(
    "SELECT 1 FROM versions WHERE file_id = ? AND version = ? AND key = ?",
    fileId,
    version,
    key,
  );
  return file && isThere ? { outcome: "already", file } : { outcome: "missing" };
}

export function releaseFile(context: CommandContext, command: FileCommand): FileOutcome {
  const changed = context.connection.run(
    `UPDATE files SET state = json_extract(quarantine, '$.from'), quarantine = NULL,
       trashed_at = iif(json_extract(quarantine, '$.from') = 'trashed', trashed_at, NULL), revision = revision + 1
     WHERE id = ? AND revision = ? AND state = 'quarantined'`,
    command.fileId,
    command.revision,
  );
  return changed === 0 ? refusal(context, command) : done(context, command, "file.released");
}

export const listQuarantinedFiles = (
  { connection }: CommandContext,
  { after = "", limit }: { readonly after?: string; readonly limit: number },
): FileRecord[] =>
  connection
    .all<FileRow>(
      `${selectFiles} INDEXED BY files_quarantined WHERE f.state = 'quarantined' AND f.id > ? ORDER BY f.id LIMIT ?`,
      after,
      limit,
    )
    .map(fileOf);
