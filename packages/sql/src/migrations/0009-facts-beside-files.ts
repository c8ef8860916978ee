/**
 * A file's row has what is known of its current version beside it, as that version's own row has: a page of a list reads
 * its files' rows and nothing else. Written by `index-file.ts`. In place: no index has these columns, and a table made
 * anew would need all of its indexes made anew, at twice the time.
 */
export const factsBesideFiles = `
ALTER TABLE files ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE files ADD COLUMN size_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE files ADD COLUMN content_type TEXT NOT NULL DEFAULT '';
ALTER TABLE files ADD COLUMN width INTEGER;
ALTER TABLE files ADD COLUMN height INTEGER;
ALTER TABLE files ADD COLUMN taken_at INTEGER;
ALTER TABLE files ADD COLUMN thumbhash TEXT;
ALTER TABLE files ADD COLUMN page_count INTEGER;
ALTER TABLE files ADD COLUMN password_protected INTEGER;
ALTER TABLE files ADD COLUMN derivatives TEXT NOT NULL DEFAULT '[]';
UPDATE files SET (key, size_bytes, sha256, content_type, width, height, taken_at, thumbhash, page_count,
    password_protected, derivatives) = (
  SELECT v.key, v.size_bytes, v.sha256, v.content_type, v.width, v.height, v.taken_at, v.thumbhash, v.page_count,
    v.password_protected, v.derivatives
  FROM versions v WHERE v.file_id = files.id AND v.version = files.version)
WHERE EXISTS (SELECT 1 FROM versions v WHERE v.file_id = files.id AND v.version = files.version);
`;
