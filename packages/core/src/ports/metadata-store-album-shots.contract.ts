import assert from "node:assert/strict";
import type { MetadataStoreCase, Scene } from "./metadata-store-case.contract.ts";

/** An album of some shots each, of one person's. */
async function newAlbum(scene: Scene, shotsPerMember?: number) {
  const { id: ownerId } = await scene.newOwner();
  const albumId = scene.newId();
  const shots = shotsPerMember === undefined ? {} : { shotsPerMember };
  await scene.store.createAlbum({ id: albumId, ownerId, name: "Wedding", ...shots });
  return { ownerId, albumId, actor: { principalId: ownerId } };
}

const shotsUsed = async ({ store }: Scene, albumId: string, principalId: string) =>
  (await store.findAlbums({ principalId, albumIds: [albumId] }))[0]?.member?.shotsUsed;

export const albumShotCases: readonly MetadataStoreCase[] = [
  {
    name: "takes a shot for a file that is put into an album, and refuses whoever has none left",
    async run(scene) {
      const { store } = scene;
      const { ownerId, albumId, actor } = await newAlbum(scene, 2);
      const put = async (fileId: string, albumIds: readonly string[]) => {
        const { revision } = await scene.file(fileId);
        return store.changeFile({ fileId, revision, actor, change: { albumIds } });
      };
      const files = [];
      for (let n = 0; n < 3; n += 1) files.push(await scene.createReady(ownerId));
      const [one, two, three] = files.map(({ id }) => id);
      assert.ok(one && two && three);
      assert.equal((await put(one, [albumId])).outcome, "done");
      assert.equal((await put(one, [albumId])).outcome, "done");
      assert.equal(await shotsUsed(scene, albumId, ownerId), 1, "where it is already it takes none");
      assert.equal((await put(two, [albumId])).outcome, "done");
      await scene.unchanged(async () => {
        assert.deepEqual(await put(three, [albumId]), { outcome: "no-shots-left", shotsPerMember: 2 });
        const stale = { fileId: three, revision: 99, actor, change: { albumIds: [albumId] } };
        assert.equal((await store.changeFile(stale)).outcome, "stale");
        assert.equal((await scene.createOutcome(ownerId, { albumId })).outcome, "no-shots-left");
      });
      assert.equal((await put(two, [])).outcome, "done");
      assert.equal(await shotsUsed(scene, albumId, ownerId), 2, "taking out gives none back");
      assert.equal((await put(two, [albumId])).outcome, "no-shots-left");
    },
  },
  {
    name: "gives nobody more shots than there are, however many files they put in at once",
    async run(scene) {
      const { store } = scene;
      const { ownerId, albumId, actor } = await newAlbum(scene, 2);
      const files = [];
      for (let n = 0; n < 5; n += 1) files.push(await scene.createReady(ownerId));
      const outcomes = await Promise.all(
        files.map(({ id: fileId, revision }) =>
          store.changeFile({ fileId, revision, actor, change: { albumIds: [albumId] } }),
        ),
      );
      assert.equal(outcomes.filter(({ outcome }) => outcome === "done").length, 2);
      assert.equal(await shotsUsed(scene, albumId, ownerId), 2);
    },
  },
  {
    name: "remembers the shots of who leaves, those of files put in too, less what comes back while they are away",
    async run(scene) {
      const { store } = scene;
      const { albumId, actor } = await newAlbum(scene, 5);
      const { id: userId } = await scene.newOwner();
      const join = { albumId, userId, role: "contributor", actor } as const;
      await store.setAlbumMember(join);
      const file = await scene.createReady(userId);
      const put = {
        fileId: file.id,
        revision: 1,
        actor: { principalId: userId },
        change: { albumIds: [albumId] },
      };
      assert.equal((await store.changeFile(put)).outcome, "done");
      await scene.createReady(userId, { albumId });
      const sending = await scene.create(userId, { albumId });
      assert.equal(await shotsUsed(scene, albumId, userId), 3);
      await store.removeAlbumMember(join);
      await store.abortUpload({ uploadId: sending.id, actor: "system", detail: "" });
      await store.setAlbumMember(join);
      assert.equal(await shotsUsed(scene, albumId, userId), 2);
    },
  },
];
