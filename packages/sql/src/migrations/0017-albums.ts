/**
 * Albums with their members (the owner is one), the files that are in them, and invites. `file_count` counts what is ready in them, or sealed by
 * them; written by `index-file.ts`. `is_unsealed`: nothing that is sealed by it is left.
 */
export const albums = `
CREATE TABLE albums (
  id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL, revision INTEGER NOT NULL,
  reveal_at INTEGER, revealed_at INTEGER, is_unsealed INTEGER NOT NULL, shots_per_member INTEGER,
  file_count INTEGER NOT NULL DEFAULT 0, member_count INTEGER NOT NULL DEFAULT 0, owner_count INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX albums_due ON albums (reveal_at, id) WHERE reveal_at IS NOT NULL AND revealed_at IS NULL;
CREATE INDEX albums_unsealing ON albums (revealed_at, id) WHERE revealed_at IS NOT NULL AND is_unsealed = 0;

CREATE TABLE album_members (
  album_id TEXT NOT NULL, user_id TEXT NOT NULL, role TEXT NOT NULL, joined_at INTEGER NOT NULL,
  shots_used INTEGER NOT NULL DEFAULT 0, name TEXT, PRIMARY KEY (album_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX album_members_by_user ON album_members (user_id, joined_at DESC, album_id DESC);

CREATE TABLE album_files (
  file_id TEXT NOT NULL, album_id TEXT NOT NULL, added_by TEXT NOT NULL, added_at INTEGER NOT NULL,
  PRIMARY KEY (file_id, album_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX album_files_by_album ON album_files (album_id, file_id);

-- The SHA-256 of the token in lower-case hex, never the token.
CREATE TABLE album_invites (
  token_hash TEXT PRIMARY KEY, id TEXT NOT NULL, album_id TEXT NOT NULL, role TEXT NOT NULL, created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, max_uses INTEGER, uses INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX album_invites_by_album ON album_invites (album_id, created_at DESC, id DESC);

-- Albums that are gone and whose files have yet to be taken out of them.
CREATE TABLE deleted_albums (album_id TEXT PRIMARY KEY, deleted_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

ALTER TABLE uploads ADD COLUMN album_id TEXT;
CREATE INDEX uploads_by_album ON uploads (album_id, owner_id, state) WHERE album_id IS NOT NULL;
CREATE INDEX files_sealed_by_album ON files (sealed_by, id) WHERE state = 'sealed';
`;
