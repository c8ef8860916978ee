import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { CreateLink } from "./link-commands.ts";
import { idsOf, type MetadataStoreCase, minuteMs, type Scene } from "./metadata-store-case.contract.ts";

const limit = { maxWrong: 10, windowMs: 60 * minuteMs };

async function newAlbum(scene: Scene, more: { readonly revealAtMs?: number } = {}) {
  const owner = await scene.newOwner();
  const id = scene.newId();
  const made = await scene.store.createAlbum({ id, ownerId: owner.id, name: "Trip", ...more });
  assert.ok(made.outcome === "created");
  return { owner, id, target: { kind: "album", id } as const };
}

const linkBy = (
  scene: Scene,
  target: CreateLink["target"],
  createdBy: string,
  more: Partial<CreateLink> = {},
) =>
  scene.store.createLink({
    id: scene.newId(),
    target,
    createdBy,
    tokenDigest: randomBytes(32).toString("hex"),
    endsAtMs: scene.clock.nowMs() + 600 * minuteMs,
    maxPerTarget: 100,
    ...more,
  });

async function opened(scene: Scene, made: Awaited<ReturnType<typeof linkBy>>) {
  assert.ok(made.outcome === "created");
  const capabilityId = scene.newId();
  const { id } = made.link;
  const result = await scene.store.openLink({ id, capabilityId, lifetimeMs: 60 * minuteMs, ...limit });
  assert.equal(result.outcome, "opened");
  return { capabilityId, link: made.link };
}

const linksOf = async (scene: Scene, id: string) =>
  idsOf(await scene.store.listLinks({ target: { kind: "album", id }, limit: 201 }));

