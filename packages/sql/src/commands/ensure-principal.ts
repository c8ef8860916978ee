import {
  isOutdated,
  type KnownIdentity,
  type PrincipalRecord,
  personaliaLifetimeMs,
  personaliaNotedMs,
} from "@stowage/core";
import { type PrincipalRow, principalOf } from "../rows.ts";
import { addAuditEvent, type CommandContext } from "./context.ts";
import { deleteDelegationsOfLeft } from "./delegations.ts";
import { ensureOrganisation } from "./ensure-organisation.ts";
import { listPerson } from "./list-person.ts";

/** The row of a person, where it says of them what their issuer says now: nothing has to be written. */
export function findCurrentPrincipal(
  { connection, clock }: CommandContext,
  identity: KnownIdentity,
): PrincipalRecord | undefined {
  const { issuer, subject, email, emailVerified, name, organisation } = identity;
  const row = connection.get<PrincipalRow>(
    "SELECT * FROM principals WHERE issuer = ? AND subject = ?",
    issuer,
    subject,
  );
  const principal = row && principalOf(row);
  const nowMs = clock.nowMs();
  if (principal && isListed(row) && isOutdated(identity.saidAtMs, { knownAtMs: row.said_at, nowMs }))
    return principal;
  if (row && (identity.saidAtMs ?? row.said_at) !== row.said_at) return undefined;
  if (row && !identity.isPartial && row.told_at <= nowMs - personaliaNotedMs) return undefined;
  const isPartial = identity.isPartial === true && row !== undefined && isBelieved(row, nowMs);
  if (!principal || !isListed(row)) return undefined;
  const isVerified =
    emailVerified ??
    (isPartial && (email === undefined || email === principal.email) && principal.emailVerified);
  const isCurrent = (known: string | undefined, said: string | undefined) =>
    known === said || (isPartial && said === undefined);
  return isCurrent(principal.email, email) &&
    (principal.emailVerified ?? false) === (isVerified ?? false) &&
    isCurrent(row.name ?? undefined, name) &&
    isCurrent(principal.organisation, organisation)
    ? principal
    : undefined;
}

const isListed = ({ listed, organisation_id }: PrincipalRow): boolean =>
  listed !== null || organisation_id === null;

const isBelieved = ({ told_at }: Pick<PrincipalRow, "told_at">, nowMs: number): boolean =>
  told_at > nowMs - personaliaLifetimeMs;

/** Makes the row of a person who comes for the first time; brings what their issuer says of them up to date. */
export function ensurePrincipal(
  context: CommandContext,
  identity: KnownIdentity & { readonly newId: string },
): PrincipalRecord {
  const { connection, clock } = context;
  const { issuer, subject, organisation } = identity;
  const nowMs = clock.nowMs();
  const known = connection.get<PrincipalRow>(
    "SELECT * FROM principals WHERE issuer = ? AND subject = ?",
    issuer,
    subject,
  );
  if (known && isOutdated(identity.saidAtMs, { knownAtMs: known.said_at, nowMs })) {
    listPerson(context, known);
    return principalOf(known);
  }
  const isPartial = identity.isPartial && known && isBelieved(known, nowMs) ? 1 : 0;
  const isVerified = identity.emailVerified === undefined ? null : Number(identity.emailVerified);
  const organisationId =
    organisation === undefined ? null : ensureOrganisation(context, { issuer, name: organisation });
  const row = connection.get<PrincipalRow>(
    `INSERT INTO principals (id, issuer, subject, email, name, organisation, organisation_id, created_at, told_at, said_at, email_verified)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, 0))
     ON CONFLICT (issuer, subject) DO UPDATE
       SET organisation_left_at = CASE
             WHEN principals.organisation_id <> coalesce(excluded.organisation_id, CASE WHEN ? = 1 THEN principals.organisation_id END, '')
               THEN ? ELSE principals.organisation_left_at END,
           told_at = CASE WHEN ? = 1 THEN principals.told_at ELSE excluded.told_at END,
           said_at = excluded.said_at,
           email_verified = CASE
             WHEN ? = 1 AND coalesce(excluded.email, principals.email) IS principals.email
               THEN coalesce(?, principals.email_verified)
             ELSE excluded.email_verified END,
           email = coalesce(excluded.email, CASE WHEN ? = 1 THEN principals.email END),
           name = coalesce(excluded.name, CASE WHEN ? = 1 THEN principals.name END),
           organisation = coalesce(excluded.organisation, CASE WHEN ? = 1 THEN principals.organisation END),
           organisation_id = coalesce(excluded.organisation_id, CASE WHEN ? = 1 THEN principals.organisation_id END)
     RETURNING *`,
    identity.newId,
    issuer,
    subject,
    identity.email ?? null,
    identity.name ?? null,
    organisation ?? null,
    organisationId,
    nowMs,
    nowMs,
    identity.saidAtMs ?? known?.said_at ?? 0,
    isVerified,
    isPartial,
    nowMs,
    identity.isPartial ? 1 : 0,
    isPartial,
    isVerified,
    isPartial,
    isPartial,
    isPartial,
    isPartial,
  );
  if (!row) throw new Error("RETURNING gave no row.");
  listPerson(context, row);
  if (known && known.organisation_id !== row.organisation_id) {
    const detail = JSON.stringify({
      from: known.organisation_id ?? undefined,
      to: row.organisation_id ?? undefined,
    });
    deleteDelegationsOfLeft(context, row.id, row.organisation_id);
    addAuditEvent(context, { principalId: row.id }, "principal.moved", row.id, detail);
  }
  return principalOf(row);
}
