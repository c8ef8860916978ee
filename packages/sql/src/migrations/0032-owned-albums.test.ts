import assert from "node:assert/strict";
import { test } from "node:test";
import { createSqliteMetadataStore } from "../create-sqlite-metadata-store.ts";
import { makeTestFolder } from "../database.testing.ts";
import { openSqlite } from "../sqlite-connection.ts";
import { ownedAlbums } from "./0032-owned-albums.ts";

/** What a database of before had instead: a guest and nobody own what Ann made and left, and Ben's merge outlived its album. */
const undo = `
DROP INDEX album_owners;
ALTER TABLE albums ADD COLUMN owner_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE album_leavers DROP COLUMN is_put_out;
DROP INDEX merged_guests_by_album;
DROP INDEX merged_guests_by_user;
DELETE FROM album_members WHERE album_id IN ('left to a guest', 'left to nobody') AND user_id = 'ann';
UPDATE album_members SET role = 'owner' WHERE user_id IN ('cy', 'nobody');
INSERT INTO album_leavers (album_id, user_id, shots_used) VALUES ('left to a guest', 'ann', 3), ('hers', 'dan', 0);
INSERT INTO merged_guests (right_id, user_id, album_id) VALUES ('kept', 'ben', 'hers'), ('gone', 'ben', 'no more'), ('deleted', 'nobody', 'hers');
`;

test("an album that was left to a guest or to nobody goes back to who made it, and no other changes its owners", async () => {
  const folder = makeTestFolder();
  const store = await createSqliteMetadataStore({ file: folder.file });
  for (const newId of ["ann", "ben"]) await store.ensurePrincipal({ issuer: "i", subject: newId, newId });
  const actor = { principalId: "ann" };
  for (const id of ["left to a guest", "left to nobody", "hers"])
    await store.createAlbum({ id, ownerId: "ann", name: "Wedding" });
  const invite = { id: "i", albumId: "left to a guest", role: "viewer", createdBy: "ann" } as const;
  await store.createAlbumInvite({ ...invite, expiresAtMs: Number.MAX_SAFE_INTEGER, tokenHash: "t" });
  const as = { kind: "guest", newId: "cy", name: "Cy", right: { id: "right", scopes: [] } } as const;
  assert.equal((await store.acceptAlbumInvite({ tokenHash: "t", as })).outcome, "joined");
  for (const [albumId, userId] of [
    ["left to nobody", "nobody"],
    ["left to nobody", "ben"],
    ["hers", "ben"],
  ] as const)
    await store.setAlbumMember({ albumId, userId, role: "viewer", actor });
  await store.close();

  const database = openSqlite(folder.file);
  database.exec(undo);
  database.exec(ownedAlbums);
  const rights = database.all<{ right_id: string }>("SELECT right_id FROM merged_guests");
  assert.deepEqual(
    rights.map(({ right_id }) => right_id),
    ["kept"],
  );
  const left = database.all<{ is_put_out: number }>("SELECT is_put_out FROM album_leavers");
  assert.deepEqual(new Set(left.map(({ is_put_out }) => is_put_out)), new Set([1]));
  const counts = database.all<{ id: string; member_count: number }>("SELECT id, member_count FROM albums");
  assert.deepEqual(
    new Map(counts.map(({ id, member_count }) => [id, member_count])),
    new Map([
      ["left to a guest", 2],
      ["left to nobody", 3],
      ["hers", 2],
    ]),
  );
  database.close();

  const after = await createSqliteMetadataStore({ file: folder.file });
  const membersOf = async (albumId: string) =>
    (await after.listAlbumMembers({ albumId, limit: 10 })).map(({ userId, role, shotsUsed }) =>
      [userId, role, shotsUsed].join(" "),
    );
  assert.deepEqual(await membersOf("left to a guest"), ["ann owner 3", "cy contributor 0"]);
  assert.deepEqual(await membersOf("left to nobody"), ["ann owner 0", "ben viewer 0", "nobody owner 0"]);
  assert.deepEqual(await membersOf("hers"), ["ann owner 0", "ben viewer 0"]);
  await after.close();
  folder.remove();
});
