import type { VersionCommand, VersionOutcome } from "@stowage/core";
import { done, forgetVersions, refusal } from "./change-files.ts";
import type { CommandContext } from "./context.ts";

/** The file is as the command believes, and the version may be changed. */
const deciding = `WHERE id = ?1 AND revision = ?2 AND state = 'ready' AND version <> ?3
  AND EXISTS (SELECT 1 FROM versions v WHERE v.file_id = ?1 AND v.version = ?3)`;

export function restoreVersion(context: CommandContext, command: VersionCommand): VersionOutcome {
  const { connection } = context;
  const { fileId, version } = command;
  const changed = connection.run(
    `UPDATE files SET version = ?3, revision = revision + 1, conflicts = conflicts -
       (SELECT v.is_conflict FROM versions v WHERE v.file_id = ?1 AND v.version = ?3) ${deciding}`,
    fileId,
    command.revision,
    version,
  );
  if (changed === 0) return versionRefusal(context, command);
  connection.run("UPDATE versions SET is_conflict = 0 WHERE file_id = ? AND version = ?", fileId, version);
  return done(context, command, "version.restored");
}

export function purgeVersion(context: CommandContext, command: VersionCommand): VersionOutcome {
  const { connection } = context;
  const { fileId, version } = command;
  const changed = connection.run(
    `UPDATE files SET revision = revision + 1, conflicts = conflicts -
       (SELECT v.is_conflict FROM versions v WHERE v.file_id = ?1 AND v.version = ?3) ${deciding}`,
    fileId,
    command.revision,
    version,
  );
  if (changed === 0) return versionRefusal(context, command);
  const freedBytes = forgetVersions(context, "file_id = ? AND version = ?", fileId, version);
  connection.run(
    `UPDATE principals SET used_bytes = used_bytes - ?
     WHERE id = (SELECT owner_id FROM files WHERE id = ?)`,
    freedBytes,
    fileId,
  );
  return done(context, command, "version.purged");
}

function versionRefusal(context: CommandContext, command: VersionCommand): VersionOutcome {
  const refused = refusal(context, command);
  if (refused.outcome !== "wrong-state" || refused.file.state !== "ready") return refused;
  const { file } = refused;
  return { outcome: file.version === command.version ? "is-current" : "no-such-version", file };
}
