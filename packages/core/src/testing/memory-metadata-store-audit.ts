import { noOrganisation } from "../audit/audit-chain.ts";
import type { AuditEventRecord } from "../audit-event.ts";
import { isSealed } from "../policy/decide-album-access.ts";
import { type AuditCommands, longestSequencerLeaseMs } from "../ports/audit-commands.ts";
import { appendAudit, type MemoryTables } from "./memory-metadata-store-tables.ts";

export function memoryAuditCommands(tables: MemoryTables): AuditCommands {
  const { auditEvents, auditHeads, sequencer, clock } = tables;

  const unlinked = (): readonly AuditEventRecord[] => auditEvents.slice(sequencer.linkedSequence);

  /** By {@link noOrganisation}'s rule. */
  const chainOf = ({ sequence, actor, targetId }: AuditEventRecord): string => {
    if (tables.organisations.has(targetId)) return targetId;
    const target =
      (tables.uploads.get(targetId) ?? tables.files.get(targetId) ?? tables.archives.get(targetId))?.record ??
      tables.albums.get(targetId);
    const people = [tables.ownersOfGone.get(sequence) ?? target?.ownerId ?? targetId, actor];
    const [organisation = noOrganisation] = people.flatMap(
      (id) => tables.principals.get(id)?.organisationId ?? [],
    );
    return organisation;
  };

  const isTold = ({ sealedBy: albumId = "" }: AuditEventRecord): boolean => {
    const album = tables.albums.get(albumId);
    return !(album && isSealed(album)) && !tables.unrevealedAlbums.has(albumId);
  };

  return {
    async addAuditEvents(events) {
      for (const { actor, action, targetId, detail } of events)
        appendAudit(tables, actor, action, targetId, detail);
    },

    async listAuditEvents({ afterSequence, limit }) {
      return auditEvents.slice(afterSequence, afterSequence + limit);
    },

    async listAuditEventsBack({ targetId, actorId, before = Number.POSITIVE_INFINITY, limit }) {
      return auditEvents
        .filter((event) => event.link !== undefined && event.sequence < before && isTold(event))
        .filter((event) => targetId === undefined || event.targetId === targetId)
        .filter((event) => actorId === undefined || event.actor === actorId)
        .reverse()
        .slice(0, limit);
    },

    async countUnchainedAuditEvents(limit) {
      return Math.min(limit, unlinked().length);
    },

    async takeUnchainedAuditEvents({ sequencerId, leaseMs, limit }) {
      if (unlinked().length === 0) return { outcome: "none" };
      const nowMs = clock.nowMs();
      const { id, leaseUntilMs } = sequencer;
      if (id !== sequencerId && leaseUntilMs > nowMs && leaseUntilMs <= nowMs + longestSequencerLeaseMs)
        return { outcome: "held" };
      const isLong = leaseUntilMs >= nowMs + leaseMs / 2 && leaseUntilMs <= nowMs + longestSequencerLeaseMs;
      if (id !== sequencerId || !isLong) sequencer.leaseUntilMs = nowMs + leaseMs;
      sequencer.id = sequencerId;
      const events = unlinked()
        .slice(0, limit)
        .map(({ link: _, ...event }) => ({ ...event, chain: chainOf(event) }));
      const heads = new Set(events.map(({ chain }) => chain));
      return {
        outcome: "taken",
        events,
        heads: [...auditHeads.values()].filter(({ chain }) => heads.has(chain)),
      };
    },

    async linkAuditEvents({ sequencerId, links }) {
      if (sequencer.id !== sequencerId || sequencer.linkedSequence + 1 !== links[0]?.sequence) return "stale";
      for (const { sequence, ...link } of links) {
        const event = auditEvents[sequence - 1];
        if (!event || event.link) throw new Error(`audit event ${sequence} can't be linked`);
        auditEvents[sequence - 1] = { ...event, link };
        auditHeads.set(link.chain, link);
        sequencer.linkedSequence = sequence;
      }
      if (unlinked().length === 0) sequencer.leaseUntilMs = 0;
      return "linked";
    },

    async findAuditExtent() {
      return { sequence: sequencer.linkedSequence, count: sequencer.linkedSequence, sealsHashedAt: 0 };
    },

    async listAuditChainHeads() {
      return [...auditHeads.values()].sort((one, other) => (one.chain < other.chain ? -1 : 1));
    },
  };
}
