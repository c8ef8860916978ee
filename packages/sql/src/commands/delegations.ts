import {
  auditedOfDelegation,
  type CapabilityHolder,
  type CreateUploadOutcome,
  type DelegationRecord,
  type MetadataStore,
  type NewUpload,
} from "@stowage/core";
import { addAuditEvent, type CommandContext } from "./context.ts";
import { mayAdd } from "./guest-rights.ts";
import { findRepeat, rememberKey } from "./idempotency-keys.ts";

type Command<Name extends keyof MetadataStore> = Parameters<MetadataStore[Name]>[0];
type Result<Name extends keyof MetadataStore> = Awaited<ReturnType<MetadataStore[Name]>>;

interface DelegationRow {
  id: string;
  person_id: string;
  scopes: string;
  profile: string | null;
  album_id: string | null;
  metadata: string | null;
  max_files: number | null;
  max_bytes: number | null;
  sent_files: number;
  sent_bytes: number;
  created_at: number;
  ends_at: number;
}

const columns = `id, person_id, scopes, profile, album_id, metadata, max_files, max_bytes, sent_files, sent_bytes,
  created_at, ends_at`;

const delegationOf = (row: DelegationRow): DelegationRecord => ({
  id: row.id,
  personId: row.person_id,
  scopes: JSON.parse(row.scopes) as DelegationRecord["scopes"],
  bounds: {
    ...(row.profile === null ? {} : { profile: row.profile }),
    ...(row.album_id === null ? {} : { albumId: row.album_id }),
    ...(row.metadata === null ? {} : { metadata: JSON.parse(row.metadata) as Record<string, string> }),
    ...(row.max_files === null ? {} : { maxFiles: row.max_files }),
    ...(row.max_bytes === null ? {} : { maxBytes: row.max_bytes }),
  },
  createdAtMs: row.created_at,
  endsAtMs: row.ends_at,
  sentFiles: row.sent_files,
  sentBytes: row.sent_bytes,
});

/** The one row that says that a person may mint a token: they are there, and the token that they ask by was not ended. */
const minting = (personId: string, albumId: string, nowMs: string, byTokenOfMs: string): string =>
  `principals p WHERE p.id = ${personId} AND p.deleted_at IS NULL AND coalesce(p.tokens_valid_from, 0) <= ${byTokenOfMs}
     AND (${albumId} IS NULL OR (${mayAdd(personId, albumId, nowMs)}))`;

export function mintDelegation(
  context: CommandContext,
  command: Command<"mintDelegation">,
): Result<"mintDelegation"> {
  const { connection, clock } = context;
  const { personId, bounds, idempotency } = command;
  const known = idempotency && findRepeat(context, personId, idempotency);
  if (known?.outcome === "repeat") {
    const made = connection.get<DelegationRow>(
      `SELECT ${columns} FROM delegations WHERE id = ?`,
      known.resourceId,
    );
    return { outcome: "repeat", ...(made && { delegation: delegationOf(made) }) };
  }
  if (known) return known;
  const nowMs = clock.nowMs();
  const row = connection.get<DelegationRow>(
    `INSERT INTO delegations (id, person_id, organisation_id, scopes, profile, album_id, metadata, max_files, max_bytes, created_at, ends_at)
     SELECT ?1, ?2, p.organisation_id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM ${minting("?2", "?5", "?9", "?11")}
       AND (SELECT count(*) FROM delegations WHERE person_id = ?2 AND ends_at > ?9) < ?12 RETURNING ${columns}`,
    command.id,
    personId,
    JSON.stringify(command.scopes),
    bounds.profile ?? null,
    bounds.albumId ?? null,
    bounds.metadata === undefined ? null : JSON.stringify(bounds.metadata),
    bounds.maxFiles ?? null,
    bounds.maxBytes ?? null,
    nowMs,
    nowMs + command.lifetimeMs,
    command.byTokenOfMs,
    command.maxPerPerson,
  );
  if (!row) {
    const may = connection.get(
      `SELECT 1 FROM ${minting("?1", "?2", "?3", "?4")}`,
      personId,
      bounds.albumId ?? null,
      nowMs,
      command.byTokenOfMs,
    );
    return { outcome: may ? "too-many" : "missing" };
  }
  const delegation = delegationOf(row);
  if (idempotency) rememberKey(context, personId, idempotency, row.id);
  addAuditEvent(
    context,
    { principalId: personId },
    "capability.minted",
    personId,
    auditedOfDelegation(delegation),
  );
  return { outcome: "minted", delegation };
}

export const listDelegations = (
  { connection, clock }: CommandContext,
  { personId, after = { createdAtMs: Number.MAX_SAFE_INTEGER, id: "" }, limit }: Command<"listDelegations">,
): DelegationRecord[] =>
  connection
    .all<DelegationRow>(
      `SELECT ${columns} FROM delegations INDEXED BY delegations_by_person
       WHERE person_id = ? AND (created_at, id) < (?, ?) AND ends_at > ? ORDER BY created_at DESC, id DESC LIMIT ?`,
      personId,
      after.createdAtMs,
      after.id,
      clock.nowMs(),
      limit,
    )
    .map(delegationOf);

