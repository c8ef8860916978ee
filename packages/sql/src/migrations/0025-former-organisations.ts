/**
 * `organisation_left_at`: since when somebody is of another organisation than before, or of none, as long as files that they showed to the one
 * before may be left.
 */
export const formerOrganisations = `
ALTER TABLE principals ADD COLUMN organisation_left_at INTEGER;
CREATE INDEX principals_left_organisation ON principals (organisation_left_at) WHERE organisation_left_at IS NOT NULL;
CREATE INDEX files_shown_to_organisations ON files (owner_id, audience) WHERE audience >= 'o:' AND audience < 'o;';
UPDATE principals SET organisation_left_at = unixepoch() * 1000 WHERE id IN (
  SELECT f.owner_id FROM files f WHERE f.audience >= 'o:' AND f.audience < 'o;'
    AND f.audience IS NOT (SELECT 'o:' || p.organisation_id FROM principals p WHERE p.id = f.owner_id));
`;
