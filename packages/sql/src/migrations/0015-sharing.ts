/**
 * Who beside its owner sees a file: `audience` is whom its owner shows it to (`p` or `o:` and an organisation's id), `grants`, `glass_breaks`, `invites` and `albums`
 * count its rows in the tables beside, `audiences` holds, as JSON, what `file_audiences` has of it. Written by `index-file.ts`.
 */
export const sharing = `
ALTER TABLE files ADD COLUMN audience TEXT;
ALTER TABLE files ADD COLUMN shares_original INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN sealed_by TEXT;
ALTER TABLE files ADD COLUMN grants INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN glass_breaks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN invites INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN albums INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN audiences TEXT NOT NULL DEFAULT '[]';
ALTER TABLE uploads ADD COLUMN audience TEXT;
ALTER TABLE principals ADD COLUMN email_verified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE principals ADD COLUMN listed TEXT;

-- What people find others of their organisation by. Written by list-person.ts.
CREATE TABLE person_terms (
  organisation_id TEXT NOT NULL, term TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (organisation_id, term, user_id)
) STRICT, WITHOUT ROWID;

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

-- For whoever has that e-mail address, verified.
CREATE TABLE file_invites (
  id TEXT PRIMARY KEY, file_id TEXT NOT NULL, email_key TEXT NOT NULL, email TEXT NOT NULL, created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL, grant_ends_at INTEGER, UNIQUE (file_id, email_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_invites_by_file ON file_invites (file_id, id);
CREATE INDEX file_invites_by_email ON file_invites (email_key, id);
CREATE INDEX file_invites_by_end ON file_invites (expires_at);
CREATE INDEX glass_breaks_by_end ON glass_breaks (ends_at);
`;
