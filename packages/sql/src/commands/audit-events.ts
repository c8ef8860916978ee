import {
  type AuditChainHead,
  type AuditEventRecord,
  type AuditExtent,
  type ListAuditEventsBack,
  longestSequencerLeaseMs,
  type MetadataStore,
  type NewAuditEvent,
  noOrganisation,
} from "@stowage/core";
import {
  type AuditChainRow,
  type AuditEventRow,
  auditEventColumns,
  auditEventOf,
  auditHeadOf,
} from "../audit-rows.ts";
import { addAuditEvent, type CommandContext, isSealedAlbum } from "./context.ts";

type Command<Name extends keyof MetadataStore> = MetadataStore[Name] extends (command: infer C) => unknown
  ? C
  : never;

export function addAuditEvents(context: CommandContext, events: readonly NewAuditEvent[]): void {
  for (const { actor, action, targetId, detail } of events)
    addAuditEvent(context, actor, action, targetId, detail);
}

export const listAuditEvents = (
  { connection }: CommandContext,
  { afterSequence, limit }: { readonly afterSequence: number; readonly limit: number },
): AuditEventRecord[] =>
  connection
    .all<AuditEventRow>(
      `SELECT ${auditEventColumns} FROM audit_events WHERE sequence > ? ORDER BY sequence LIMIT ?`,
      afterSequence,
      limit,
    )
    .map(auditEventOf);

/** Of an event's row `e`: it is not about what an album seals, or sealed when it was deleted. */
const isTold = `(sealed_by IS NULL OR (
  NOT EXISTS (SELECT 1 FROM albums a WHERE a.id = e.sealed_by AND ${isSealedAlbum})
  AND NOT EXISTS (SELECT 1 FROM unrevealed_albums u WHERE u.album_id = e.sealed_by)))`;

export function listAuditEventsBack(
  { connection }: CommandContext,
  { targetId, actorId, before = Number.MAX_SAFE_INTEGER, limit }: ListAuditEventsBack,
): AuditEventRecord[] {
  // None before the first has ever been given by Stowage.
  const page = `number IS NOT NULL AND ${isTold} AND sequence > 0 AND sequence < ? ORDER BY sequence DESC LIMIT ?`;
  const select = `SELECT ${auditEventColumns} FROM audit_events e`;
  const rows =
    targetId !== undefined
      ? connection.all<AuditEventRow>(`${select} WHERE target_id = ? AND ${page}`, targetId, before, limit)
      : actorId !== undefined
        ? connection.all<AuditEventRow>(`${select} WHERE actor = ? AND ${page}`, actorId, before, limit)
        : connection.all<AuditEventRow>(`${select} WHERE ${page}`, before, limit);
  return rows.map(auditEventOf);
}

/** What the rows themselves say: a position that is written down beside them could be moved past some. */
const unchained = "audit_events INDEXED BY audit_events_unchained WHERE number IS NULL AND sequence > 0";

export const countUnchainedAuditEvents = (
  { connection }: Pick<CommandContext, "connection">,
  limit: number,
): number =>
  connection.get<{ found: number }>(
    `SELECT count(*) AS found FROM (SELECT 1 FROM ${unchained} LIMIT ?)`,
    limit,
  )?.found ?? 0;

/** By the rule of `noOrganisation`, which is its value. */
const organisationId = `coalesce(e.chain,
  (SELECT p.organisation_id FROM uploads u CROSS JOIN principals p ON p.id = u.owner_id WHERE u.id = e.target_id),
  (SELECT p.organisation_id FROM files f CROSS JOIN principals p ON p.id = f.owner_id WHERE f.id = e.target_id),
  (SELECT p.organisation_id FROM albums a CROSS JOIN principals p ON p.id = a.owner_id WHERE a.id = e.target_id),
  (SELECT p.organisation_id FROM archives a CROSS JOIN principals p ON p.id = a.owner_id WHERE a.id = e.target_id),
  (SELECT p.organisation_id FROM principals p WHERE p.id = e.target_id),
  (SELECT o.id FROM organisations o WHERE o.id = e.target_id),
  (SELECT p.organisation_id FROM principals p WHERE p.id = e.actor), ?) AS organisation_id`;

type Take = Command<"takeUnchainedAuditEvents">;

/** Whether the sequencer has the lease for a while yet: of a backlog no batch but the first needs a transaction to be taken. */
export const holdsSequencerLease = (
  { connection, clock }: CommandContext,
  { sequencerId, leaseMs }: Take,
): boolean =>
  connection.get(
    "SELECT 1 FROM audit_sequencer WHERE id = 1 AND sequencer_id = ? AND lease_until BETWEEN ? AND ?",
    sequencerId,
    clock.nowMs() + leaseMs / 2,
    clock.nowMs() + longestSequencerLeaseMs,
  ) !== undefined;

