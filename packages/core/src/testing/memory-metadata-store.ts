import type { Clock } from "../ports/clock.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import { isOutdated, type PrincipalRecord, personaliaLifetimeMs } from "../principal.ts";
import { memoryAccountCommands } from "./memory-metadata-store-accounts.ts";
import { memoryAlbumCommands } from "./memory-metadata-store-albums.ts";
import { memoryArchiveCommands } from "./memory-metadata-store-archives.ts";
import { memoryAuditCommands } from "./memory-metadata-store-audit.ts";
import { memoryCapabilityCommands } from "./memory-metadata-store-capabilities.ts";
import { memoryClaimCommands } from "./memory-metadata-store-claims.ts";
import { deleteDelegationsOfLeft, memoryDelegationCommands } from "./memory-metadata-store-delegations.ts";
import { memoryDerivativeCommands } from "./memory-metadata-store-derivatives.ts";
import { memoryFileCommands } from "./memory-metadata-store-files.ts";
import { memoryGuestCommands } from "./memory-metadata-store-guests.ts";
import { memoryIdempotencyCommands } from "./memory-metadata-store-idempotency.ts";
import { memoryInviteCommands } from "./memory-metadata-store-invites.ts";
import { memoryLinkCommands } from "./memory-metadata-store-links.ts";
import { memoryMultipartCommands } from "./memory-metadata-store-multiparts.ts";
import { memoryOrganisationCommands } from "./memory-metadata-store-organisations.ts";
import { memoryReads } from "./memory-metadata-store-reads.ts";
import { memoryReconciling } from "./memory-metadata-store-reconciling.ts";
import { memorySharingCommands } from "./memory-metadata-store-sharing.ts";
import { appendAudit, createMemoryTables, pairKey } from "./memory-metadata-store-tables.ts";
import { memoryUploadCommands } from "./memory-metadata-store-uploads.ts";

/**
 * A {@link MetadataStore} for tests. Each command runs to its end in one go, so that it is atomic; lists look at
 * every row.
 *
 * @param options.clock the store's own clock: it dates rows and decides what has expired
 */
export function createMemoryMetadataStore({ clock }: { readonly clock: Clock }): MetadataStore {
  const tables = createMemoryTables(clock);
  const { principals, idsByIdentity } = tables;
  /** By person: when their issuer last said all of them. */
  const toldAtMs = new Map<string, number>();

  const organisationIdOf = (issuer: string, name: string): string => {
    const { organisations } = tables;
    const known = [...organisations.values()].find((each) => each.issuer === issuer && each.name === name);
    const id = known?.id ?? `organisation-${organisations.size + 1}`;
    organisations.set(id, { id, issuer, name });
    return id;
  };

  return {
    ...memoryUploadCommands(tables),
    ...memoryMultipartCommands(tables),
    ...memoryClaimCommands(tables),
    ...memoryFileCommands(tables),
    ...memoryDerivativeCommands(tables),
    ...memoryAccountCommands(tables),
    ...memoryArchiveCommands(tables),
    ...memoryAlbumCommands(tables),
    ...memoryGuestCommands(tables),
    ...memoryAuditCommands(tables),
    ...memoryCapabilityCommands(tables),
    ...memoryDelegationCommands(tables),
    ...memoryLinkCommands(tables),
    ...memoryIdempotencyCommands(tables),
    ...memoryReads(tables),
    ...memoryReconciling(tables),
    ...memoryOrganisationCommands(tables),
    ...memorySharingCommands(tables),
    ...memoryInviteCommands(tables),

    async ensurePrincipal({ newId, issuer, subject, isPartial: isSaidPartial = false, saidAtMs, ...said }) {
      const identity = pairKey(issuer, subject);
      const id = idsByIdentity.get(identity) ?? newId;
      const known = idsByIdentity.has(identity) ? principals.get(id) : undefined;
      if (!known && principals.has(id)) throw new Error(`the principal id ${id} is taken`);
      const knownAtMs = tables.saidAtMs.get(id) ?? 0;
      if (known && isOutdated(saidAtMs, { knownAtMs, nowMs: clock.nowMs() })) return known;
      tables.saidAtMs.set(id, saidAtMs ?? knownAtMs);
      const isPartial =
        isSaidPartial &&
        (toldAtMs.get(id) ?? Number.NEGATIVE_INFINITY) > clock.nowMs() - personaliaLifetimeMs;
      if (!isSaidPartial || !known) toldAtMs.set(id, clock.nowMs());
      const issuersName = said.name ?? (isPartial ? tables.issuersNames.get(id) : undefined);
      tables.issuersNames.set(id, issuersName);
      const name = tables.chosenNames.get(id) ?? issuersName;
      const { email, organisation } = isPartial ? { ...known, ...said } : said;
      const isVerified = said.emailVerified ?? (isPartial && known?.email === email && known?.emailVerified);
      const principal: PrincipalRecord = {
        id,
        issuer,
        subject,
        ...(email === undefined ? {} : { email }),
        ...(email !== undefined && isVerified ? { emailVerified: true } : {}),
        ...(name === undefined ? {} : { name }),
        ...(organisation === undefined
          ? {}
          : { organisation, organisationId: organisationIdOf(issuer, organisation) }),
        usedBytes: known?.usedBytes ?? 0,
        reservedBytes: known?.reservedBytes ?? 0,
        usedFiles: known?.usedFiles ?? 0,
        openUploads: known?.openUploads ?? 0,
        createdAtMs: known?.createdAtMs ?? clock.nowMs(),
        ...(known?.profileRevision === undefined ? {} : { profileRevision: known.profileRevision }),
        ...(known?.tokensValidFromMs === undefined ? {} : { tokensValidFromMs: known.tokensValidFromMs }),
      };
      if (known?.organisationId !== undefined && known.organisationId !== principal.organisationId)
        tables.leftOrganisationAtMs.set(id, clock.nowMs());
      idsByIdentity.set(identity, id);
      principals.set(id, principal);
      if (known && known.organisationId !== principal.organisationId) {
        deleteDelegationsOfLeft(tables, id, principal.organisationId);
        const detail = JSON.stringify({ from: known.organisationId, to: principal.organisationId });
        appendAudit(tables, { principalId: id }, "principal.moved", id, detail);
      }
      return principal;
    },

    async forgetDoomedObjects(keys) {
      for (const key of keys) tables.doomed.delete(key);
    },

    async checkHealth() {
      // Memory can always be written.
    },
  };
}
