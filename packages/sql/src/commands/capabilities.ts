import type { CapabilityHolder, LinkTarget, MetadataStore, NewCapability } from "@stowage/core";
import { addAuditEvent, type CommandContext } from "./context.ts";
import { findDelegation } from "./delegations.ts";
import { notDeleted } from "./deleted-people.ts";
import { rightEndsAt } from "./guest-rights.ts";
import { noteEndedGuest } from "./guests.ts";

type Command<Name extends keyof MetadataStore> = Parameters<MetadataStore[Name]>[0];

/** Within the transaction of the command that gives it out, which leaves the audit event. */
export function insertCapability({ connection, clock }: CommandContext, capability: NewCapability): void {
  connection.run(
    `INSERT INTO capabilities (id, principal_id, link_id, album_id, scopes, created_at, ends_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    capability.id,
    capability.kind === "link" ? capability.linkId : capability.principalId,
    capability.kind === "link" ? capability.linkId : null,
    capability.kind === "guest" ? capability.albumId : null,
    JSON.stringify(capability.scopes),
    clock.nowMs(),
    capability.endsAtMs,
  );
}

/** All of one guest or link; answers how many. Within the transaction of a command that leaves the audit event. */
export const deleteCapabilitiesOf = ({ connection }: CommandContext, principalId: string): number =>
  connection.run("DELETE FROM capabilities WHERE principal_id = ?", principalId);

export function mintCapability(context: CommandContext, command: Command<"mintCapability">): void {
  insertCapability(context, command);
  const { principalId } = command;
  addAuditEvent(context, { principalId }, "capability.minted", principalId);
}

interface CapabilityRow {
  id: string;
  principal_id: string;
  album_id: string | null;
  scopes: string;
  right_ends_at: number;
  target_kind: LinkTarget["kind"] | null;
  target_id: string | null;
  link_ends_at: number | null;
}

export function findCapability(context: CommandContext, id: string): CapabilityHolder | undefined {
  const { connection, clock } = context;
  const row = connection.get<CapabilityRow>(
    `SELECT c.id, c.principal_id, c.album_id, c.scopes, ${rightEndsAt("c", "a")} AS right_ends_at, l.target_kind, l.target_id, l.ends_at AS link_ends_at
     FROM capabilities c LEFT JOIN links l ON l.id = c.link_id AND ${notDeleted("l.created_by")} LEFT JOIN albums a ON a.id = c.album_id WHERE c.id = ?`,
    id,
  );
  if (!row) return findDelegation(context, id);
  const endsAtMs = Math.min(row.right_ends_at, row.link_ends_at ?? row.right_ends_at);
  if (endsAtMs <= clock.nowMs()) return undefined;
  const holder = {
    principalId: row.principal_id,
    scopes: JSON.parse(row.scopes) as CapabilityHolder["scopes"],
  };
  if (row.album_id !== null)
    return { ...holder, capability: { id, endsAtMs, kind: "guest", albumId: row.album_id } };
  if (row.target_kind === null || row.target_id === null) return undefined;
  const target = { kind: row.target_kind, id: row.target_id };
  return { ...holder, capability: { id, endsAtMs, kind: "link", target } };
}

export function revokeCapabilities(
  context: CommandContext,
  { principalId, actor }: Command<"revokeCapabilities">,
): number {
  const revoked = deleteCapabilitiesOf(context, principalId);
  if (revoked === 0) return 0;
  noteEndedGuest(context, principalId);
  addAuditEvent(context, actor, "capability.revoked", principalId);
  return revoked;
}

export function forgetEndedCapabilities(context: CommandContext, limit: number): number {
  const { connection, clock } = context;
  const ended = connection.all<{ principal_id: string; album_id: string | null }>(
    `DELETE FROM capabilities WHERE id IN (SELECT c.id FROM capabilities c LEFT JOIN albums a ON a.id = c.album_id
       WHERE c.ends_at <= ?1 AND ${rightEndsAt("c", "a")} <= ?1 ORDER BY c.ends_at LIMIT ?2) RETURNING principal_id, album_id`,
    clock.nowMs(),
    limit,
  );
  for (const { principal_id, album_id } of ended)
    if (album_id !== null) noteEndedGuest(context, principal_id);
  return ended.length;
}
