/**
 * Who beside its owner sees a file: `audience` is whom its owner shows it to (`p` or `o:` and an organisation's id), `grants`, `glass_breaks` and `albums`
 * count its rows in the tables beside, `audiences` holds, as JSON, what `file_audiences` has of it. Written by `index-file.ts`.
 */
export const sharing = `
ALTER TABLE files ADD COLUMN audience TEXT;
ALTER TABLE files ADD COLUMN shares_original INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN sealed_by TEXT;
ALTER TABLE files ADD COLUMN grants INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN glass_breaks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN albums INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN audiences TEXT NOT NULL DEFAULT '[]';
ALTER TABLE uploads ADD COLUMN audience TEXT;

CREATE TABLE file_audiences (
  audience TEXT NOT NULL, created_at INTEGER NOT NULL, file_id TEXT NOT NULL,
  PRIMARY KEY (audience, created_at DESC, file_id DESC)
) STRICT, WITHOUT ROWID;

CREATE TABLE file_grants (
  file_id TEXT NOT NULL, user_id TEXT NOT NULL, granted_at INTEGER NOT NULL, ends_at INTEGER,
  PRIMARY KEY (file_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_grants_by_end ON file_grants (ends_at) WHERE ends_at IS NOT NULL;

CREATE TABLE glass_breaks (
  file_id TEXT NOT NULL, user_id TEXT NOT NULL, broken_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (file_id, user_id, broken_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX glass_breaks_by_end ON glass_breaks (ends_at);
`;
