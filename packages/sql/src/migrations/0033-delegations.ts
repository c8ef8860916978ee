/**
 * Rights that people gave to programs: which (`scopes`, a JSON list), what bounds them, and how much was sent by them. `organisation_id`: of the person
 * when they minted it. Of its token nothing is kept: the server that signs it names the row's id in it.
 */
export const delegations = `
CREATE TABLE delegations (
  id TEXT PRIMARY KEY, person_id TEXT NOT NULL, organisation_id TEXT, scopes TEXT NOT NULL, profile TEXT, album_id TEXT, metadata TEXT,
  max_files INTEGER, max_bytes INTEGER, sent_files INTEGER NOT NULL DEFAULT 0, sent_bytes INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX delegations_by_person ON delegations (person_id, created_at DESC, id DESC);
CREATE INDEX delegations_by_person_and_end ON delegations (person_id, ends_at);
CREATE INDEX delegations_ending ON delegations (ends_at);
`;
