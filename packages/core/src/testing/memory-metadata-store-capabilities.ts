import type { NewCapability } from "../ports/capability-commands.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import { appendAudit, type MemoryTables } from "./memory-metadata-store-tables.ts";

const principalIdOf = (capability: NewCapability): string =>
  capability.kind === "link" ? capability.linkId : capability.principalId;

/** All of one guest or link; answers how many. */
export function deleteCapabilitiesOf({ capabilities }: MemoryTables, principalId: string): number {
  const theirs = [...capabilities.values()].filter((each) => principalIdOf(each) === principalId);
  for (const { id } of theirs) capabilities.delete(id);
  return theirs.length;
}

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
      if (!row) return undefined;
      const link = row.kind === "link" ? links.get(row.linkId)?.record : undefined;
      const endsAtMs = Math.min(row.endsAtMs, link?.endsAtMs ?? row.endsAtMs);
      if (endsAtMs <= clock.nowMs()) return undefined;
      const holder = { principalId: principalIdOf(row), scopes: row.scopes };
      if (row.kind === "guest")
        return { ...holder, capability: { id, endsAtMs, kind: "guest", albumId: row.albumId } };
      return link && { ...holder, capability: { id, endsAtMs, kind: "link", target: link.target } };
    },

    async revokeCapabilities({ principalId, actor }) {
      const revoked = deleteCapabilitiesOf(tables, principalId);
      if (revoked > 0) appendAudit(tables, actor, "capability.revoked", principalId);
      return revoked;
    },

    async forgetEndedCapabilities(limit) {
      const ended = [...capabilities.values()]
        .filter(({ endsAtMs }) => endsAtMs <= clock.nowMs())
        .sort((one, other) => one.endsAtMs - other.endsAtMs)
        .slice(0, limit);
      for (const { id } of ended) capabilities.delete(id);
      return ended.length;
    },
  };
}
