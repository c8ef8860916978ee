/**
 * Who beside its owner sees a file: `audience` is whom its owner shows it to (`p` or `o:` and an organisation's id), `grants` and `albums` count
 * its rows in the tables beside, `audiences` holds, as JSON, what `file_audiences` has of it. Written by `index-file.ts`.
 */
export const sharing = `
ALTER TABLE files ADD COLUMN audience TEXT;
ALTER TABLE files ADD COLUMN shares_original INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN sealed_by TEXT;
ALTER TABLE files ADD COLUMN grants INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN albums INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN audiences TEXT NOT NULL DEFAULT '[]';

CREATE TABLE file_audiences (
  audience TEXT NOT NULL, created_at INTEGER NOT NULL, file_id TEXT NOT NULL,
  PRIMARY KEY (audience, created_at DESC, file_id DESC)
) STRICT, WITHOUT ROWID;

-- kind: share or break-glass.
CREATE TABLE file_grants (
  file_id TEXT NOT NULL, user_id TEXT NOT NULL, kind TEXT NOT NULL, granted_by TEXT NOT NULL,
  granted_at INTEGER NOT NULL, ends_at INTEGER, reason TEXT, PRIMARY KEY (file_id, user_id, kind)
) STRICT, WITHOUT ROWID;
`;
