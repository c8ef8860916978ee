/**
 * Who leaves an organisation takes with them what they showed to it: that is cast doubt on too, in whosever archive it is. Archives that were made before are
 * decided once more. Of accounts that were deleted before nothing says any more to which address a file was offered.
 */
export const shownToOrganisations = `
DROP TRIGGER archives_doubted_by_organisation;
CREATE TRIGGER archives_doubted_by_organisation AFTER UPDATE OF organisation_id ON principals
WHEN OLD.organisation_id IS NOT NULL AND NEW.organisation_id IS NOT OLD.organisation_id BEGIN
  UPDATE archives SET doubts = doubts + 1 WHERE owner_id = OLD.id;
  UPDATE archives SET doubts = doubts + 1 WHERE owner_id <> OLD.id AND id IN (SELECT e.archive_id FROM files f
    CROSS JOIN archive_entries e ON e.file_id = f.id WHERE f.owner_id = OLD.id AND f.audience >= 'o:' AND f.audience < 'o;');
END;
UPDATE archives SET doubts = doubts + 1;
UPDATE file_grants SET invited_as = NULL WHERE invited_as IS NOT NULL AND user_id IN (SELECT id FROM principals WHERE deleted_at IS NOT NULL);
`;
