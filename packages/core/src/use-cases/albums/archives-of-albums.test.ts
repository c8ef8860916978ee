import assert from "node:assert/strict";
import { test } from "node:test";
import { readMemoryArchive } from "../../testing/memory-archive-writer.ts";
import { askArchive } from "../ask-archive.ts";
import { completeUpload } from "../complete-upload.ts";
import { deleteAccount } from "../delete-account.ts";
import { eraseAccounts } from "../erase-accounts.ts";
import { getArchive } from "../get-archive.ts";
import { makeArchive } from "../make-archive.ts";
import { createOneMachine, leaseMs, type OneMachine } from "../one-machine.testing.ts";
import { processUpload } from "../process-upload.ts";
import { setAlbumMember } from "./change-members.ts";
import { createAlbum } from "./create-album.ts";
import { revealAlbum } from "./reveal-album.ts";

interface Person {
  readonly id: string;
}

async function send(machine: OneMachine, person: Person, albumId: string, text: string): Promise<string> {
  const bytes = Buffer.from(text);
  const { id, fileId, request } = await machine.announce(person, bytes, undefined, {
    name: `${text}.jpg`,
    albumId,
  });
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, person, id);
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
  return fileId;
}

async function albumOf(
  machine: OneMachine,
  owner: Person,
  member: Person,
  isSealed: boolean,
): Promise<string> {
  const { album } = await createAlbum(machine.services, owner, {
    name: "Summer",
    ...(isSealed ? { revealAtMs: machine.services.clock.nowMs() + 3600_000 } : {}),
  });
  await setAlbumMember(machine.services, owner, album.id, member.id, "contributor");
  return album.id;
}

/** Names of what somebody's archive of an album has in it, or why there is none. */
async function packed(machine: OneMachine, person: Person, albumId: string): Promise<string[] | string> {
  const { id } = await askArchive(machine.services, person, { kind: "album", albumId });
  await makeArchive(
    machine.packer,
    (await machine.packer.metadata.claimArchive({ leaseMs })) ?? assert.fail(),
  );
  const { archive, requests } = await getArchive(machine.services, person, id);
  const [request] = requests;
  if (!request) return archive.failure?.code ?? archive.state;
  const { bytes } = await machine.objects.fetchBytes(request);
  return [...readMemoryArchive(bytes).keys()].filter((name) => name !== "manifest.json").sort();
}

test("packs an album for its members, nothing of it before its reveal, and nothing ever for others", async () => {
  const machine = createOneMachine();
  const [ann, bob, eve] = [
    await machine.person("ann"),
    await machine.person("bob"),
    await machine.person("eve"),
  ];
  const albumId = await albumOf(machine, ann, bob, true);
  const anns = await send(machine, ann, albumId, "ann's");
  await send(machine, bob, albumId, "bob's");
  for (const person of [ann, bob, eve]) assert.equal(await packed(machine, person, albumId), "archive-empty");
  const own = await askArchive(machine.services, ann, { kind: "files", fileIds: [anns] });
  await makeArchive(
    machine.packer,
    (await machine.packer.metadata.claimArchive({ leaseMs })) ?? assert.fail(),
  );
  const seen = await getArchive(machine.services, ann, own.id);
  assert.equal(seen.archive.failure?.code, "archive-empty", "one's own as little");
  await revealAlbum(machine.services, ann, albumId);
  for (const person of [ann, bob])
    assert.deepEqual(await packed(machine, person, albumId), ["ann's.jpg", "bob's.jpg"]);
  assert.equal(await packed(machine, eve, albumId), "archive-empty");
  assert.equal(await packed(machine, eve, "no-such-album"), "archive-empty");
});

test("who deletes their account leaves their albums to another owner, or has them deleted, a sealed one once it is revealed", async () => {
  const machine = createOneMachine();
  const { metadata } = machine.services;
  const [ann, bob] = [await machine.person("ann"), await machine.person("bob")];
  const [alone, shared, sealed] = [
    await albumOf(machine, ann, bob, false),
    await albumOf(machine, ann, bob, false),
    await albumOf(machine, ann, bob, true),
  ];
  await setAlbumMember(machine.services, ann, shared, bob.id, "owner");
  const [kept, hidden] = [
    await send(machine, bob, alone, "kept"),
    await send(machine, bob, sealed, "hidden"),
  ];
  await deleteAccount(machine.services, ann);
  machine.advance(600_000);
  const albums = async () =>
    (await metadata.findAlbums({ principalId: bob.id, albumIds: [alone, shared, sealed] }))
      .map(({ album }) => album.id)
      .sort();
  assert.equal(await eraseAccounts(machine.services), 0, "the sealed one has a photo of somebody's");
  assert.deepEqual(await albums(), [shared, sealed].sort());
  await metadata.revealAlbum({ albumId: sealed, actor: "system" });
  await metadata.unsealFiles({ albumId: sealed, limit: 10 });
  assert.equal(await eraseAccounts(machine.services), 1);
  assert.deepEqual(await albums(), [shared]);
  for (const id of [kept, hidden]) assert.equal((await metadata.findFile(id))?.state, "ready");
});