export const albumLinkCases: readonly MetadataStoreCase[] = [
  {
    name: "makes links to an album for its owners alone, and none while it is sealed",
    async run(scene) {
      const { store } = scene;
      const { owner, id, target } = await newAlbum(scene);
      const [second, contributor] = [await scene.newOwner(), await scene.newOwner()];
      const actor = { principalId: owner.id };
      await store.setAlbumMember({ albumId: id, userId: second.id, role: "owner", actor });
      await store.setAlbumMember({ albumId: id, userId: contributor.id, role: "contributor", actor });
      const linkId = scene.newId();
      const detail = JSON.stringify({ linkId });
      const made = await scene.audited(
        { actor: second.id, action: "link.created", targetId: id, detail },
        () => linkBy(scene, target, second.id, { id: linkId }),
      );
      assert.equal(made.outcome, "created");
      for (const by of [contributor.id, (await scene.newOwner()).id])
        assert.deepEqual(await scene.unchanged(() => linkBy(scene, target, by)), { outcome: "missing" });
      const sealed = await newAlbum(scene, { revealAtMs: scene.clock.nowMs() + minuteMs });
      const refused = await scene.unchanged(() => linkBy(scene, sealed.target, sealed.owner.id));
      assert.deepEqual(refused, { outcome: "missing" });
      await store.revealAlbum({ albumId: sealed.id, actor: { principalId: sealed.owner.id } });
      assert.equal((await linkBy(scene, sealed.target, sealed.owner.id)).outcome, "created");
    },
  },
  {
    name: "takes links to an album back for its owners alone",
    async run(scene) {
      const { store } = scene;
      const { owner, id, target } = await newAlbum(scene);
      const { link } = await opened(scene, await linkBy(scene, target, owner.id));
      const contributor = await scene.newOwner();
      const revoke = (principalId: string) =>
        store.revokeLink({ id: link.id, target, actor: { principalId } });
      await store.setAlbumMember({
        albumId: id,
        userId: contributor.id,
        role: "contributor",
        actor: { principalId: owner.id },
      });
      assert.equal(await scene.unchanged(() => revoke(contributor.id)), false);
      const detail = JSON.stringify({ linkId: link.id });
      const event = { actor: owner.id, action: "link.revoked", targetId: id, detail } as const;
      assert.equal(await scene.audited(event, () => revoke(owner.id)), true);
      assert.deepEqual(await linksOf(scene, id), []);
    },
  },
  {
    name: "ends the links of who owns the album no more, and what came by them, and no others",
    async run(scene) {
      const { store } = scene;
      for (const end of ["put out", "leaves", "another role"] as const) {
        const { owner, id, target } = await newAlbum(scene);
        const second = await scene.newOwner();
        const actor = { principalId: owner.id };
        const member = { albumId: id, userId: second.id, actor };
        await store.setAlbumMember({ ...member, role: "owner" });
        const theirs = await opened(scene, await linkBy(scene, target, second.id));
        const kept = await opened(scene, await linkBy(scene, target, owner.id));
        assert.ok(await store.findCapability(theirs.capabilityId));
        if (end === "put out") await store.removeAlbumMember(member);
        if (end === "leaves") await store.removeAlbumMember({ ...member, actor: { principalId: second.id } });
        if (end === "another role") await store.setAlbumMember({ ...member, role: "viewer" });
        assert.equal(await store.findCapability(theirs.capabilityId), undefined, end);
        assert.ok(await store.findCapability(kept.capabilityId));
        assert.deepEqual(await linksOf(scene, id), [kept.link.id]);
      }
    },
  },
  {
    name: "ends all links to an album with it",
    async run(scene) {
      const { store } = scene;
      const { owner, id, target } = await newAlbum(scene);
      const { capabilityId } = await opened(scene, await linkBy(scene, target, owner.id));
      const { capability } = (await store.findCapability(capabilityId)) ?? {};
      assert.ok(capability?.kind === "link");
      assert.deepEqual(capability.target, target);
      await store.deleteAlbum({ albumId: id, revision: 1, actor: { principalId: owner.id } });
      assert.equal(await store.findCapability(capabilityId), undefined);
      assert.deepEqual(await linksOf(scene, id), []);
    },
  },
  {
    name: "makes one album and one invite for requests that come many times at once under one key",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const other = await scene.newOwner();
      const idempotency = { key: "k", requestDigest: "album" };
      const make = (ownerId: string, over: object = {}) =>
        store.createAlbum({ id: scene.newId(), ownerId, name: "Trip", idempotency, ...over });
      const made = await Promise.all(Array.from({ length: 9 }, () => make(owner.id)));
      const first = made.find((each) => each.outcome === "created") ?? assert.fail();
      assert.equal(made.filter(({ outcome }) => outcome === "created").length, 1);
      for (const each of made)
        if (each.outcome === "repeat") assert.equal(each.standing?.album.id, first.album.id);
      const reused = await scene.unchanged(() =>
        make(owner.id, { idempotency: { ...idempotency, requestDigest: "another" } }),
      );
      assert.deepEqual(reused, { outcome: "key-reused" });
      assert.equal((await make(other.id)).outcome, "created", "a key is one principal's");

      const albumId = first.album.id;
      const key = { key: "i", requestDigest: "invite" };
      const invite = (over: object = {}) =>
        store.createAlbumInvite({
          id: scene.newId(),
          albumId,
          role: "viewer",
          createdBy: owner.id,
          expiresAtMs: scene.clock.nowMs() + minuteMs,
          tokenHash: randomBytes(32).toString("hex"),
          idempotency: key,
          ...over,
        });
      const invited = await Promise.all(Array.from({ length: 9 }, () => invite()));
      const one = invited.find((each) => each.outcome === "done") ?? assert.fail();
      assert.equal(invited.filter(({ outcome }) => outcome === "done").length, 1);
      for (const each of invited) if (each.outcome === "repeat") assert.equal(each.invite?.id, one.invite.id);
      const again = { idempotency: { ...key, requestDigest: "another" } };
      assert.deepEqual(await scene.unchanged(() => invite(again)), { outcome: "key-reused" });
      assert.equal((await store.listAlbumInvites(albumId)).length, 1);

      await store.revokeAlbumInvite({ albumId, inviteId: one.invite.id, actor: { principalId: owner.id } });
      assert.deepEqual(await scene.unchanged(() => invite()), { outcome: "repeat" }, "it is gone since");
      await store.deleteAlbum({ albumId, revision: 1, actor: { principalId: owner.id } });
      assert.deepEqual(await scene.unchanged(() => make(owner.id)), { outcome: "repeat" });
      scene.clock.advance(24 * 60 * minuteMs);
      assert.equal((await make(owner.id)).outcome, "created");
    },
  },
];
