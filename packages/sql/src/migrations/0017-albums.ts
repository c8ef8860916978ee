/** Albums with their members (the owner is one), and the files that are in them. */
export const albums = `
CREATE TABLE albums (
  id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL, revision INTEGER NOT NULL,
  reveal_at INTEGER, revealed_at INTEGER, shots_per_member INTEGER, file_count INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE album_members (
  album_id TEXT NOT NULL, user_id TEXT NOT NULL, role TEXT NOT NULL, joined_at INTEGER NOT NULL,
  shots_used INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (album_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX album_members_by_user ON album_members (user_id, joined_at DESC, album_id DESC);

CREATE TABLE album_files (
  file_id TEXT NOT NULL, album_id TEXT NOT NULL, added_by TEXT NOT NULL, added_at INTEGER NOT NULL,
  PRIMARY KEY (file_id, album_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX album_files_by_album ON album_files (album_id, file_id);
`;
