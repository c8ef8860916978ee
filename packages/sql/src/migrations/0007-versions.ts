/**
 * Files with several versions. `latest_version` is the highest number that was ever given: none is given twice.
 * A version keeps the name that it was sent with, and is dated by when it was ready. `uploads.file_id` of what has become
 * a version of another file is that file's.
 */
export const versions = `
ALTER TABLE uploads ADD COLUMN replaces_file_id TEXT;
ALTER TABLE uploads ADD COLUMN replaces_version INTEGER;
ALTER TABLE files ADD COLUMN latest_version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE files ADD COLUMN conflicts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE versions ADD COLUMN is_conflict INTEGER NOT NULL DEFAULT 0;
ALTER TABLE versions ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE versions ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
UPDATE versions SET (name, created_at) = (
  SELECT coalesce(u.name, f.name), coalesce(u.ended_at, f.created_at)
  FROM files f LEFT JOIN uploads u ON u.id = versions.upload_id WHERE f.id = versions.file_id);
`;
