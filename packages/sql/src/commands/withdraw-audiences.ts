import { auditedOf, organisationAudience, type SharingCommands } from "@stowage/core";
import { addAuditEvent, type CommandContext } from "./context.ts";
import { indexFile } from "./index-file.ts";

/** What begins as the audience of an organisation does, as `files_shown_to_organisations` has it. */
const isOrganisations = `f.audience >= '${organisationAudience("")}' AND f.audience < 'o;'`;

export function withdrawAudiences(
  context: CommandContext,
  { leftBeforeMs, limit }: Parameters<SharingCommands["withdrawAudiences"]>[0],
): number {
  const { connection } = context;
  let withdrawn = 0;
  while (withdrawn < limit) {
    const owner = connection.get<{ id: string; shown: string | null }>(
      `SELECT id, '${organisationAudience("")}' || organisation_id AS shown FROM principals INDEXED BY principals_left_organisation
       WHERE organisation_left_at IS NOT NULL AND organisation_left_at <= ? ORDER BY organisation_left_at LIMIT 1`,
      leftBeforeMs,
    );
    if (!owner) break;
    const room = limit - withdrawn;
    const files = connection.all<{ id: string }>(
      `SELECT f.id FROM files f INDEXED BY files_shown_to_organisations
       WHERE f.owner_id = ? AND ${isOrganisations} AND f.audience IS NOT ? LIMIT ?`,
      owner.id,
      owner.shown,
      room,
    );
    for (const { id } of files) {
      connection.run("UPDATE files SET audience = NULL, revision = revision + 1 WHERE id = ?", id);
      indexFile(context, id);
      addAuditEvent(context, "system", "file.changed", id, auditedOf({ audience: "private" }));
    }
    withdrawn += files.length;
    if (files.length < room)
      connection.run("UPDATE principals SET organisation_left_at = NULL WHERE id = ?", owner.id);
  }
  return withdrawn;
}
