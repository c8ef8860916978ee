import assert from "node:assert/strict";
import { guestIssuer } from "./capability-commands.ts";
import { type MetadataStoreCase, minuteMs, type Scene } from "./metadata-store-case.contract.ts";

async function newGuest(scene: Scene, lifeMs = 60 * minuteMs, principalId?: string) {
  const guestId = principalId ?? (await scene.newOwner({ issuer: guestIssuer, subject: scene.newId() })).id;
  const command = {
    kind: "guest",
    id: scene.newId(),
    principalId: guestId,
    albumId: "album",
    scopes: ["files:read", "uploads:write"],
    endsAtMs: scene.clock.nowMs() + lifeMs,
  } as const;
  await scene.store.mintCapability(command);
  return command;
}

export const capabilityCases: readonly MetadataStoreCase[] = [
  {
    name: "finds a guest's right as it was given until its end, and not from then on",
    async run(scene) {
      const { store, clock } = scene;
      const { id, kind, principalId, albumId, scopes, endsAtMs } = await newGuest(scene);
      const holder = { principalId, scopes, capability: { id, kind, albumId, endsAtMs } };
      assert.deepEqual(await store.findCapability(id), holder);
      clock.advance(60 * minuteMs - 1);
      assert.deepEqual(await store.findCapability(id), holder);
      clock.advance(1);
      assert.equal(await store.findCapability(id), undefined);
      assert.equal(await store.findCapability(principalId), undefined);
      assert.equal(await store.findCapability("never"), undefined);
    },
  },
  {
    name: "leaves one audit event for a right that is given, and writes nothing for an id that is taken",
    async run(scene) {
      const guest = await scene.newOwner({ issuer: guestIssuer });
      const expected = { actor: guest.id, action: "capability.minted", targetId: guest.id } as const;
      const minted = await scene.audited(expected, () => newGuest(scene, minuteMs, guest.id));
      await scene.unchanged(() =>
        assert.rejects(scene.store.mintCapability({ ...minted, principalId: "somebody else" })),
      );
      assert.equal((await scene.store.findCapability(minted.id))?.principalId, guest.id);
    },
  },
  {
    name: "takes back all that one guest has, at once, and leaves others' alone",
    async run(scene) {
      const { store } = scene;
      const first = await newGuest(scene);
      const second = await newGuest(scene, minuteMs, first.principalId);
      const others = await newGuest(scene);
      const { principalId } = first;
      const owner = await scene.newOwner();
      const actor = { principalId: owner.id };
      const expected = { actor: owner.id, action: "capability.revoked", targetId: principalId } as const;
      assert.equal(await scene.audited(expected, () => store.revokeCapabilities({ principalId, actor })), 2);
      for (const { id } of [first, second]) assert.equal(await store.findCapability(id), undefined);
      assert.ok(await store.findCapability(others.id));
      assert.equal(await scene.unchanged(() => store.revokeCapabilities({ principalId, actor })), 0);
    },
  },
  {
    name: "forgets rights that have ended, the longest ended first, and no other",
    async run(scene) {
      const { store, clock } = scene;
      const guests = [await newGuest(scene, 3), await newGuest(scene, 1), await newGuest(scene, 2)];
      const lasting = await newGuest(scene);
      assert.equal(await store.forgetEndedCapabilities(10), 0);
      clock.advance(3);
      assert.equal(await store.forgetEndedCapabilities(2), 2);
      assert.equal(await store.forgetEndedCapabilities(2), 1);
      assert.equal(await store.forgetEndedCapabilities(2), 0);
      assert.ok(guests.length === 3 && (await store.findCapability(lasting.id)));
    },
  },
];