export function leaseSequencer(
  { connection, clock }: CommandContext,
  { sequencerId, leaseMs }: Take,
): "leased" | "none" | "held" {
  const nowMs = clock.nowMs();
  const leased = connection.run(
    `UPDATE audit_sequencer SET sequencer_id = ?1, lease_until = ?2
     WHERE id = 1 AND (sequencer_id = ?1 OR lease_until <= ?3 OR lease_until > ?4)
       AND EXISTS (SELECT 1 FROM ${unchained})`,
    sequencerId,
    nowMs + leaseMs,
    nowMs,
    // Nobody has it for so long: the clock was set back after it was written.
    nowMs + longestSequencerLeaseMs,
  );
  if (leased > 0) return "leased";
  return countUnchainedAuditEvents({ connection }, 1) === 0 ? "none" : "held";
}

/** For who has the lease. What has changed when they come to link it, they are told then: nothing is kept from writing meanwhile. */
export function readUnchainedAuditEvents(
  { connection }: CommandContext,
  { limit }: Take,
): Awaited<ReturnType<MetadataStore["takeUnchainedAuditEvents"]>> {
  const events = connection
    .all<AuditEventRow & { organisation_id: string }>(
      `SELECT ${auditEventColumns}, ${organisationId} FROM audit_events e INDEXED BY audit_events_unchained
       WHERE number IS NULL AND sequence > 0 ORDER BY sequence LIMIT ?`,
      noOrganisation,
      limit,
    )
    .map((row) => {
      const { link: _, ...event } = auditEventOf(row);
      return { ...event, chain: row.organisation_id };
    });
  if (events.length === 0) return { outcome: "none" };
  const heads = connection
    .all<AuditChainRow>(
      "SELECT chain, number, hash FROM audit_chains WHERE chain IN (SELECT value FROM json_each(?))",
      JSON.stringify([...new Set(events.map(({ chain }) => chain))]),
    )
    .map(auditHeadOf);
  return { outcome: "taken", events, heads };
}

export function linkAuditEvents(
  { connection }: CommandContext,
  { sequencerId, links }: Command<"linkAuditEvents">,
): "linked" | "stale" {
  const moved = connection.run(
    `UPDATE audit_sequencer SET linked_sequence = ?1,
       lease_until = iif(EXISTS (SELECT 1 FROM ${unchained} AND sequence > ?1), lease_until, 0)
     WHERE id = 1 AND sequencer_id = ?2 AND (SELECT sequence FROM ${unchained} ORDER BY sequence LIMIT 1) = ?3`,
    links.at(-1)?.sequence ?? 0,
    sequencerId,
    links[0]?.sequence ?? 0,
  );
  if (moved === 0) return "stale";
  const heads = new Map<string, AuditChainHead>();
  for (const { sequence, chain, number, hash } of links) {
    const linked = connection.run(
      "UPDATE audit_events SET chain = ?, number = ?, hash = unhex(?) WHERE sequence = ? AND number IS NULL",
      chain,
      number,
      hash,
      sequence,
    );
    if (linked === 0) throw new Error(`audit event ${sequence} can't be linked`);
    heads.set(chain, { chain, number, hash });
  }
  for (const { chain, number, hash } of heads.values())
    connection.run(
      `INSERT INTO audit_chains (chain, number, hash) VALUES (?, ?, unhex(?))
       ON CONFLICT (chain) DO UPDATE SET number = excluded.number, hash = excluded.hash`,
      chain,
      number,
      hash,
    );
  return "linked";
}

/** Of what says up to where seals may be in no hash: with a place, or still without. */
const sealsHashed = `coalesce((SELECT min(sequence) FROM audit_events
    WHERE target_id = 'audit' AND number IS NOT NULL AND action = 'audit.seals-hashed'),
  (SELECT min(sequence) FROM ${unchained} AND action = 'audit.seals-hashed'), 0)`;

export const findAuditExtent = ({ connection }: CommandContext): AuditExtent => ({
  sequence: 0,
  count: 0,
  sealsHashedAt: 0,
  ...connection.get<AuditExtent>(
    `SELECT sequence, (SELECT sum(number) FROM audit_chains WHERE chain >= '') AS count, ${sealsHashed} AS sealsHashedAt FROM audit_events
     WHERE number IS NOT NULL AND sequence <= ? ORDER BY sequence DESC LIMIT 1`,
    Number.MAX_SAFE_INTEGER,
  ),
});

export const listAuditChainHeads = ({ connection }: CommandContext): AuditChainHead[] =>
  connection
    .all<AuditChainRow>("SELECT chain, number, hash FROM audit_chains WHERE chain >= '' ORDER BY chain")
    .map(auditHeadOf);
