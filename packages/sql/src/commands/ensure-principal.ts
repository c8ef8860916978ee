import type { Identity, PrincipalRecord } from "@stowage/core";
import { type PrincipalRow, principalOf } from "../rows.ts";
import type { CommandContext } from "./context.ts";

/** Makes the row of a person who comes for the first time; brings what their issuer says of them up to date. */
export function ensurePrincipal(
  { connection, clock }: CommandContext,
  identity: Identity & { readonly newId: string },
): PrincipalRecord {
  const row = connection.get<PrincipalRow>(
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
    clock.nowMs(),
  );
  if (!row) throw new Error("RETURNING gave no row.");
  return principalOf(row);
}