export function revokeDelegation(
  context: CommandContext,
  { id, personId }: Command<"revokeDelegation">,
): boolean {
  const deleted = context.connection.run(
    "DELETE FROM delegations WHERE id = ? AND person_id = ?",
    id,
    personId,
  );
  if (deleted === 0) return false;
  const detail = JSON.stringify({ tokenId: id });
  addAuditEvent(context, { principalId: personId }, "capability.revoked", personId, detail);
  return true;
}

export function revokeDelegations(
  context: CommandContext,
  { of, actor }: Command<"revokeDelegations">,
): number {
  const { connection } = context;
  const [first] =
    of === "everybody"
      ? [{ id: of }]
      : connection.all<{ id: string }>(
          "SELECT id FROM principals WHERE issuer = ? AND subject = ?",
          of.issuer,
          of.subject,
        );
  if (!first) return 0;
  const revoked =
    of === "everybody"
      ? connection.run("DELETE FROM delegations WHERE ends_at > 0")
      : deleteDelegationsOf(context, first.id);
  if (revoked > 0) addAuditEvent(context, actor, "capability.revoked", first.id);
  return revoked;
}

export const forgetEndedDelegations = ({ connection, clock }: CommandContext, limit: number): number =>
  connection.run(
    "DELETE FROM delegations WHERE id IN (SELECT id FROM delegations WHERE ends_at <= ? ORDER BY ends_at LIMIT ?)",
    clock.nowMs(),
    limit,
  );

/** All of a person's, within the transaction that ends their sign-ins or account. */
export const deleteDelegationsOf = ({ connection }: CommandContext, personId: string): number =>
  connection.run("DELETE FROM delegations WHERE person_id = ?", personId);

/** Those of a person's that they minted when they were of another organisation than now, within the transaction by which they left it. */
export const deleteDelegationsOfLeft = (
  { connection }: CommandContext,
  personId: string,
  organisationId: string | null,
): number =>
  connection.run(
    "DELETE FROM delegations WHERE person_id = ? AND organisation_id IS NOT NULL AND organisation_id IS NOT ?",
    personId,
    organisationId,
  );

/** Those of a person's that send to an album alone, within the transaction by which they leave it. */
export const deleteDelegationsTo = (
  { connection }: CommandContext,
  personId: string,
  albumId: string,
): number =>
  connection.run("DELETE FROM delegations WHERE person_id = ? AND album_id = ?", personId, albumId);

/** What its token lets a person's program do now. */
export function findDelegation(
  { connection, clock }: CommandContext,
  id: string,
): CapabilityHolder | undefined {
  const row = connection.get<DelegationRow & { organisation_now: string | null }>(
    `SELECT d.*, p.organisation_id AS organisation_now FROM delegations d CROSS JOIN principals p ON p.id = d.person_id
     WHERE d.id = ? AND d.ends_at > ? AND (d.organisation_id IS NULL OR d.organisation_id IS p.organisation_id)
       AND (d.album_id IS NULL OR EXISTS (SELECT 1 FROM album_members m WHERE m.album_id = d.album_id AND m.user_id = d.person_id))`,
    id,
    clock.nowMs(),
  );
  if (!row) return undefined;
  const { personId: principalId, scopes, bounds, createdAtMs: mintedAtMs, endsAtMs } = delegationOf(row);
  return {
    principalId,
    ...(row.organisation_now === null ? {} : { organisationId: row.organisation_now }),
    scopes,
    capability: { kind: "delegation", id, scopes, bounds, mintedAtMs, endsAtMs },
  };
}

/** Counts an upload among what is sent by a token, where that has not ended and its bounds have room; else why not. */
export function countSent(
  { connection, clock }: CommandContext,
  id: string,
  { sizeBytes }: NewUpload,
): CreateUploadOutcome | undefined {
  const nowMs = clock.nowMs();
  const counted = connection.run(
    `UPDATE delegations SET sent_files = sent_files + 1, sent_bytes = sent_bytes + ?1 WHERE id = ?2 AND ends_at > ?3
       AND (max_files IS NULL OR sent_files < max_files) AND (max_bytes IS NULL OR sent_bytes + ?1 <= max_bytes)`,
    sizeBytes,
    id,
    nowMs,
  );
  if (counted === 1) return undefined;
  const row = connection.get<DelegationRow>(
    `SELECT ${columns} FROM delegations WHERE id = ? AND ends_at > ?`,
    id,
    nowMs,
  );
  if (!row) return { outcome: "delegation-ended" };
  return row.max_files !== null && row.sent_files >= row.max_files
    ? { outcome: "quota-exceeded", quota: "delegation-files", free: 0 }
    : { outcome: "quota-exceeded", quota: "delegation-bytes", free: (row.max_bytes ?? 0) - row.sent_bytes };
}

/** Of one that was refused after all, within the same transaction. */
export function giveSentBack(
  { connection }: CommandContext,
  id: string | undefined,
  { sizeBytes }: NewUpload,
): void {
  if (id === undefined) return;
  connection.run(
    "UPDATE delegations SET sent_files = sent_files - 1, sent_bytes = sent_bytes - ? WHERE id = ?",
    sizeBytes,
    id,
  );
}
