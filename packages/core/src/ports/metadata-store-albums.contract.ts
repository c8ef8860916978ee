import assert from "node:assert/strict";
import type { AlbumRecord } from "../album.ts";
import type { FileList } from "../file-lists/file-list.ts";
import { albumAudience, personAudience, publicAudience } from "../policy/audiences.ts";
import type { NewAlbum, NewAlbumOutcome } from "./album-commands.ts";
import {
  idsOf,
  type MetadataStoreCase,
  minuteMs,
  readyResult,
  rejectedResult,
  type Scene,
} from "./metadata-store-case.contract.ts";

const newAlbum = async (scene: Scene, ownerId: string, more: Partial<NewAlbum> = {}): Promise<AlbumRecord> =>
  created(await scene.store.createAlbum({ id: scene.newId(), ownerId, name: "Wedding", ...more })).album;

const created = (outcome: NewAlbumOutcome) => {
  assert.ok(outcome.outcome === "created");
  return outcome;
};

const sealedAlbum = (scene: Scene, ownerId: string, more: Partial<NewAlbum> = {}): Promise<AlbumRecord> =>
  newAlbum(scene, ownerId, { revealAtMs: scene.clock.nowMs() + 60 * minuteMs, ...more });

const album = async (scene: Scene, albumId: string, principalId = "") => {
  const [found] = await scene.store.findAlbums({ principalId, albumIds: [albumId] });
  assert.ok(found, "the album is there");
  return found;
};

const shots = async (scene: Scene, albumId: string, userId: string) =>
  (await album(scene, albumId, userId)).member?.shotsUsed;

const listed = async (scene: Scene, albumId: string) =>
  idsOf(
    await scene.store.listFiles({
      ownerId: "",
      list: { by: "audience", audience: albumAudience(albumId) },
      limit: 201,
    }),
  );

/** Its count as told, held to what the rows add up to. */
const count = async (scene: Scene, albumId: string) => {
  for (const { recorded, counted } of await scene.store.listAlbumCounts({ limit: 1000 }))
    assert.equal(recorded, counted);
  return (await album(scene, albumId)).album.fileCount;
};

