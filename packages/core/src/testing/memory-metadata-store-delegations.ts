import { auditedOfDelegation, type DelegationRecord } from "../delegation.ts";
import type { CapabilityHolder } from "../ports/capability-commands.ts";
import type { DelegationCommands } from "../ports/delegation-commands.ts";
import type { CreateUploadOutcome, NewUpload } from "../ports/upload-commands.ts";
import { findRepeat, rememberKey } from "./memory-metadata-store-idempotency.ts";
import { appendAudit, type MemoryTables, pairKey } from "./memory-metadata-store-tables.ts";

const isLive = ({ clock }: MemoryTables, { endsAtMs }: DelegationRecord): boolean => endsAtMs > clock.nowMs();

/** A person's, or of one album's alone. */
export function deleteDelegationsOf({ delegations }: MemoryTables, personId: string, albumId?: string): void {
  for (const { record } of [...delegations.values()])
    if (record.personId === personId && (albumId === undefined || record.bounds.albumId === albumId))
      delegations.delete(record.id);
}

/** A person's that they minted when they were of another organisation than now. */
export function deleteDelegationsOfLeft(
  { delegations }: MemoryTables,
  personId: string,
  organisationId: string | undefined,
): void {
  for (const row of [...delegations.values()])
    if (
      row.record.personId === personId &&
      row.organisationId !== undefined &&
      row.organisationId !== organisationId
    )
      delegations.delete(row.record.id);
}

/** What its token lets a person's program do now. */
export function findDelegation(tables: MemoryTables, id: string): CapabilityHolder | undefined {
  const row = tables.delegations.get(id);
  if (!row || !isLive(tables, row.record)) return undefined;
  const { personId: principalId, scopes, bounds, createdAtMs: mintedAtMs, endsAtMs } = row.record;
  const organisationId = tables.principals.get(principalId)?.organisationId;
  if (row.organisationId !== undefined && row.organisationId !== organisationId) return undefined;
  if (bounds.albumId !== undefined && !tables.albumMembers.get(bounds.albumId)?.has(principalId))
    return undefined;
  return {
    principalId,
    ...(organisationId === undefined ? {} : { organisationId }),
    scopes,
    capability: { kind: "delegation", id, scopes, bounds, mintedAtMs, endsAtMs },
  };
}

/** Why its token may not create an upload, if it may not. */
export function findDelegationRefusal(
  tables: MemoryTables,
  id: string | undefined,
  { sizeBytes }: NewUpload,
): CreateUploadOutcome | undefined {
  if (id === undefined) return undefined;
  const record = tables.delegations.get(id)?.record;
  if (!record || !isLive(tables, record)) return { outcome: "delegation-ended" };
  const { maxFiles = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = record.bounds;
  if (record.sentFiles >= maxFiles) return { outcome: "quota-exceeded", quota: "delegation-files", free: 0 };
  const free = maxBytes - record.sentBytes;
  return sizeBytes > free ? { outcome: "quota-exceeded", quota: "delegation-bytes", free } : undefined;
}

export function countSent(
  { delegations }: MemoryTables,
  id: string | undefined,
  { sizeBytes }: NewUpload,
): void {
  const row = id === undefined ? undefined : delegations.get(id);
  if (!row) return;
  const { sentFiles, sentBytes } = row.record;
  const record = { ...row.record, sentFiles: sentFiles + 1, sentBytes: sentBytes + sizeBytes };
  delegations.set(record.id, { ...row, record });
}

export function memoryDelegationCommands(tables: MemoryTables): DelegationCommands {
  const { clock, delegations, principals } = tables;
  const liveOf = (personId: string): DelegationRecord[] =>
    [...delegations.values()]
      .map(({ record }) => record)
      .filter((record) => record.personId === personId && isLive(tables, record));
  const mayAdd = (personId: string, albumId: string | undefined): boolean => {
    if (albumId === undefined) return true;
    const member = tables.albumMembers.get(albumId)?.get(personId);
    return member !== undefined && member.role !== "viewer";
  };
  return {
    async mintDelegation({ id, personId, scopes, bounds, idempotency, ...command }) {
      const known = idempotency && findRepeat(tables, personId, idempotency);
      if (known?.outcome === "repeat") {
        const delegation = delegations.get(known.resourceId)?.record;
        return { outcome: "repeat", ...(delegation && { delegation }) };
      }
      if (known) return known;
      const person = principals.get(personId);
      const isEnded = (person?.tokensValidFromMs ?? 0) > command.byTokenOfMs;
      if (!person || isEnded || tables.deletedAccounts.has(personId) || !mayAdd(personId, bounds.albumId))
        return { outcome: "missing" };
      if (liveOf(personId).length >= command.maxPerPerson) return { outcome: "too-many" };
      const createdAtMs = clock.nowMs();
      const endsAtMs = createdAtMs + command.lifetimeMs;
      const delegation = {
        id,
        personId,
        scopes,
        bounds,
        createdAtMs,
        endsAtMs,
        sentFiles: 0,
        sentBytes: 0,
      };
      const { organisationId } = person;
      delegations.set(id, {
        record: delegation,
        ...(organisationId === undefined ? {} : { organisationId }),
      });
      if (idempotency) rememberKey(tables, personId, idempotency, id);
      const detail = auditedOfDelegation(delegation);
      appendAudit(tables, { principalId: personId }, "capability.minted", personId, detail);
      return { outcome: "minted", delegation };
    },

    async listDelegations({ personId, after, limit }) {
      return liveOf(personId)
        .filter(
          ({ createdAtMs, id }) =>
            !after || createdAtMs < after.createdAtMs || (createdAtMs === after.createdAtMs && id < after.id),
        )
        .sort((one, other) => other.createdAtMs - one.createdAtMs || (one.id < other.id ? 1 : -1))
        .slice(0, limit);
    },

    async revokeDelegation({ id, personId }) {
      if (delegations.get(id)?.record.personId !== personId) return false;
      delegations.delete(id);
      const detail = JSON.stringify({ tokenId: id });
      appendAudit(tables, { principalId: personId }, "capability.revoked", personId, detail);
      return true;
    },

    async revokeDelegations({ of, actor }) {
      const targetId =
        of === "everybody" ? of : (tables.idsByIdentity.get(pairKey(of.issuer, of.subject)) ?? "");
      const theirs = [...delegations.values()].filter(
        ({ record }) => of === "everybody" || record.personId === targetId,
      );
      for (const { record } of theirs) delegations.delete(record.id);
      if (theirs.length > 0) appendAudit(tables, actor, "capability.revoked", targetId);
      return theirs.length;
    },

    async forgetEndedDelegations(limit) {
      const ended = [...delegations.values()]
        .map(({ record }) => record)
        .filter((record) => !isLive(tables, record))
        .sort((one, other) => one.endsAtMs - other.endsAtMs)
        .slice(0, limit);
      for (const { id } of ended) delegations.delete(id);
      return ended.length;
    },
  };
}
