import assert from "node:assert/strict";
import type { AlbumRole } from "../policy/decide-album-access.ts";
import type { MetadataStore } from "./metadata-store.ts";
import { type MetadataStoreCase, minuteMs, type Scene } from "./metadata-store-case.contract.ts";

interface Act {
  readonly albumId: string;
  readonly revision: number;
  readonly fileId: string;
  readonly actor: { readonly principalId: string };
}

const outcomeOf = async (answer: Promise<{ readonly outcome: string }>): Promise<string> =>
  (await answer).outcome;

/** All that only an owner may do. */
const managing: Readonly<Record<string, (store: MetadataStore, act: Act) => Promise<string>>> = {
  changeAlbum: (store, act) => outcomeOf(store.changeAlbum({ ...act, change: { name: "Mine" } })),
  "changeAlbum, at another revision": (store, act) =>
    outcomeOf(store.changeAlbum({ ...act, revision: 99, change: {} })),
  deleteAlbum: (store, act) => outcomeOf(store.deleteAlbum(act)),
  revealAlbum: (store, act) => outcomeOf(store.revealAlbum(act)),
  "setAlbumMember, of themselves": (store, { actor, ...act }) =>
    outcomeOf(store.setAlbumMember({ ...act, actor, userId: actor.principalId, role: "owner" })),
  "setAlbumMember, of somebody": (store, act) =>
    outcomeOf(store.setAlbumMember({ ...act, userId: "friend", role: "viewer" })),
  removeAlbumMember: (store, act) => store.removeAlbumMember({ ...act, userId: "member" }),
  "removeAlbumMember, of nobody": (store, act) => store.removeAlbumMember({ ...act, userId: "none" }),
  createAlbumInvite: (store, { albumId, actor }) =>
    outcomeOf(
      store.createAlbumInvite({
        id: "theirs",
        albumId,
        role: "viewer",
        createdBy: actor.principalId,
        expiresAtMs: Number.MAX_SAFE_INTEGER,
        tokenHash: "c".repeat(64),
      }),
    ),
  revokeAlbumInvite: (store, act) => store.revokeAlbumInvite({ ...act, inviteId: "invite" }),
  removeAlbumFile: (store, act) => store.removeAlbumFile(act),
};

/** An album of two owners with a member, an invite and a file of the first owner's, from whom the second's role is taken. */
async function takeRoleFrom(scene: Scene, role: AlbumRole | undefined): Promise<Act> {
  const { store, clock } = scene;
  const first = await scene.newOwner();
  const second = await scene.newOwner();
  const albumId = scene.newId();
  const actor = { principalId: first.id };
  await store.createAlbum({ id: albumId, ownerId: first.id, name: "Wedding" });
  await store.setAlbumMember({ albumId, userId: second.id, role: "owner", actor });
  await store.setAlbumMember({ albumId, userId: "member", role: "viewer", actor });
  await store.createAlbumInvite({
    id: "invite",
    albumId,
    role: "viewer",
    createdBy: first.id,
    expiresAtMs: clock.nowMs() + minuteMs,
    tokenHash: "d".repeat(64),
  });
  const file = await scene.createReady(first.id, { albumId });
  if (role) await store.setAlbumMember({ albumId, userId: second.id, role, actor });
  else await store.removeAlbumMember({ albumId, userId: second.id, actor });
  return { albumId, revision: 1, fileId: file.id, actor: { principalId: second.id } };
}

export const albumOwnerCases: readonly MetadataStoreCase[] = [
  ...([undefined, "contributor"] as const).map((role) => ({
    name: `refuses whom the role of an owner was taken from meanwhile (${role ?? "put out"}), whatever they do to the album`,
    async run(scene: Scene) {
      const act = await takeRoleFrom(scene, role);
      await scene.unchanged(async () => {
        for (const [name, run] of Object.entries(managing))
          assert.equal(await run(scene.store, act), "not-owner", name);
      });
    },
  })),
  {
    name: "lets a sealed album be revealed or moved by an owner of now alone, and by the system",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const albumId = scene.newId();
      const revealAtMs = clock.nowMs() + minuteMs;
      await store.createAlbum({ id: albumId, ownerId: owner.id, name: "Wedding", revealAtMs });
      const actor = { principalId: "put-out" };
      await scene.unchanged(async () => {
        const change = { revealAtMs: revealAtMs + 1 };
        assert.equal((await store.changeAlbum({ albumId, revision: 1, actor, change })).outcome, "not-owner");
        assert.equal((await store.revealAlbum({ albumId, actor })).outcome, "not-owner");
      });
      assert.equal((await store.revealAlbum({ albumId, actor: "system" })).outcome, "revealed");
    },
  },
  ...([undefined, "viewer"] as const).map((role) => ({
    name: `ends the invites of whom the role of an owner is taken from (${role ?? "put out"}), and no other's`,
    async run(scene: Scene) {
      const { store, clock } = scene;
      const [owner, second] = [await scene.newOwner(), await scene.newOwner()];
      const albumId = scene.newId();
      const actor = { principalId: owner.id };
      await store.createAlbum({ id: albumId, ownerId: owner.id, name: "Wedding" });
      const set = { albumId, userId: second.id, actor } as const;
      await store.setAlbumMember({ ...set, role: "owner" });
      const expiresAtMs = clock.nowMs() + minuteMs;
      for (const { id } of [owner, second])
        await store.createAlbumInvite({
          id: `of ${id}`,
          albumId,
          role: "viewer",
          createdBy: id,
          expiresAtMs,
          tokenHash: `hash of ${id}`,
        });
      if (role) await store.setAlbumMember({ ...set, role });
      else await store.removeAlbumMember(set);
      const left = await store.listAlbumInvites(albumId);
      assert.deepEqual(
        left.map(({ createdBy }) => createdBy),
        [owner.id],
      );
      const as = { kind: "person", userId: "friend" } as const;
      const accepted = await store.acceptAlbumInvite({ tokenHash: `hash of ${second.id}`, as });
      assert.equal(accepted.outcome, "missing");
    },
  })),
  {
    name: "lets members leave, and owners of files take them out, who own no album",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const member = await scene.newOwner();
      const albumId = scene.newId();
      await store.createAlbum({ id: albumId, ownerId: owner.id, name: "Wedding" });
      const set = {
        albumId,
        userId: member.id,
        role: "contributor",
        actor: { principalId: owner.id },
      } as const;
      await store.setAlbumMember(set);
      const file = await scene.createReady(member.id, { albumId });
      const actor = { principalId: member.id };
      assert.equal(await store.removeAlbumFile({ albumId, fileId: file.id, actor }), "done");
      assert.equal(await store.removeAlbumMember({ albumId, userId: member.id, actor }), "done");
      assert.equal(await store.removeAlbumMember({ albumId, userId: member.id, actor }), "missing");
    },
  },
];