export const albumCases: readonly MetadataStoreCase[] = [
  {
    name: "makes an album whose owner is its first member, and lists albums as they were joined, last first",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const id = scene.newId();
      const made = await scene.audited({ actor: owner.id, action: "album.created", targetId: id }, () =>
        store.createAlbum({ id, ownerId: owner.id, name: "Trip", shotsPerMember: 5 }),
      );
      const { outcome, ...standing } = made;
      assert.equal(outcome, "created");
      assert.deepEqual(standing, {
        album: {
          id,
          ownerId: owner.id,
          name: "Trip",
          createdAtMs: clock.nowMs(),
          revision: 1,
          isUnsealed: true,
          shotsPerMember: 5,
          fileCount: 0,
        },
        member: { userId: owner.id, role: "owner", joinedAtMs: clock.nowMs(), shotsUsed: 0 },
      });
      clock.advance(minuteMs);
      const second = await sealedAlbum(scene, owner.id);
      assert.equal(second.isUnsealed, false);
      const page = await store.listAlbums({ principalId: owner.id, limit: 1 });
      assert.deepEqual(page[0]?.album, second);
      const after = { joinedAtMs: clock.nowMs(), id: second.id };
      assert.deepEqual(await store.listAlbums({ principalId: owner.id, after, limit: 10 }), [standing]);
      assert.deepEqual(await store.listAlbums({ principalId: "nobody", limit: 10 }), []);
      assert.deepEqual(await store.findAlbums({ principalId: "nobody", albumIds: [id, id, "none"] }), [
        { album: created(made).album },
      ]);
    },
  },
  {
    name: "changes an album by its revision, and its reveal only while it is sealed",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const made = await sealedAlbum(scene, owner.id, { shotsPerMember: 3 });
      const command = { albumId: made.id, revision: 1, actor: { principalId: owner.id } };
      const revealAtMs = (made.revealAtMs ?? 0) + minuteMs;
      const changed = { ...made, name: "Party", revealAtMs, revision: 2 };
      assert.deepEqual(
        await scene.audited({ actor: owner.id, action: "album.changed", targetId: made.id }, () =>
          store.changeAlbum({ ...command, change: { name: "Party", revealAtMs } }),
        ),
        { outcome: "done", album: changed },
      );
      const { shotsPerMember: _, ...unlimited } = changed;
      assert.deepEqual(
        await store.changeAlbum({ ...command, revision: 2, change: { shotsPerMember: null } }),
        {
          outcome: "done",
          album: { ...unlimited, revision: 3 },
        },
      );
      const plain = await newAlbum(scene, owner.id);
      await scene.unchanged(async () => {
        assert.equal((await store.changeAlbum({ ...command, change: {} })).outcome, "stale");
        assert.equal(
          (await store.changeAlbum({ ...command, albumId: plain.id, change: { revealAtMs } })).outcome,
          "not-sealed",
        );
        assert.deepEqual(await store.changeAlbum({ ...command, albumId: "none", change: {} }), {
          outcome: "missing",
        });
      });
    },
  },
  {
    name: "puts members in and out, known or not, and always leaves an owner",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const { id: albumId } = await newAlbum(scene, owner.id);
      const actor = { principalId: owner.id };
      const set = (userId: string, role: "viewer" | "owner") =>
        store.setAlbumMember({ albumId, userId, role, actor });
      const put = await scene.audited(
        {
          actor: owner.id,
          action: "album.member-set",
          targetId: albumId,
          detail: JSON.stringify({ userId: "unknown", role: "viewer" }),
        },
        () => set("unknown", "viewer"),
      );
      assert.equal(put.outcome, "done");
      await scene.unchanged(async () => {
        assert.deepEqual(await set("unknown", "viewer"), put);
        assert.deepEqual(await set(owner.id, "viewer"), { outcome: "last-owner" });
        assert.equal(await store.removeAlbumMember({ albumId, userId: owner.id, actor }), "last-owner");
        assert.equal(await store.removeAlbumMember({ albumId, userId: "other", actor }), "missing");
        assert.deepEqual(await store.setAlbumMember({ albumId: "none", userId: "a", role: "owner", actor }), {
          outcome: "missing",
        });
      });
      const second = await scene.newOwner();
      assert.equal((await set(second.id, "owner")).outcome, "done");
      assert.equal(await store.removeAlbumMember({ albumId, userId: owner.id, actor }), "done");
      const own = { albumId, userId: second.id, actor: { principalId: second.id } };
      assert.equal(await store.removeAlbumMember(own), "last-owner");
      assert.deepEqual(
        (await store.listAlbumMembers({ albumId, limit: 10 }))
          .map(({ userId, role }) => [userId, role])
          .sort(),
        [
          [second.id, "owner"],
          ["unknown", "viewer"],
        ].sort(),
      );
      assert.deepEqual(await store.listAlbumMembers({ albumId, after: "unknown", limit: 10 }), []);
    },
  },
  {
    name: "counts shots when they are created, the same ref once, and gives them back where no file comes of them",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const { id: albumId } = await newAlbum(scene, owner.id, { shotsPerMember: 2 });
      const aborted = await scene.create(owner.id, { albumId, ref: "one" });
      assert.equal(aborted.albumId, albumId);
      assert.equal((await scene.createOutcome(owner.id, { albumId, ref: "one" })).outcome, "existing");
      assert.equal((await scene.createOutcome(owner.id, { ref: "one" })).outcome, "ref-reused");
      assert.equal(await shots(scene, albumId, owner.id), 1);
      const refused = await scene.createOutcome(owner.id, { albumId }, { quotaBytes: 1 });
      assert.equal(refused.outcome, "quota-exceeded");
      assert.equal(await shots(scene, albumId, owner.id), 1, "a refusal takes none");
      const rejected = await scene.createClaimed(owner.id, { albumId });
      await scene.unchanged(async () => {
        assert.deepEqual(await scene.createOutcome(owner.id, { albumId }), {
          outcome: "no-shots-left",
          shotsPerMember: 2,
        });
      });
      await scene.finish(rejected, rejectedResult);
      assert.equal(await shots(scene, albumId, owner.id), 1);
      const abort = { uploadId: aborted.id, actor: "system", detail: "" } as const;
      await store.abortUpload(abort);
      await store.abortUpload(abort);
      await store.releaseReservation({ uploadId: aborted.id });
      assert.equal(await shots(scene, albumId, owner.id), 0, "once each");
      await scene.createReady(owner.id, { albumId });
      assert.equal(await shots(scene, albumId, owner.id), 1, "a file keeps its shot");
    },
  },
  {
    name: "gives nobody more shots than there are, however many they take at once, or leave and come again",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const guest = await scene.newOwner();
      const actor = { principalId: owner.id };
      const { id: albumId } = await newAlbum(scene, owner.id, { shotsPerMember: 3 });
      const join = { albumId, userId: guest.id, role: "contributor", actor } as const;
      assert.deepEqual(await scene.createOutcome(guest.id, { albumId }), { outcome: "album-missing" });
      await store.setAlbumMember({ ...join, role: "viewer" });
      assert.deepEqual(await scene.createOutcome(guest.id, { albumId }), { outcome: "album-missing" });
      await store.setAlbumMember(join);
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => scene.createOutcome(guest.id, { albumId })),
      );
      assert.equal(outcomes.filter(({ outcome }) => outcome === "created").length, 3);
      assert.equal(await store.removeAlbumMember(join), "done");
      await store.setAlbumMember(join);
      assert.equal(await shots(scene, albumId, guest.id), 3);
      assert.equal((await scene.createOutcome(guest.id, { albumId })).outcome, "no-shots-left");
      assert.equal(
        (await scene.createOutcome(owner.id, { albumId })).outcome,
        "created",
        "each has their own",
      );
    },
  },
  {
    name: "seals what becomes ready in a sealed album: counted, in no list, its bytes used, nobody's to change",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const { id: albumId } = await sealedAlbum(scene, owner.id);
      const file = await scene.createReady(owner.id, { albumId, name: "a.jpg", metadata: { step: "1" } });
      assert.equal(file.state, "sealed");
      assert.equal(file.sealedBy, albumId);
      assert.equal(file.albumIds, undefined);
      assert.equal(await count(scene, albumId), 1);
      assert.deepEqual(await scene.counters(owner.id), { used: 1000, reserved: 0, open: 0 });
      for (const list of [
        { by: "created" },
        { by: "taken", type: "image" },
        { by: "name" },
        { by: "search", text: "a" },
        { by: "metadata", name: "step", value: "1" },
        { by: "trashed" },
        { by: "audience", audience: albumAudience(albumId) },
      ] as const)
        assert.deepEqual(await store.listFiles({ ownerId: owner.id, list, limit: 10 }), [], list.by);
      const command = { fileId: file.id, revision: 1, actor: { principalId: owner.id } };
      const orders = [{ fileId: file.id, version: 1, name: "page", page: 2, madeAs: "x" }];
      await scene.unchanged(async () => {
        const refused = { outcome: "wrong-state", file };
        assert.deepEqual(await store.trashFile(command), refused);
        assert.deepEqual(await store.restoreFile(command), refused);
        assert.deepEqual(await store.changeFile({ ...command, change: { name: "b" } }), refused);
        assert.deepEqual(await store.releaseFile(command), refused);
        assert.deepEqual(await store.askDerivatives({ actor: "system", orders }), [{ outcome: "missing" }]);
        assert.equal(await store.removeAlbumFile({ albumId, ...command }), "missing");
        assert.equal(await store.unsealFiles({ albumId, limit: 10 }), 0);
        const remove = { albumId, revision: 1, actor: command.actor };
        assert.equal((await store.deleteAlbum(remove)).outcome, "sealed");
      });
      assert.equal((await store.purgeFile(command)).outcome, "done");
      assert.equal(await count(scene, albumId), 0);
      assert.equal(await shots(scene, albumId, owner.id), 1);
      const coming = await scene.create(owner.id, { albumId });
      const remove = { albumId, revision: 1, actor: command.actor };
      const kept = await scene.unchanged(() => store.deleteAlbum(remove));
      assert.equal(kept.outcome, "sealed", "what is being sent was promised to be sealed");
      await store.abortUpload({ uploadId: coming.id, actor: "system", detail: "" });
      assert.equal((await store.deleteAlbum(remove)).outcome, "done", "an empty one goes");
    },
  },
  {
    name: "reveals once, by hand or where all clocks agree that it is time",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const made = await sealedAlbum(scene, owner.id);
      const albumId = made.id;
      const byClocks = (...clocksMs: number[]) =>
        store.revealAlbum({ albumId, actor: "system", due: { clocksMs } });
      const hourMs = 60 * minuteMs;
      await scene.unchanged(async () => {
        assert.deepEqual(await store.listDueAlbums(10), []);
        assert.equal((await byClocks(clock.nowMs(), clock.nowMs())).outcome, "not-due");
        assert.equal((await byClocks(clock.nowMs() + hourMs)).outcome, "clocks-disagree");
      });
      clock.advance(hourMs);
      await scene.unchanged(async () => {
        assert.deepEqual(idsOf(await store.listDueAlbums(10)), [albumId]);
        assert.equal((await byClocks(clock.nowMs() - hourMs, clock.nowMs())).outcome, "clocks-disagree");
        assert.equal((await byClocks(clock.nowMs() - minuteMs)).outcome, "not-due", "by the slowest");
      });
      const revealed = await scene.audited(
        { actor: "system", action: "album.revealed", targetId: albumId },
        () => byClocks(clock.nowMs(), clock.nowMs() + minuteMs),
      );
      assert.deepEqual(revealed, {
        outcome: "revealed",
        album: { ...made, revealedAtMs: clock.nowMs(), revision: 2, isUnsealed: true },
      });
      clock.advance(minuteMs);
      await scene.unchanged(async () => {
        const again = await store.revealAlbum({ albumId, actor: { principalId: owner.id } });
        assert.equal(again.outcome, "not-sealed");
        assert.deepEqual(await store.listDueAlbums(10), []);
      });
      assert.deepEqual(await store.revealAlbum({ albumId: "none", actor: "system" }), { outcome: "missing" });
      const early = await sealedAlbum(scene, owner.id);
      const actor = { principalId: owner.id };
      assert.equal((await store.revealAlbum({ albumId: early.id, actor })).outcome, "revealed");
      const plain = await newAlbum(scene, owner.id);
      assert.equal((await store.revealAlbum({ albumId: plain.id, actor })).outcome, "not-sealed");
    },
  },
  {
    name: "unseals what was sealed, batch by batch, what was found bad meanwhile into quarantine, and late comers not at all",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const { id: albumId } = await sealedAlbum(scene, owner.id);
      const files = [];
      for (let n = 0; n < 4; n += 1)
        files.push(await scene.createReady(owner.id, { albumId, name: `${n}.jpg` }));
      const [bad, alone] = files;
      assert.ok(bad && alone);
      const found = { finding: "Bad", scanner: "Test" };
      const quarantine = { fileId: bad.id, version: 1, key: bad.current.key, ...found };
      const noted = await scene.audited(
        { actor: "system", action: "file.quarantined", targetId: bad.id },
        () => store.quarantineFile(quarantine),
      );
      assert.ok(noted.outcome === "done");
      assert.equal(noted.file.state, "sealed");
      assert.equal(noted.file.quarantine?.from, "ready");
      assert.equal((await store.quarantineFile(quarantine)).outcome, "already");
      assert.equal(await count(scene, albumId), 4, "a later scan's find changes no count before the reveal");
      const late = await scene.createClaimed(owner.id, { albumId });
      await store.revealAlbum({ albumId, actor: "system" });
      assert.deepEqual(idsOf(await store.listUnsealingAlbums(10)), [albumId]);
      await scene.finish(late, readyResult(late));
      assert.equal((await scene.file(late.fileId)).state, "ready");
      assert.equal(await store.unsealFiles({ albumId, fileId: alone.id, limit: 1 }), 1);
      assert.equal((await scene.file(alone.id)).state, "ready");
      assert.equal(await store.unsealFiles({ albumId, fileId: alone.id, limit: 1 }), 0);
      assert.equal(await store.unsealFiles({ albumId, limit: 2 }), 2);
      assert.equal(await store.unsealFiles({ albumId, limit: 2 }), 1);
      assert.deepEqual(await store.listUnsealingAlbums(10), []);
      assert.equal((await album(scene, albumId)).album.isUnsealed, true);
      const { state, trashedAtMs, sealedBy } = await scene.file(bad.id);
      assert.deepEqual([state, trashedAtMs, sealedBy], ["quarantined", clock.nowMs(), undefined]);
      assert.equal(await count(scene, albumId), 4);
      assert.equal((await listed(scene, albumId)).length, 4);
      const own = await store.listFiles({ ownerId: owner.id, list: { by: "search", text: "1" }, limit: 10 });
      assert.deepEqual(idsOf(own), [alone.id]);
      const unsealed = (await scene.auditEvents()).filter(({ action }) => action === "file.unsealed");
      assert.deepEqual(unsealed.map(({ targetId }) => targetId).sort(), idsOf(files).sort());
    },
  },
  {
    name: "lists nothing of an album that is being unsealed, in any list that its files belong to, before all of it is",
    async run(scene) {
      const { store } = scene;
      const [owner, sender, other] = [await scene.newOwner(), await scene.newOwner(), await scene.newOwner()];
      const { id: albumId } = await sealedAlbum(scene, owner.id);
      const actor = { principalId: owner.id };
      await store.setAlbumMember({ albumId, userId: sender.id, role: "contributor", actor });
      const shown = { albumId, name: "zebra", audience: { kind: "public" } } as const;
      const sealed = [
        await scene.createReady(sender.id, { albumId, name: "zebra" }),
        await scene.createReady(sender.id, shown),
        await scene.createReady(sender.id, shown),
      ];
      const own: readonly FileList[] = [{ by: "created" }, { by: "name" }, { by: "search", text: "zebra" }];
      const lists = [
        ...own.map((list) => ({ ownerId: sender.id, list, limit: 10 })),
        ...[albumAudience(albumId), publicAudience].map((audience) => {
          const list = { by: "audience", audience } as const;
          return { ownerId: "", list, limit: 10 };
        }),
      ];
      const elsewhere = [
        { ownerId: other.id, list: { by: "created" }, limit: 10 },
        { ownerId: "", list: { by: "audience", audience: albumAudience("other") }, limit: 10 },
        { ownerId: "", list: { by: "audience", audience: personAudience(sender.id) }, limit: 10 },
      ] as const;
      const hold = async (expected: readonly (number | "unsealing")[]) => {
        const told: (number | "unsealing")[] = [];
        for (const query of lists) {
          const result = await store.listRevealedFiles(query);
          if (result.outcome === "unsealing") assert.equal(result.album.id, albumId);
          told.push(result.outcome === "unsealing" ? "unsealing" : result.files.length);
        }
        assert.deepEqual(told, expected);
        for (const query of elsewhere)
          assert.deepEqual(await store.listRevealedFiles(query), { outcome: "listed", files: [] });
      };
      await hold([0, 0, 0, 0, 0]);
      await store.revealAlbum({ albumId, actor });
      for (const { id: fileId } of sealed) {
        await hold(Array.from({ length: 5 }, () => "unsealing" as const));
        assert.equal(await store.unsealFiles({ albumId, limit: 1, fileId }), 1);
      }
      await hold([3, 3, 3, 3, 2]);
    },
  },
  {
    name: "lists and counts what is ready in an album, through trash, quarantine and purge",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const { id: albumId } = await newAlbum(scene, owner.id);
      const file = await scene.createReady(owner.id, { albumId });
      assert.deepEqual(file.albumIds, [albumId]);
      assert.deepEqual(await store.findAlbumFile({ albumId, fileId: file.id }), { addedBy: owner.id });
      const actor = { principalId: owner.id };
      const command = (revision: number) => ({ fileId: file.id, revision, actor });
      const counted = async (expected: number) => {
        assert.equal(await count(scene, albumId), expected);
        assert.equal((await listed(scene, albumId)).length, expected);
      };
      await counted(1);
      await store.trashFile(command(1));
      await counted(0);
      await store.restoreFile(command(2));
      await counted(1);
      const key = file.current.key;
      await store.quarantineFile({ fileId: file.id, version: 1, key, finding: "Bad", scanner: "Test" });
      await counted(0);
      await store.releaseFile(command(4));
      await counted(1);
      await store.changeFile({ ...command(5), change: { name: "b.jpg" } });
      await counted(1);
      await store.purgeFile(command(6));
      await counted(0);
      assert.equal(await store.findAlbumFile({ albumId, fileId: file.id }), undefined);
    },
  },
  {
    name: "puts a ready file into albums in which its owner may add, none of them sealed, and takes it out",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const other = await scene.newOwner();
      const [one, two, theirs] = [
        await newAlbum(scene, owner.id),
        await newAlbum(scene, owner.id),
        await newAlbum(scene, other.id),
      ];
      const sealed = await sealedAlbum(scene, owner.id);
      const file = await scene.createReady(owner.id);
      const actor = { principalId: owner.id };
      const put = (revision: number, ...albumIds: string[]) =>
        store.changeFile({ fileId: file.id, revision, actor, change: { albumIds } });
      await scene.unchanged(async () => {
        for (const id of [theirs.id, sealed.id, "none"])
          assert.deepEqual(await put(1, one.id, id), { outcome: "album-refused" }, id);
        assert.equal((await put(9, "none")).outcome, "stale");
      });
      const both = await scene.audited(
        {
          actor: owner.id,
          action: "file.changed",
          targetId: file.id,
          detail: JSON.stringify({ albumIds: [two.id, one.id] }),
        },
        () => put(1, two.id, one.id),
      );
      assert.ok(both.outcome === "done");
      assert.deepEqual(both.file.albumIds, [one.id, two.id].sort());
      assert.deepEqual(await listed(scene, two.id), [file.id]);
      await store.setAlbumMember({ albumId: one.id, userId: other.id, role: "owner", actor });
      await store.removeAlbumMember({ albumId: one.id, userId: owner.id, actor });
      assert.equal((await put(2, one.id)).outcome, "done", "where it is already it may stay");
      assert.deepEqual(await listed(scene, two.id), []);
      assert.equal(await count(scene, two.id), 0);
      const detail = JSON.stringify({ albumId: one.id });
      const event = { actor: other.id, action: "album.file-removed", targetId: file.id, detail } as const;
      const remove = { albumId: one.id, fileId: file.id, actor: { principalId: other.id } };
      assert.equal(await scene.audited(event, () => store.removeAlbumFile(remove)), "done");
      assert.equal(await store.removeAlbumFile(remove), "missing");
      assert.equal(await count(scene, one.id), 0);
      assert.deepEqual(await scene.file(file.id), { ...file, revision: 4 });
    },
  },
  {
    name: "says of members and of nobody else that a file is in an album of theirs, until it is deleted",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const { id: albumId } = await newAlbum(scene, owner.id);
      const file = await scene.createReady(owner.id, { albumId });
      const actor = { principalId: owner.id };
      await store.setAlbumMember({ albumId, userId: "friend", role: "viewer", actor });
      const access = async (principalId: string, capabilityFor?: string) => {
        const of = capabilityFor === undefined ? {} : { albumId: capabilityFor };
        const [found] = await store.findFileAccess({ principalId, ...of, fileIds: [file.id] });
        return found?.albumIds;
      };
      assert.deepEqual(await access("friend"), [albumId]);
      assert.deepEqual(await access("link", albumId), [albumId]);
      assert.deepEqual(await access("stranger"), []);
      await store.removeAlbumMember({ albumId, userId: "friend", actor });
      assert.deepEqual(await access("friend"), []);
      assert.equal((await store.deleteAlbum({ albumId, revision: 2, actor })).outcome, "stale");
      const event = { actor: owner.id, action: "album.deleted", targetId: albumId } as const;
      await scene.audited(event, () => store.deleteAlbum({ albumId, revision: 1, actor }));
      assert.deepEqual(await access("link", albumId), []);
      assert.deepEqual(await store.findAlbums({ principalId: owner.id, albumIds: [albumId] }), []);
      assert.equal(await store.emptyDeletedAlbums(10), 1);
      assert.equal(await store.emptyDeletedAlbums(10), 0);
      assert.deepEqual(await scene.file(file.id), { ...withoutAlbums(file), revision: 2 });
    },
  },
  {
    name: "lets as many join by an invite as it says, each once, and nobody when it has run out",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const { id: albumId } = await newAlbum(scene, owner.id);
      const invite = {
        id: scene.newId(),
        albumId,
        role: "contributor",
        createdBy: owner.id,
        expiresAtMs: clock.nowMs() + minuteMs,
        maxUses: 2,
        tokenHash: "a".repeat(64),
      } as const;
      const { tokenHash, ...told } = invite;
      const event = { actor: owner.id, action: "album.invited", targetId: albumId } as const;
      const made = await scene.audited(event, () => store.createAlbumInvite(invite));
      assert.deepEqual(made, { outcome: "done", invite: { ...told, createdAtMs: clock.nowMs(), uses: 0 } });
      const accept = (userId: string) =>
        store.acceptAlbumInvite({ tokenHash, as: { kind: "person", userId, name: "Ben" } });
      const look = (hash: string) => scene.unchanged(async () => (await store.findAlbumInvite(hash))?.album);
      assert.deepEqual(await look(tokenHash), (await album(scene, albumId, owner.id)).album);
      assert.equal(await look("b".repeat(64)), undefined);
      const outcomes = await Promise.all(["a", "a", "b", "c", "d"].map(accept));
      assert.deepEqual(outcomes.map(({ outcome }) => outcome).sort(), [
        "already",
        "joined",
        "joined",
        "missing",
        "missing",
      ]);
      assert.equal((await store.listAlbumInvites(albumId))[0]?.uses, 2);
      assert.equal(await look(tokenHash), undefined, "used up");
      assert.equal((await accept("a")).outcome, "already");
      assert.equal((await album(scene, albumId, "a")).member?.name, "Ben");
      clock.advance(minuteMs);
      assert.deepEqual(await store.listAlbumInvites(albumId), []);
      await scene.unchanged(async () => assert.deepEqual(await accept("a"), { outcome: "missing" }));
      await store.createAlbumInvite({
        ...invite,
        id: "second",
        tokenHash: "b",
        expiresAtMs: clock.nowMs() + minuteMs,
      });
      const revoke = { albumId, inviteId: "second", actor: { principalId: owner.id } };
      assert.equal((await look("b"))?.id, albumId);
      assert.equal(await store.revokeAlbumInvite({ ...revoke, albumId: "other" }), "missing");
      assert.equal(await store.revokeAlbumInvite(revoke), "done");
      assert.deepEqual(
        await store.acceptAlbumInvite({ tokenHash: "b", as: { kind: "person", userId: "e" } }),
        { outcome: "missing" },
      );
      assert.equal(await look("b"), undefined, "taken back");
    },
  },
  {
    name: "makes a guest with a right to one album, which ends with their membership and a month after the reveal",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const sealed = await sealedAlbum(scene, owner.id);
      const actor = { principalId: owner.id };
      const accept = async (tokenHash: string) => {
        await store.createAlbumInvite({
          id: scene.newId(),
          albumId: sealed.id,
          role: "contributor",
          createdBy: owner.id,
          expiresAtMs: clock.nowMs() + minuteMs,
          tokenHash,
        });
        const [newId, id] = [scene.newId(), scene.newId()];
        const right = { id, scopes: ["files:read", "uploads:write"] } as const;
        const joined = await scene.audited(
          { actor: newId, action: "album.joined", targetId: sealed.id },
          () => store.acceptAlbumInvite({ tokenHash, as: { kind: "guest", newId, name: "Cy", right } }),
        );
        assert.ok(joined.outcome === "joined");
        return { userId: newId, rightId: id, endsAtMs: joined.endsAtMs };
      };
      const { userId, rightId, endsAtMs } = await accept("a");
      assert.equal(endsAtMs, (sealed.revealAtMs ?? 0) + 30 * 24 * 60 * minuteMs);
      assert.deepEqual(await store.findCapability(rightId), {
        principalId: userId,
        scopes: ["files:read", "uploads:write"],
        capability: { id: rightId, kind: "guest", albumId: sealed.id, endsAtMs },
      });
      assert.equal((await store.findPrincipal(userId))?.name, "Cy");
      const sending = await scene.create(userId, { albumId: sealed.id });
      assert.equal(await store.removeAlbumMember({ albumId: sealed.id, userId, actor }), "done");
      assert.equal(await store.findCapability(rightId), undefined);
      const second = await accept("b");
      await store.abortUpload({ uploadId: sending.id, actor: "system", detail: "" });
      const deleted = await store.deleteAlbum({ albumId: sealed.id, revision: 1, actor });
      assert.equal(deleted.outcome, "done");
      assert.equal(await store.findCapability(second.rightId), undefined);
    },
  },
];

const withoutAlbums = <File extends { readonly albumIds?: unknown }>({ albumIds: _, ...file }: File) => file;
