import { ensureOrganisation } from "../commands/ensure-organisation.ts";
import type { SqliteConnection } from "../sqlite-connection.ts";

const counters = ["used_bytes", "reserved_bytes", "used_files", "open_uploads"] as const;

const each = (text: (column: string) => string): string => counters.map(text).join(", ");

/**
 * Organisations have rows of their own, by issuer and name, and people say which is theirs. People's files are counted.
 *
 * Triggers keep an organisation's counters the sums of its people's, in whichever statement and process those change: no command
 * knows of them, and nothing is run for people of none. The counters have no CHECK: one that was off must not keep anybody from
 * deleting a file, and `reconcile` sets it right.
 */
export const quotas = `
CREATE TABLE organisations (
  id TEXT PRIMARY KEY, issuer TEXT NOT NULL, name TEXT NOT NULL,
  used_bytes INTEGER NOT NULL DEFAULT 0, reserved_bytes INTEGER NOT NULL DEFAULT 0,
  used_files INTEGER NOT NULL DEFAULT 0, open_uploads INTEGER NOT NULL DEFAULT 0, UNIQUE (issuer, name)
) STRICT, WITHOUT ROWID;
ALTER TABLE principals ADD COLUMN organisation_id TEXT;
ALTER TABLE principals ADD COLUMN used_files INTEGER NOT NULL DEFAULT 0 CHECK (used_files >= 0);
UPDATE principals SET used_files = (SELECT count(*) FROM files f WHERE f.owner_id = principals.id);
CREATE INDEX principals_by_organisation ON principals (organisation_id) WHERE organisation_id IS NOT NULL;

CREATE TRIGGER organisation_counts AFTER UPDATE OF ${counters.join(", ")} ON principals
WHEN NEW.organisation_id IS NOT NULL AND NEW.organisation_id IS OLD.organisation_id BEGIN
  UPDATE organisations SET ${each((column) => `${column} = ${column} + NEW.${column} - OLD.${column}`)}
  WHERE id = NEW.organisation_id;
END;
CREATE TRIGGER organisation_changes AFTER UPDATE OF organisation_id ON principals
WHEN NEW.organisation_id IS NOT OLD.organisation_id BEGIN
  UPDATE organisations SET ${each((column) => `${column} = ${column} - OLD.${column}`)} WHERE id = OLD.organisation_id;
  UPDATE organisations SET ${each((column) => `${column} = ${column} + NEW.${column}`)} WHERE id = NEW.organisation_id;
END;
CREATE TRIGGER organisation_loses AFTER DELETE ON principals WHEN OLD.organisation_id IS NOT NULL BEGIN
  UPDATE organisations SET ${each((column) => `${column} = ${column} - OLD.${column}`)} WHERE id = OLD.organisation_id;
END;
`;

/** Those of the people who are there already; the trigger counts what they have. */
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
