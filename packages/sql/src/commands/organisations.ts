import type { OrganisationCommands, OrganisationCountersRecord, OrganisationRecord } from "@stowage/core";
import {
  agree,
  type CountedColumns,
  type CounterColumns,
  countedOf,
  recordedOf,
} from "../counter-columns.ts";
import { addAuditEvent, type CommandContext } from "./context.ts";

export function findOrganisation({ connection }: CommandContext, id: string): OrganisationRecord | undefined {
  const row = connection.get<{ id: string; issuer: string; name: string } & CounterColumns>(
    "SELECT * FROM organisations WHERE id = ?",
    id,
  );
  return row && { id: row.id, issuer: row.issuer, name: row.name, ...recordedOf(row) };
}

const sumOf = (column: string): string =>
  `(SELECT coalesce(sum(p.${column}), 0) FROM principals p WHERE p.organisation_id = o.id) AS counted_${column}`;

const selectCounters = `SELECT o.id, o.used_bytes, o.reserved_bytes, o.used_files, o.open_uploads,
  ${["used_bytes", "reserved_bytes", "used_files", "open_uploads"].map(sumOf).join(", ")} FROM organisations o`;

type Row = { id: string } & CounterColumns & CountedColumns;

export function listOrganisationCounters(
  { connection }: CommandContext,
  { after = "", limit }: { readonly after?: string; readonly limit: number },
): OrganisationCountersRecord[] {
  return connection
    .all<Row>(`${selectCounters} WHERE o.id > ? ORDER BY o.id LIMIT ?`, after, limit)
    .map((row) => ({ organisationId: row.id, recorded: recordedOf(row), counted: countedOf(row) }));
}

export function recountOrganisation(
  context: CommandContext,
  id: string,
): Awaited<ReturnType<OrganisationCommands["recountOrganisation"]>> {
  const row = context.connection.get<Row>(`${selectCounters} WHERE o.id = ?`, id);
  if (!row) return { outcome: "missing" };
  const [before, after] = [recordedOf(row), countedOf(row)];
  if (agree(before, after)) return { outcome: "unchanged" };
  context.connection.run(
    "UPDATE organisations SET used_bytes = ?, reserved_bytes = ?, used_files = ?, open_uploads = ? WHERE id = ?",
    after.usedBytes,
    after.reservedBytes,
    after.usedFiles,
    after.openUploads,
    id,
  );
  addAuditEvent(context, "system", "organisation.recounted", id);
  return { outcome: "recounted", before, after };
}
