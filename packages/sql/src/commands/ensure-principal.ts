import type { Identity, PrincipalRecord } from "@stowage/core";
import { type PrincipalRow, principalOf } from "../rows.ts";
import type { CommandContext } from "./context.ts";

/** The row of a person, where it says of them what their issuer says now: nothing has to be written. */
export function findCurrentPrincipal(
  { connection }: CommandContext,
  { issuer, subject, email, name, organisation }: Identity,
): PrincipalRecord | undefined {
  const row = connection.get<PrincipalRow>(
    "SELECT * FROM principals WHERE issuer = ? AND subject = ?",
    issuer,
    subject,
  );
  const principal = row && principalOf(row);
  return principal?.email === email && principal?.name === name && principal?.organisation === organisation
    ? principal
    : undefined;
}

/** Makes the row of a person who comes for the first time; brings what their issuer says of them up to date. */
export function ensurePrincipal(
  context: CommandContext,
  identity: Identity & { readonly newId: string },
): PrincipalRecord {
  const row = context.connection.get<PrincipalRow>(
    `INSERT INTO principals (id, issuer, subject, email, name, organisation, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (issuer, subject) DO UPDATE
       SET email = excluded.email, name = excluded.name, organisation = excluded.organisation
     RETURNING *`,
    identity.newId,
    identity.issuer,
    identity.subject,
    identity.email ?? null,
    identity.name ?? null,
    identity.organisation ?? null,
    context.clock.nowMs(),
  );
  if (!row) throw new Error("RETURNING gave no row.");
  return principalOf(row);
}
