import { ensureOrganisation } from "../commands/ensure-organisation.ts";
import type { SqliteConnection } from "../sqlite-connection.ts";

/** Organisations have rows of their own, by issuer and name, and people say which is theirs. */
export const quotas = `
CREATE TABLE organisations (
  id TEXT PRIMARY KEY, issuer TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (issuer, name)
) STRICT, WITHOUT ROWID;
ALTER TABLE principals ADD COLUMN organisation_id TEXT;
`;

/** Those of the people who are there already. */
export function makeOrganisations(connection: SqliteConnection): void {
  const organisations = connection.all<{ issuer: string; name: string }>(
    "SELECT DISTINCT issuer, organisation AS name FROM principals WHERE organisation IS NOT NULL",
  );
  const clock = { nowMs: () => Date.now() };
  for (const organisation of organisations) ensureOrganisation({ connection, clock }, organisation);
  connection.exec(`UPDATE principals SET organisation_id = (
    SELECT o.id FROM organisations o WHERE o.issuer = principals.issuer AND o.name = principals.organisation)
  WHERE organisation IS NOT NULL`);
}
