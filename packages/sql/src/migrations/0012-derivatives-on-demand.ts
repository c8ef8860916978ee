/**
 * Derivatives that are made after their version was ready. A row is there while one waits (`lease_until`: when it may be
 * claimed; `key`: what the newest attempt writes), for each page that was made (`record`, `made_key`), and for what failed. A
 * derivative of no page that was made is in its version's row, and has none here.
 */
export const derivativesOnDemand = `
CREATE TABLE derivative_makes (
  file_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  page INTEGER NOT NULL,
  owner_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'made', 'failed')),
  made_as TEXT NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  failed_attempts INTEGER NOT NULL DEFAULT 0,
  lease_until INTEGER NOT NULL,
  claim_held INTEGER NOT NULL DEFAULT 0,
  key TEXT,
  made_key TEXT,
  record TEXT,
  detail TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (file_id, version, name, page)
) WITHOUT ROWID;
CREATE INDEX derivative_makes_queue ON derivative_makes (lease_until, file_id, version, name, page)
  WHERE state = 'waiting';
CREATE INDEX derivative_makes_waiting ON derivative_makes (owner_id) WHERE state = 'waiting';
CREATE INDEX derivative_makes_by_key ON derivative_makes (key) WHERE key IS NOT NULL;
CREATE INDEX derivative_makes_by_made_key ON derivative_makes (made_key) WHERE made_key IS NOT NULL;
`;
