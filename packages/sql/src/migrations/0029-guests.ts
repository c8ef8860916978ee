import { guestIssuer, guestLifeMs } from "@stowage/core";

/**
 * Guests say who invited them (`host_id`): by the index what all of theirs have is added up without their rows. Their rights end at the earliest so long
 * after they came, whatever was said then of the reveal. Invites that let in any number let in a hundred more. `ended_guests` are to be looked at by the
 * sweeper: those whose right is gone, or one of whose files was taken out of their album. `merged_guests`: whose account took over what a guest had, by the
 * guest's right. `album_leavers`: shots that were taken by who is in an album no more, for when they come again.
 */
export const guests = `
ALTER TABLE principals ADD COLUMN host_id TEXT;
UPDATE principals SET host_id = (SELECT a.owner_id FROM album_members m CROSS JOIN albums a ON a.id = m.album_id
  WHERE m.user_id = principals.id LIMIT 1) WHERE issuer = '${guestIssuer}';
CREATE INDEX principals_by_host ON principals (host_id, used_bytes, reserved_bytes, used_files, open_uploads) WHERE host_id IS NOT NULL;

UPDATE capabilities SET ends_at = created_at + ${guestLifeMs} WHERE album_id IS NOT NULL;
UPDATE album_invites SET max_uses = uses + 100 WHERE max_uses IS NULL;

CREATE TABLE ended_guests (guest_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE album_leavers (
  album_id TEXT NOT NULL, user_id TEXT NOT NULL, shots_used INTEGER NOT NULL, PRIMARY KEY (album_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO album_leavers (album_id, user_id, shots_used)
  SELECT album_id, owner_id, count(*) FROM uploads u WHERE album_id IS NOT NULL AND state IN ('pending', 'uploaded', 'verifying', 'ready')
    AND EXISTS (SELECT 1 FROM albums a WHERE a.id = u.album_id)
    AND NOT EXISTS (SELECT 1 FROM album_members m WHERE m.album_id = u.album_id AND m.user_id = u.owner_id) GROUP BY album_id, owner_id;

CREATE TABLE merged_guests (right_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, album_id TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO ended_guests (guest_id) SELECT id FROM principals WHERE issuer = '${guestIssuer}';
`;
