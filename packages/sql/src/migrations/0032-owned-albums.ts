import { guestIssuer } from "@stowage/core";

const isPerson = (id: string): string =>
  `EXISTS (SELECT 1 FROM principals p WHERE p.id = ${id} AND p.issuer <> '${guestIssuer}' AND p.deleted_at IS NULL)`;

/**
 * Owners are looked up among an album's members, and count where they are people that there are: no guest is one any more, and an album that has none goes back
 * to who made it. `album_leavers.is_put_out`: by somebody else; of whom that is not known it counts as so. Who took over what a guest sent is forgotten
 * with the album and with the account.
 */
export const ownedAlbums = `
CREATE INDEX album_owners ON album_members (album_id, user_id) WHERE role = 'owner';
ALTER TABLE albums DROP COLUMN owner_count;
UPDATE album_members SET role = 'contributor' WHERE role = 'owner'
  AND user_id IN (SELECT id FROM principals WHERE issuer = '${guestIssuer}');
INSERT INTO album_members (album_id, user_id, role, joined_at, shots_used)
  SELECT id, owner_id, 'owner', created_at,
    coalesce((SELECT shots_used FROM album_leavers l WHERE l.album_id = a.id AND l.user_id = a.owner_id), 0)
  FROM albums a WHERE ${isPerson("a.owner_id")}
    AND NOT EXISTS (SELECT 1 FROM album_members o WHERE o.album_id = a.id AND o.role = 'owner' AND ${isPerson("o.user_id")})
  ON CONFLICT (album_id, user_id) DO UPDATE SET role = 'owner';
UPDATE albums SET member_count = (SELECT count(*) FROM album_members m WHERE m.album_id = albums.id);

ALTER TABLE album_leavers ADD COLUMN is_put_out INTEGER NOT NULL DEFAULT 1;

DELETE FROM merged_guests WHERE NOT EXISTS (SELECT 1 FROM albums a WHERE a.id = merged_guests.album_id)
  OR NOT ${isPerson("merged_guests.user_id")};
CREATE INDEX merged_guests_by_album ON merged_guests (album_id);
CREATE INDEX merged_guests_by_user ON merged_guests (user_id);
`;
