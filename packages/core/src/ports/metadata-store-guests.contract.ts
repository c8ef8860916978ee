import assert from "node:assert/strict";
import { guestLifeMs } from "../album.ts";
import { enterAsGuest } from "./enter-as-guest.contract.ts";
import { idsOf, type MetadataStoreCase, minuteMs, type Scene } from "./metadata-store-case.contract.ts";

const newAlbum = async (scene: Scene, ownerId: string, revealInMs?: number): Promise<string> => {
  const id = scene.newId();
  const revealAtMs = revealInMs === undefined ? {} : { revealAtMs: scene.clock.nowMs() + revealInMs };
  await scene.store.createAlbum({ id, ownerId, name: "Wedding", ...revealAtMs });
  return id;
};

export const guestCases: readonly MetadataStoreCase[] = [
  {
    name: "lets all guests whom one person invited have so many bytes and files together, whatever album they came into",
    async run(scene) {
      const host = await scene.newOwner();
      const other = await scene.newOwner();
      const albums = [await newAlbum(scene, host.id), await newAlbum(scene, host.id)] as const;
      const theirs = await newAlbum(scene, other.id);
      const [one, two] = [
        await enterAsGuest(scene, albums[0], host.id),
        await enterAsGuest(scene, albums[1], host.id),
      ];
      const stranger = await enterAsGuest(scene, theirs, other.id);
      const send = async (id: string, albumId: string, guests: Partial<Bounds>, sizeBytes = 1000) =>
        (await scene.createOutcome(id, { albumId, sizeBytes }, { guests: { ...unbounded, ...guests } }))
          .outcome;
      assert.equal(await send(one.id, albums[0], { quotaBytes: 2030 }), "created");
      assert.equal(await send(two.id, albums[1], { quotaBytes: 2030 }), "created");
      await scene.unchanged(async () => {
        assert.equal(await send(two.id, albums[1], { quotaBytes: 2030 }, 8), "quota-exceeded");
        assert.equal(await send(one.id, albums[0], { quotaFiles: 2 }), "quota-exceeded");
        const outcome = await scene.createOutcome(
          one.id,
          { albumId: albums[0] },
          { guests: { ...unbounded, quotaFiles: 2 } },
        );
        assert.deepEqual(outcome, { outcome: "quota-exceeded", quota: "guests", free: 0 });
      });
      assert.equal(await send(stranger.id, theirs, { quotaBytes: 2030, quotaFiles: 2 }), "created");
      assert.equal((await scene.createOutcome(host.id, {}, { quotaBytes: 1000 })).outcome, "created");
      await scene.unchanged(async () => {
        assert.equal(await send(one.id, albums[0], { hostQuotaBytes: 3999 }), "quota-exceeded");
        const own = { guests: unbounded, quotaFiles: 1 };
        const outcome = await scene.createOutcome(one.id, { albumId: albums[0] }, own);
        assert.deepEqual(
          outcome,
          { outcome: "quota-exceeded", quota: "files", free: 0 },
          "their own bound holds too",
        );
      });
      assert.equal(await send(one.id, albums[0], { hostQuotaBytes: 4200 }), "created");
    },
  },
  {
    name: "counts what other guests and the host have in steps, so that guests who try sizes together can't tell what somebody sent",
    async run(scene) {
      const [mib, gib] = [1024 ** 2, 1024 ** 3];
      const step = 4 * mib;
      for (const [sent, hostHas] of [
        [1, 1],
        [3_141_592, 5_000_000],
        [step, 16 * mib],
      ] as const) {
        const host = await scene.newOwner();
        const albumId = await newAlbum(scene, host.id);
        const guests = [
          await enterAsGuest(scene, albumId, host.id),
          await enterAsGuest(scene, albumId, host.id),
          await enterAsGuest(scene, albumId, host.id),
        ] as const;
        const [victim, filler, prober] = guests;
        const send = async (id: string, sizeBytes: number, bounds: Partial<Bounds> = {}) =>
          (await scene.createOutcome(id, { albumId, sizeBytes }, { guests: { ...unbounded, ...bounds } }))
            .outcome;
        assert.equal(await send(victim.id, sent), "created");
        await scene.create(host.id, { sizeBytes: hostHas });
        for (const [filled, counted] of [
          [1, step],
          [step - 3_141_592, step],
          [step - 1, 2 * step],
        ] as const) {
          assert.equal(await send(filler.id, filled), "created");
          for (const [bounds, room] of [
            [{ quotaBytes: gib }, gib - step - counted],
            [{ hostQuotaBytes: gib }, gib - step - counted - 16 * mib],
          ] as const) {
            assert.equal(await send(prober.id, room + 1, bounds), "quota-exceeded");
            const fits = await scene.createOutcome(
              prober.id,
              { albumId, sizeBytes: room },
              { guests: { ...unbounded, ...bounds } },
            );
            assert.ok(fits.outcome === "created", `${sent} and ${filled} bytes leave room for ${room}`);
            const uploadId = fits.upload.id;
            await scene.store.abortUpload({ uploadId, actor: "system", detail: "" });
            await scene.store.releaseReservation({ uploadId });
          }
        }
        // The victim's one counts as two, the filler's three as four.
        for (let count = 6; count < 128; count += 1)
          assert.equal(await send(prober.id, 1, { quotaFiles: 128 }), "created");
        assert.equal(await send(prober.id, 1, { quotaFiles: 128 }), "quota-exceeded");
      }
    },
  },
  {
    name: "remembers guests of whom something may be nobody's, and forgets them once they have nothing and may do nothing",
    async run(scene) {
      const { store } = scene;
      const host = await scene.newOwner();
      const actor = { principalId: host.id };
      const albumId = await newAlbum(scene, host.id);
      const [idle, sender, stays] = [
        await enterAsGuest(scene, albumId, host.id),
        await enterAsGuest(scene, albumId, host.id),
        await enterAsGuest(scene, albumId, host.id),
      ];
      const ended = async () => (await store.listEndedGuests({ limit: 10 })).map(({ guestId }) => guestId);
      const file = await scene.createReady(sender.id, { albumId });
      await scene.create(stays.id, { albumId });
      assert.deepEqual(await ended(), []);
      for (const { id } of [idle, sender, stays])
        assert.equal(await store.removeAlbumMember({ albumId, userId: id, actor }), "done");
      assert.deepEqual(await ended(), [idle.id, sender.id, stays.id].sort());
      assert.ok((await store.listEndedGuests({ limit: 10 })).every(({ hasRight }) => !hasRight));
      const [first, second] = await ended();
      const next = await store.listEndedGuests({ after: first ?? "", limit: 1 });
      assert.deepEqual(next, [{ guestId: second, hasRight: false }]);
      const event = { actor: "system", action: "guest.forgotten", targetId: idle.id } as const;
      assert.equal(await scene.audited(event, () => store.settleGuest(idle.id)), "forgotten");
      assert.equal(await store.findPrincipal(idle.id), undefined);
      assert.equal(await store.settleGuest(idle.id), "missing");
      assert.equal(await store.settleGuest(sender.id), "kept", "what is in an album is the album's");
      assert.equal(await store.settleGuest(stays.id), "busy");
      assert.deepEqual(await ended(), [stays.id]);
      assert.deepEqual(await store.listHomelessFiles({ guestId: sender.id, limit: 10 }), []);
      const remove = { albumId, fileId: file.id, actor };
      assert.equal(await store.removeAlbumFile(remove), "done");
      assert.deepEqual(await ended(), [sender.id, stays.id].sort());
      assert.deepEqual(idsOf(await store.listHomelessFiles({ guestId: sender.id, limit: 10 })), [file.id]);
      const purge = { fileId: file.id, revision: 2, actor: "system" } as const;
      assert.equal((await store.purgeFile(purge)).outcome, "done");
      assert.equal(await store.settleGuest(sender.id), "forgotten");
      assert.equal(await store.settleGuest(host.id), "kept", "a person is no guest");
      assert.ok(await store.findPrincipal(host.id));
    },
  },
  {
    name: "remembers the guests of an album that is deleted, and those whose right has run out, and touches nothing of who still has one",
    async run(scene) {
      const { store, clock } = scene;
      const host = await scene.newOwner();
      const [gone, late] = [await newAlbum(scene, host.id), await newAlbum(scene, host.id)];
      const [homeless, slow] = [
        await enterAsGuest(scene, gone, host.id),
        await enterAsGuest(scene, late, host.id),
      ];
      const file = await scene.createReady(homeless.id, { albumId: gone });
      const kept = await scene.createReady(slow.id, { albumId: late });
      const actor = { principalId: host.id };
      assert.equal((await store.deleteAlbum({ albumId: gone, revision: 1, actor })).outcome, "done");
      assert.deepEqual(await store.listEndedGuests({ limit: 10 }), [
        { guestId: homeless.id, hasRight: false },
      ]);
      assert.deepEqual(idsOf(await store.listHomelessFiles({ guestId: homeless.id, limit: 10 })), [file.id]);
      assert.equal(await store.removeAlbumFile({ albumId: late, fileId: kept.id, actor }), "done");
      const ended = await store.listEndedGuests({ limit: 10 });
      assert.equal(ended.find(({ guestId }) => guestId === slow.id)?.hasRight, true);
      assert.equal(await store.settleGuest(slow.id), "kept");
      clock.advance(guestLifeMs);
      assert.equal(await store.forgetEndedCapabilities(10), 1);
      assert.deepEqual(idsOf(await store.listHomelessFiles({ guestId: slow.id, limit: 10 })), [kept.id]);
      assert.ok((await store.listEndedGuests({ limit: 10 })).some(({ guestId }) => guestId === slow.id));
    },
  },
  {
    name: "has a person take over all that a guest has, once, and the guest end",
    async run(scene) {
      const { store } = scene;
      const host = await scene.newOwner();
      const person = await scene.newOwner();
      const albumId = await newAlbum(scene, host.id, 60 * minuteMs);
      const guest = await enterAsGuest(scene, albumId, host.id);
      const file = await scene.createReady(guest.id, { albumId, name: "a.jpg", metadata: { step: "1" } });
      const sending = await scene.create(guest.id, { albumId, ref: "mine" });
      const merge = { rightId: guest.rightId, userId: person.id, quotaBytes: 2000 } as const;
      await scene.unchanged(async () => {
        assert.deepEqual(await store.mergeGuest({ ...merge, quotaBytes: 1999 }), {
          outcome: "quota-exceeded",
        });
        assert.deepEqual(await store.mergeGuest({ ...merge, quotaFiles: 1 }), { outcome: "quota-exceeded" });
        assert.deepEqual(await store.mergeGuest({ ...merge, userId: "nobody" }), { outcome: "missing" });
        assert.deepEqual(await store.mergeGuest({ ...merge, rightId: "none" }), { outcome: "missing" });
      });
      const detail = JSON.stringify({ albumId });
      const event = { actor: person.id, action: "guest.merged", targetId: guest.id, detail } as const;
      assert.deepEqual(await scene.audited(event, () => store.mergeGuest(merge)), {
        outcome: "merged",
        albumId,
      });
      await scene.unchanged(async () => {
        assert.deepEqual(await store.mergeGuest(merge), { outcome: "already", albumId });
        assert.deepEqual(await store.mergeGuest({ ...merge, userId: host.id }), { outcome: "missing" });
      });
      assert.deepEqual(await scene.counters(person.id), { used: 1000, reserved: 1000, open: 1 });
      assert.equal(await store.findPrincipal(guest.id), undefined);
      assert.equal(await store.findCapability(guest.rightId), undefined);
      const [standing] = await store.findAlbums({ principalId: person.id, albumIds: [albumId] });
      assert.deepEqual(
        [standing?.member?.role, standing?.member?.shotsUsed, standing?.album.fileCount],
        ["contributor", 2, 1],
      );
      assert.deepEqual(
        (await store.listAlbumMembers({ albumId, limit: 10 })).map(({ userId }) => userId).sort(),
        [host.id, person.id].sort(),
      );
      const still = await scene.file(file.id);
      assert.deepEqual([still.ownerId, still.state, still.revision], [person.id, "sealed", 2]);
      const found = () =>
        store.listFiles({ ownerId: person.id, list: { by: "search", text: "a" }, limit: 10 });
      assert.deepEqual(await found(), [], "nothing is revealed by it");
      const again = await scene.createOutcome(person.id, { albumId, ref: "mine" });
      assert.deepEqual([again.outcome, "upload" in again && again.upload.id], ["existing", sending.id]);
      await store.revealAlbum({ albumId, actor: { principalId: host.id } });
      assert.equal(await store.unsealFiles({ albumId, limit: 10 }), 1);
      assert.deepEqual(idsOf(await found()), [file.id]);
      assert.deepEqual(await store.findAlbumFile({ albumId, fileId: file.id }), { addedBy: person.id });
      for (const { recorded, counted } of await store.listCounters({ limit: 10 }))
        assert.deepEqual(recorded, counted);
    },
  },
  {
    name: "makes no contributor of a viewer who takes over what a guest has",
    async run(scene) {
      const { store } = scene;
      const host = await scene.newOwner();
      const viewer = await scene.newOwner();
      const albumId = await newAlbum(scene, host.id);
      const actor = { principalId: host.id };
      await store.setAlbumMember({ albumId, userId: viewer.id, role: "viewer", actor });
      const guest = await enterAsGuest(scene, albumId, host.id);
      const merge = { rightId: guest.rightId, userId: viewer.id, quotaBytes: 0 } as const;
      assert.equal((await store.mergeGuest(merge)).outcome, "merged");
      const [standing] = await store.findAlbums({ principalId: viewer.id, albumIds: [albumId] });
      assert.equal(standing?.member?.role, "viewer");
    },
  },
  {
    name: "leaves a person what they are in the album, with the shots of both, and moves what is in lists",
    async run(scene) {
      const { store } = scene;
      const host = await scene.newOwner();
      const albumId = await newAlbum(scene, host.id);
      const guest = await enterAsGuest(scene, albumId, host.id);
      const file = await scene.createReady(guest.id, { albumId, name: "b.jpg", metadata: { step: "1" } });
      await scene.createReady(host.id, { albumId });
      const merge = { rightId: guest.rightId, userId: host.id, quotaBytes: 0 } as const;
      assert.equal((await store.mergeGuest(merge)).outcome, "merged");
      const [standing] = await store.findAlbums({ principalId: host.id, albumIds: [albumId] });
      assert.deepEqual([standing?.member?.role, standing?.member?.shotsUsed], ["owner", 2]);
      for (const list of [
        { by: "search", text: "b" },
        { by: "metadata", name: "step", value: "1" },
      ] as const)
        assert.deepEqual(
          idsOf(await store.listFiles({ ownerId: host.id, list, limit: 10 })),
          [file.id],
          list.by,
        );
      const alone = await store.removeAlbumMember({
        albumId,
        userId: host.id,
        actor: { principalId: host.id },
      });
      assert.equal(alone, "last-owner");
    },
  },
];

type Bounds = { quotaBytes: number; quotaFiles: number; hostQuotaBytes: number };

const unbounded: Bounds = { quotaBytes: 0, quotaFiles: 0, hostQuotaBytes: 0 };
