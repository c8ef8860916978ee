/**
 * What the lists of files go by, filled by `index-file.ts`: `type` is empty where there is no list for it, `shown_at` is
 * when a picture was taken or else when it came; `terms` and `pairs` hold, as JSON, what the tables beside have of a file.
 */
export const fileLists = `
ALTER TABLE files ADD COLUMN type TEXT NOT NULL DEFAULT '';
ALTER TABLE files ADD COLUMN shown_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE files ADD COLUMN terms TEXT NOT NULL DEFAULT '[]';
ALTER TABLE files ADD COLUMN pairs TEXT NOT NULL DEFAULT '[]';

CREATE TABLE file_terms (
  owner_id TEXT NOT NULL, term TEXT NOT NULL, file_id TEXT NOT NULL, PRIMARY KEY (owner_id, term, file_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE file_pairs (
  owner_id TEXT NOT NULL, pair TEXT NOT NULL, created_at INTEGER NOT NULL, file_id TEXT NOT NULL,
  PRIMARY KEY (owner_id, pair, created_at DESC, file_id DESC)
) STRICT, WITHOUT ROWID;
`;

/** Made once every row has what it orders by: a million rows are sorted in a second, and inserted one by one in many. */
export const fileListIndexes = `
CREATE INDEX files_by_shown ON files (owner_id, shown_at DESC, id DESC) WHERE state = 'ready';
CREATE INDEX files_by_type_and_created ON files (owner_id, type, created_at DESC, id DESC) WHERE state = 'ready';
CREATE INDEX files_by_type_and_shown ON files (owner_id, type, shown_at DESC, id DESC) WHERE state = 'ready';
CREATE INDEX files_by_name ON files (owner_id, name_key, id) WHERE state = 'ready';
CREATE INDEX files_by_trashed ON files (owner_id, trashed_at DESC, id DESC) WHERE state = 'trashed';
`;
