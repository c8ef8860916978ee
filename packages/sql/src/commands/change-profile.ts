import type { AccountCommands } from "@stowage/core";
import { type PrincipalRow, principalOf } from "../rows.ts";
import { addAuditEvent, type CommandContext } from "./context.ts";
import { listPerson } from "./list-person.ts";

export function changeProfile(
  context: CommandContext,
  { principalId, revision, name }: Parameters<AccountCommands["changeProfile"]>[0],
): Awaited<ReturnType<AccountCommands["changeProfile"]>> {
  const { connection } = context;
  const changed = connection.get<PrincipalRow>(
    `UPDATE principals SET chosen_name = ?, profile_revision = profile_revision + 1
     WHERE id = ? AND profile_revision = ? AND deleted_at IS NULL RETURNING *`,
    name,
    principalId,
    revision,
  );
  if (!changed) {
    const row = connection.get<PrincipalRow>(
      "SELECT * FROM principals WHERE id = ? AND deleted_at IS NULL",
      principalId,
    );
    return row ? { outcome: "stale", person: principalOf(row) } : { outcome: "missing" };
  }
  listPerson(context, changed);
  const person = principalOf(changed);
  connection.run(
    "UPDATE album_members SET name = ? WHERE user_id = ? AND name IS NOT NULL",
    person.name ?? null,
    principalId,
  );
  addAuditEvent(context, { principalId }, "principal.changed", principalId);
  return { outcome: "done", person };
}
