/**
 * An event about what an album has sealed, by `sealed_by`, is in no list before that album's reveal: also where the file or the upload is gone since. Albums
 * that were deleted before their reveal are remembered, so that it never comes.
 */
export const sealedAuditEvents = `
ALTER TABLE audit_events ADD COLUMN sealed_by TEXT;
CREATE TABLE unrevealed_albums (album_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
UPDATE audit_events SET sealed_by = (SELECT f.sealed_by FROM files f WHERE f.id = target_id)
WHERE target_id IN (SELECT id FROM files WHERE state = 'sealed');
UPDATE audit_events SET sealed_by = (SELECT u.album_id FROM uploads u WHERE u.id = target_id)
WHERE target_id IN (SELECT u.id FROM uploads u CROSS JOIN albums a ON a.id = u.album_id
  WHERE u.album_id IS NOT NULL AND a.reveal_at IS NOT NULL AND a.revealed_at IS NULL);
`;
