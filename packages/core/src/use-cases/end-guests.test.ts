import assert from "node:assert/strict";
import { test } from "node:test";
import { uploadLifetimeMsOf } from "../limits.ts";
import type { Principal } from "../policy/principal.ts";
import { acceptAlbumInvite } from "./albums/accept-invite.ts";
import { removeAlbumMember } from "./albums/change-members.ts";
import { createAlbum } from "./albums/create-album.ts";
import { deleteAlbum } from "./albums/delete-album.ts";
import { createAlbumInvite } from "./albums/invite-to-album.ts";
import { completeUpload } from "./complete-upload.ts";
import { endGuests } from "./end-guests.ts";
import { getUpload } from "./get-upload.ts";
import { createOneMachine, type OneMachine } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { remintUpload } from "./remint-upload.ts";
import { sweep } from "./sweep.ts";

/** Ann's album, and a guest who sent a photo to it. */
async function guestsPhoto() {
  const machine = createOneMachine();
  const { services } = machine;
  const ann = await machine.person("ann");
  const { album } = await createAlbum(services, ann, { name: "Wedding" });
  const { token = "" } = await createAlbumInvite(services, ann, album.id, { role: "contributor" });
  const tokenHash = services.tokens.digestOf(token);
  const { guest } = await acceptAlbumInvite(services, undefined, { tokenHash, name: "Cy" });
  assert.ok(guest);
  const { id, right } = guest;
  const cy: Principal = { id, capability: { kind: "guest", albumId: album.id, ...right } };
  const bytes = Buffer.from("a photo");
  const { id: uploadId, request } = await machine.announce(cy, bytes, undefined, { albumId: album.id });
  assert.equal(await machine.objects.receive(request, bytes), 200);
  await completeUpload(services, cy, uploadId);
  const upload = await machine.claim();
  assert.equal((await processUpload(machine.worker, upload)).outcome, "ready");
  return { machine, ann, cy, albumId: album.id, fileId: upload.fileId };
}

const fileIsThere = async ({ services }: OneMachine, fileId: string): Promise<boolean> =>
  (await services.metadata.findFile(fileId)) !== undefined;

test("what a guest sent stays in the album once they are put out, and goes with it, bytes and the guest's row too", async () => {
  const { machine, ann, cy, albumId, fileId } = await guestsPhoto();
  const { services, objects } = machine;
  const key = (await services.metadata.findFile(fileId))?.current.key ?? "";
  await removeAlbumMember(services, ann, albumId, cy.id);
  assert.equal(await endGuests(services), 0);
  assert.ok(await fileIsThere(machine, fileId), "the album has it");
  await deleteAlbum(services, ann, albumId, "any");
  assert.equal(await endGuests(services), 1);
  assert.equal(await fileIsThere(machine, fileId), false);
  assert.equal(await services.metadata.findPrincipal(cy.id), undefined);
  assert.ok(await objects.get(key));
  await sweep(services);
  assert.equal(await objects.get(key), undefined);
});

test("nothing of a guest is touched who still has their right, and open uploads of who has none are aborted", async () => {
  const { machine, ann, cy, albumId, fileId } = await guestsPhoto();
  const { services } = machine;
  const { id } = await machine.announce(cy, Buffer.from("another"), undefined, { albumId });
  const state = async () => (await services.metadata.findUpload(id))?.state;
  await endGuests(services);
  assert.equal(await state(), "pending");
  await removeAlbumMember(services, ann, albumId, cy.id);
  await endGuests(services);
  assert.equal(await state(), "aborted");
  assert.ok(await fileIsThere(machine, fileId));
});

test("what a guest announces and does not send is given up after three hours, however long people's uploads live", async () => {
  const { machine, ann, cy, albumId } = await guestsPhoto();
  const { services } = machine;
  const bytes = Buffer.from("never sent");
  const lifeMs = async (who: Principal) => {
    const { id } = await machine.announce(who, bytes, undefined, { albumId });
    const first = await getUpload(services, who, id);
    machine.advance(1000);
    const { upload } = await remintUpload(services, who, id);
    assert.equal(upload.expiresAtMs - first.upload.expiresAtMs, 1000, "from its last mint on");
    return upload.expiresAtMs - services.clock.nowMs();
  };
  assert.equal(await lifeMs(cy), 3 * 3600 * 1000);
  assert.equal(await lifeMs(ann), services.limits.uploadLifetimeSeconds * 1000);
  const short = { ...services.limits, uploadLifetimeSeconds: 60 };
  assert.equal(uploadLifetimeMsOf(short, cy), 60_000);
});
