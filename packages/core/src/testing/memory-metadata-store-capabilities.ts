import { endOfRightMs } from "../album.ts";
import type { NewCapability } from "../ports/capability-commands.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import { findDelegation } from "./memory-metadata-store-delegations.ts";
import { appendAudit, type MemoryTables, noteEndedGuest } from "./memory-metadata-store-tables.ts";

const principalIdOf = (capability: NewCapability): string =>
  capability.kind === "link" ? capability.linkId : capability.principalId;

/** All of one guest or link; answers how many. */
export function deleteCapabilitiesOf({ capabilities }: MemoryTables, principalId: string): number {
  const theirs = [...capabilities.values()].filter((each) => principalIdOf(each) === principalId);
  for (const { id } of theirs) capabilities.delete(id);
  return theirs.length;
}

/** By what the rows of its album and its link say now. */
const endOf = ({ albums, links }: MemoryTables, right: NewCapability): number =>
  right.kind === "guest"
    ? endOfRightMs(right.endsAtMs, albums.get(right.albumId))
    : Math.min(right.endsAtMs, links.get(right.linkId)?.record.endsAtMs ?? right.endsAtMs);

/** Whether a guest has a right to an album that has not ended. */
export const hasRight = (tables: MemoryTables, guestId: string, albumId: string): boolean =>
  [...tables.capabilities.values()].some(
    (right) =>
      right.kind === "guest" &&
      right.principalId === guestId &&
      right.albumId === albumId &&
      endOf(tables, right) > tables.clock.nowMs(),
  );

export function memoryCapabilityCommands(
  tables: MemoryTables,
): Pick<
  MetadataStore,
  "mintCapability" | "findCapability" | "revokeCapabilities" | "forgetEndedCapabilities"
> {
  const { clock, capabilities, links } = tables;
  return {
    async mintCapability(capability) {
      if (capabilities.has(capability.id)) throw new Error(`the capability id ${capability.id} is taken`);
      const { principalId } = capability;
      capabilities.set(capability.id, capability);
      appendAudit(tables, { principalId }, "capability.minted", principalId);
    },

    async findCapability(id) {
      const row = capabilities.get(id);
      if (!row) return findDelegation(tables, id);
      const link = row.kind === "link" ? links.get(row.linkId)?.record : undefined;
      const endsAtMs = endOf(tables, row);
      if (endsAtMs <= clock.nowMs()) return undefined;
      const holder = { principalId: principalIdOf(row), scopes: row.scopes };
      if (row.kind === "guest")
        return { ...holder, capability: { id, endsAtMs, kind: "guest", albumId: row.albumId } };
      if (!link || tables.deletedAccounts.has(link.createdBy)) return undefined;
      return { ...holder, capability: { id, endsAtMs, kind: "link", target: link.target } };
    },

    async revokeCapabilities({ principalId, actor }) {
      const revoked = deleteCapabilitiesOf(tables, principalId);
      if (revoked === 0) return 0;
      noteEndedGuest(tables, principalId);
      appendAudit(tables, actor, "capability.revoked", principalId);
      return revoked;
    },

    async forgetEndedCapabilities(limit) {
      const ended = [...capabilities.values()]
        .filter(
          (right) =>
            right.endsAtMs <= clock.nowMs() &&
            (right.kind === "link" || endOf(tables, right) <= clock.nowMs()),
        )
        .sort((one, other) => one.endsAtMs - other.endsAtMs)
        .slice(0, limit);
      for (const right of ended) {
        capabilities.delete(right.id);
        if (right.kind === "guest") tables.endedGuests.add(right.principalId);
      }
      return ended.length;
    },
  };
}
