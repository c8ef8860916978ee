import assert from "node:assert/strict";
import { test } from "node:test";
import { guestLifeMs } from "@stowage/core";
import { createSqliteMetadataStore } from "../create-sqlite-metadata-store.ts";
import { createOf, makeTestFolder, newItem } from "../database.testing.ts";
import { openSqlite } from "../sqlite-connection.ts";
import { guests } from "./0029-guests.ts";

/** What a database of before had instead. */
const undo = `
DROP INDEX principals_by_host;
ALTER TABLE principals DROP COLUMN host_id;
DROP TABLE ended_guests;
DROP TABLE merged_guests;
DROP TABLE album_leavers;
UPDATE album_invites SET max_uses = NULL;
UPDATE capabilities SET ends_at = 9000000000000;
`;

test("guests of before have a host and a right of a month, are looked at, and who left keeps the shots that they took", async () => {
  const folder = makeTestFolder();
  const store = await createSqliteMetadataStore({ file: folder.file });
  const { id: ownerId } = await store.ensurePrincipal({ issuer: "i", subject: "ann", newId: "ann" });
  await store.createAlbum({ id: "album", ownerId, name: "Wedding", shotsPerMember: 9 });
  const invite = { id: "i", albumId: "album", role: "contributor", createdBy: ownerId } as const;
  await store.createAlbumInvite({ ...invite, expiresAtMs: Number.MAX_SAFE_INTEGER, tokenHash: "t" });
  for (const newId of ["stays", "left"]) {
    const as = { kind: "guest", newId, name: "G", right: { id: `of ${newId}`, scopes: [] } } as const;
    assert.equal((await store.acceptAlbumInvite({ tokenHash: "t", as })).outcome, "joined");
    await store.createUploads(createOf(newId, [newItem({ albumId: "album" })]));
  }
  const actor = { principalId: ownerId };
  await store.removeAlbumMember({ albumId: "album", userId: "left", actor });
  await store.close();

  const database = openSqlite(folder.file);
  database.exec(undo);
  database.exec(guests);
  const host = database.get<{ host_id: string }>("SELECT host_id FROM principals WHERE id = 'stays'");
  assert.equal(host?.host_id, ownerId);
  database.close();

  const after = await createSqliteMetadataStore({ file: folder.file });
  const endsAtMs = (await after.findCapability("of stays"))?.capability.endsAtMs ?? 0;
  assert.ok(endsAtMs <= Date.now() + guestLifeMs && endsAtMs > Date.now());
  assert.equal((await after.listAlbumInvites("album"))[0]?.maxUses, 102);
  assert.deepEqual(await after.listEndedGuests({ limit: 10 }), [
    { guestId: "left", hasRight: false },
    { guestId: "stays", hasRight: true },
  ]);
  const again = await after.setAlbumMember({ albumId: "album", userId: "left", role: "contributor", actor });
  assert.equal(again.outcome === "done" && again.member.shotsUsed, 1);
  await after.close();
  folder.remove();
});
