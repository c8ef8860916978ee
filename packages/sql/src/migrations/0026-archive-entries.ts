const doubt = (where: string): string => `UPDATE archives SET doubts = doubts + 1 WHERE ${where};`;
const withFile = (fileId: string): string =>
  `id IN (SELECT e.archive_id FROM archive_entries e WHERE e.file_id = ${fileId})`;

/**
 * Which files are in an archive, or are to be. `doubts`: how often something has become of one of them, or of its owner's rights, since it was decided that
 * it may be had.
 *
 * Triggers count that, in whichever command it happens: no command knows of archives, and none can forget them. Of a file in no archive it is one
 * look-up that finds nothing. Archives that were made before are decided again each hour, and gone within a day.
 */
export const archiveEntries = `
ALTER TABLE archives ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0;
CREATE INDEX archives_doubted ON archives (id) WHERE state = 'ready' AND doubts > 0;
DROP INDEX archives_live;
CREATE TABLE archive_entries (
  archive_id TEXT NOT NULL, file_id TEXT NOT NULL, PRIMARY KEY (archive_id, file_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX archive_entries_by_file ON archive_entries (file_id, archive_id);

CREATE TRIGGER archives_doubted_by_purge AFTER DELETE ON files BEGIN ${doubt(withFile("OLD.id"))} END;
CREATE TRIGGER archives_doubted_by_change AFTER UPDATE OF revision ON files BEGIN ${doubt(withFile("OLD.id"))} END;
CREATE TRIGGER archives_doubted_by_version AFTER DELETE ON versions BEGIN ${doubt(withFile("OLD.file_id"))} END;
CREATE TRIGGER archives_doubted_by_grant AFTER DELETE ON file_grants BEGIN
  ${doubt(`${withFile("OLD.file_id")} AND owner_id = OLD.user_id`)} END;
CREATE TRIGGER archives_doubted_by_shorter_grant AFTER UPDATE OF ends_at ON file_grants BEGIN
  ${doubt(`${withFile("OLD.file_id")} AND owner_id = OLD.user_id`)} END;
CREATE TRIGGER archives_doubted_by_album AFTER DELETE ON album_files BEGIN ${doubt(withFile("OLD.file_id"))} END;
CREATE TRIGGER archives_doubted_by_leaving AFTER DELETE ON album_members BEGIN
  ${doubt("owner_id = OLD.user_id")} END;
CREATE TRIGGER archives_doubted_by_organisation AFTER UPDATE OF organisation_id ON principals
WHEN OLD.organisation_id IS NOT NULL AND NEW.organisation_id IS NOT OLD.organisation_id BEGIN
  ${doubt("owner_id = OLD.id")} END;
`;
