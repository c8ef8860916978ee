import assert from "node:assert/strict";
import { enterAsGuest } from "./enter-as-guest.contract.ts";
import { type MetadataStoreCase, minuteMs, type Scene } from "./metadata-store-case.contract.ts";

async function newAlbum(scene: Scene) {
  const { store } = scene;
  const { id: ownerId } = await scene.newOwner();
  const albumId = scene.newId();
  const actor = { principalId: ownerId };
  await store.createAlbum({ id: albumId, ownerId, name: "Wedding" });
  return {
    albumId,
    ownerId,
    actor,
    set: (userId: string, role: "viewer" | "contributor" | "owner") =>
      store.setAlbumMember({ albumId, userId, role, actor }),
    remove: (userId: string) => store.removeAlbumMember({ albumId, userId, actor }),
  };
}

/** Whoever else has the role of an owner, and may never do anything by it. */
const nobodies: Readonly<Record<string, (scene: Scene) => Promise<string>>> = {
  "nobody that there is": async () => "no-such-person",
  async "whose account was deleted"(scene) {
    const { id } = await scene.newOwner();
    await scene.store.deleteAccount({ principalId: id });
    return id;
  },
};

export const albumLastOwnerCases: readonly MetadataStoreCase[] = [
  ...Object.entries(nobodies).map(([who, make]) => ({
    name: `leaves an album an owner that there is, whoever else is one: ${who}`,
    async run(scene: Scene) {
      const album = await newAlbum(scene);
      const userId = await make(scene);
      assert.equal((await album.set(userId, "owner")).outcome, "done", "which tells of nobody");
      await scene.unchanged(async () => {
        assert.equal(await album.remove(album.ownerId), "last-owner");
        for (const role of ["viewer", "contributor"] as const)
          assert.deepEqual(await album.set(album.ownerId, role), { outcome: "last-owner" });
      });
      assert.equal((await album.set(userId, "viewer")).outcome, "done");
      assert.equal((await album.set(userId, "owner")).outcome, "done");
      assert.equal(await album.remove(userId), "done");
      const second = await scene.newOwner();
      assert.equal((await album.set(second.id, "owner")).outcome, "done");
      assert.equal(await album.remove(album.ownerId), "done");
    },
  })),
  {
    name: "makes no guest an owner, in whatever album, and keeps what they are there",
    async run(scene) {
      const { store } = scene;
      const [album, other] = [await newAlbum(scene), await newAlbum(scene)];
      const guest = await enterAsGuest(scene, album.albumId, album.ownerId);
      const own = { albumId: album.albumId, userId: album.ownerId, actor: album.actor } as const;
      await scene.unchanged(async () => {
        assert.deepEqual(await album.set(guest.id, "owner"), { outcome: "guest" });
        assert.deepEqual(await other.set(guest.id, "owner"), { outcome: "guest" });
        assert.equal(await store.removeAlbumMember(own), "last-owner");
      });
      assert.equal((await album.set(guest.id, "viewer")).outcome, "done");
      const person = await scene.newOwner();
      const merge = { rightId: guest.rightId, userId: person.id, quotaBytes: 0 };
      assert.equal((await store.mergeGuest(merge)).outcome, "merged");
      assert.equal((await album.set(person.id, "owner")).outcome, "done", "with an account");
      assert.equal(await store.removeAlbumMember(own), "done");
    },
  },
  {
    name: "does not let in by what they sent as a guest whom an owner put out, until they are let in again",
    async run(scene) {
      const { store } = scene;
      const album = await newAlbum(scene);
      const { id: userId } = await scene.newOwner();
      await album.set(userId, "contributor");
      const guest = await enterAsGuest(scene, album.albumId, album.ownerId);
      const file = await scene.createReady(guest.id, { albumId: album.albumId });
      assert.equal(await album.remove(userId), "done");
      const merge = { rightId: guest.rightId, userId, quotaBytes: 0 };
      await scene.unchanged(async () =>
        assert.deepEqual(await store.mergeGuest(merge), { outcome: "put-out" }),
      );
      assert.equal((await scene.file(file.id)).ownerId, guest.id);
      assert.ok(await store.findCapability(guest.rightId), "nothing is lost by it");
      await album.set(userId, "viewer");
      assert.equal((await store.mergeGuest(merge)).outcome, "merged");
      assert.equal((await scene.file(file.id)).ownerId, userId);
    },
  },
  {
    name: "lets in by what they sent as a guest who left by themselves, whatever was before",
    async run(scene) {
      const { store } = scene;
      const album = await newAlbum(scene);
      const { id: userId } = await scene.newOwner();
      await album.set(userId, "contributor");
      await album.remove(userId);
      await album.set(userId, "contributor");
      const guest = await enterAsGuest(scene, album.albumId, album.ownerId);
      const leave = { albumId: album.albumId, userId, actor: { principalId: userId } };
      assert.equal(await store.removeAlbumMember(leave), "done");
      const merge = { rightId: guest.rightId, userId, quotaBytes: 0 };
      assert.equal((await store.mergeGuest(merge)).outcome, "merged");
    },
  },
  ...(["album", "account"] as const).map((what) => ({
    name: `forgets who took over what a guest sent, with the ${what}`,
    async run(scene: Scene) {
      const { store, clock } = scene;
      const album = await newAlbum(scene);
      const [{ id: userId }, { id: otherId }] = [await scene.newOwner(), await scene.newOwner()];
      const { albumId, ownerId, actor } = album;
      const other = await newAlbum(scene);
      const merge = { rightId: (await enterAsGuest(scene, albumId, ownerId)).rightId, userId, quotaBytes: 0 };
      const guest = await enterAsGuest(scene, other.albumId, other.ownerId);
      const kept = { rightId: guest.rightId, userId: otherId, quotaBytes: 0 };
      for (const each of [merge, kept]) assert.equal((await store.mergeGuest(each)).outcome, "merged");
      assert.equal((await store.mergeGuest(merge)).outcome, "already");
      clock.advance(minuteMs);
      if (what === "album") await store.deleteAlbum({ albumId, revision: 1, actor });
      else await store.deleteAccount({ principalId: userId });
      assert.deepEqual(await store.mergeGuest(merge), { outcome: "missing" });
      assert.equal((await store.mergeGuest(kept)).outcome, "already");
    },
  })),
];
