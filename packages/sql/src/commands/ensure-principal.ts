import type { KnownIdentity, PrincipalRecord } from "@stowage/core";
import { type PrincipalRow, principalOf } from "../rows.ts";
import type { CommandContext } from "./context.ts";
import { ensureOrganisation } from "./ensure-organisation.ts";
import { listPerson } from "./list-person.ts";

/** The row of a person, where it says of them what their issuer says now: nothing has to be written. */
export function findCurrentPrincipal(
  { connection }: CommandContext,
  { issuer, subject, email, emailVerified, name, organisation, isPartial = false }: KnownIdentity,
): PrincipalRecord | undefined {
  const row = connection.get<PrincipalRow>(
    "SELECT * FROM principals WHERE issuer = ? AND subject = ?",
    issuer,
    subject,
  );
  const principal = row && principalOf(row);
  if (!principal || (row.listed === null && principal.organisationId !== undefined)) return undefined;
  const isVerified =
    emailVerified ??
    (isPartial && (email === undefined || email === principal.email) && principal.emailVerified);
  const isCurrent = (known: string | undefined, said: string | undefined) =>
    known === said || (isPartial && said === undefined);
  return isCurrent(principal.email, email) &&
    (principal.emailVerified ?? false) === (isVerified ?? false) &&
    isCurrent(principal.name, name) &&
    isCurrent(principal.organisation, organisation)
    ? principal
    : undefined;
}

/** Makes the row of a person who comes for the first time; brings what their issuer says of them up to date. */
export function ensurePrincipal(
  context: CommandContext,
  identity: KnownIdentity & { readonly newId: string },
): PrincipalRecord {
  const isPartial = identity.isPartial ? 1 : 0;
  const isVerified = identity.emailVerified === undefined ? null : 1;
  const { issuer, organisation } = identity;
  const organisationId =
    organisation === undefined ? null : ensureOrganisation(context, { issuer, name: organisation });
  const row = context.connection.get<PrincipalRow>(
    `INSERT INTO principals (id, issuer, subject, email, name, organisation, organisation_id, created_at, email_verified)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, 0))
     ON CONFLICT (issuer, subject) DO UPDATE
       SET email_verified = CASE
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
    identity.subject,
    identity.email ?? null,
    identity.name ?? null,
    organisation ?? null,
    organisationId,
    context.clock.nowMs(),
    isVerified,
    isPartial,
    isVerified,
    isPartial,
    isPartial,
    isPartial,
    isPartial,
  );
  if (!row) throw new Error("RETURNING gave no row.");
  listPerson(context, row);
  return principalOf(row);
}
