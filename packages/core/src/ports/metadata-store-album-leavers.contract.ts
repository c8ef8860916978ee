import assert from "node:assert/strict";
import type { Scope } from "@stowage/protocol";
import { guestLifeMs } from "../album.ts";
import { albumAudience } from "../policy/audiences.ts";
import type { UploadRecord } from "../upload.ts";
import {
  type MetadataStoreCase,
  minuteMs,
  readyResult,
  rejectedResult,
  type Scene,
} from "./metadata-store-case.contract.ts";

const dayMs = 24 * 60 * minuteMs;

interface Party {
  readonly albumId: string;
  readonly ownerId: string;
  /** Puts a person in, as a contributor; answers their id. */
  enter(): Promise<string>;
  /** Has a guest come in. */
  invite(): Promise<{ readonly guestId: string; readonly rightId: string; readonly endsAtMs: number }>;
  setRole(userId: string, role: "viewer" | "contributor"): Promise<void>;
  putOut(userId: string): Promise<void>;
}

async function newParty(scene: Scene, revealInMs?: number): Promise<Party> {
  const { store, clock } = scene;
  const { id: ownerId } = await scene.newOwner();
  const albumId = scene.newId();
  const actor = { principalId: ownerId };
  const revealAtMs = revealInMs === undefined ? {} : { revealAtMs: clock.nowMs() + revealInMs };
  await store.createAlbum({ id: albumId, ownerId, name: "Wedding", ...revealAtMs });
  const setRole: Party["setRole"] = async (userId, role) =>
    void (await store.setAlbumMember({ albumId, userId, role, actor }));
  return {
    albumId,
    ownerId,
    setRole,
    async enter() {
      const { id } = await scene.newOwner();
      await setRole(id, "contributor");
      return id;
    },
    async invite() {
      const tokenHash = scene.newId();
      await store.createAlbumInvite({
        id: scene.newId(),
        albumId,
        role: "contributor",
        createdBy: ownerId,
        expiresAtMs: clock.nowMs() + minuteMs,
        tokenHash,
      });
      const [newId, id] = [scene.newId(), scene.newId()];
      const scopes: readonly Scope[] = ["files:read", "uploads:write"];
      const as = { kind: "guest", newId, name: "Cy", right: { id, scopes } } as const;
      const joined = await store.acceptAlbumInvite({ tokenHash, as });
      assert.ok(joined.outcome === "joined" && joined.endsAtMs !== undefined);
      return { guestId: newId, rightId: id, endsAtMs: joined.endsAtMs };
    },
    async putOut(userId) {
      assert.equal(await store.removeAlbumMember({ albumId, userId, actor }), "done");
    },
  };
}

/** An upload to an album that a worker has in hands. */
const sendTo = (scene: Scene, albumId: string, ownerId: string) => scene.createClaimed(ownerId, { albumId });

const count = async (scene: Scene, albumId: string) =>
  (await scene.store.findAlbums({ principalId: "", albumIds: [albumId] }))[0]?.album.fileCount;

const finishing = (scene: Scene, upload: UploadRecord) =>
  scene.store.finishUpload({
    uploadId: upload.id,
    attempt: upload.attempt,
    result: readyResult(upload),
    dooms: [],
  });

export const albumLeaverCases: readonly MetadataStoreCase[] = [
  ...(["put out", "made a viewer"] as const).map((how) => ({
    name: `keeps out of an album what a member sent who was ${how} meanwhile: it is a file of theirs alone`,
    async run(scene: Scene) {
      const party = await newParty(scene);
      const memberId = await party.enter();
      const upload = await sendTo(scene, party.albumId, memberId);
      if (how === "put out") await party.putOut(memberId);
      else await party.setRole(memberId, "viewer");
      assert.equal(await finishing(scene, upload), "finished");
      const file = await scene.file(upload.fileId);
      assert.equal(file.state, "ready");
      assert.equal(file.albumIds, undefined);
      assert.equal(await scene.store.findAlbumFile({ albumId: party.albumId, fileId: file.id }), undefined);
      assert.equal(await count(scene, party.albumId), 0);
      const [last] = (await scene.store.listUploadEvents(upload.id)).slice(-1);
      assert.match(last?.detail ?? "", /It is in no album/);
    },
  })),
  ...(["put out", "made a viewer"] as const).map((how) => ({
    name: `makes no file of what a member sent to a sealed album who was ${how} meanwhile`,
    async run(scene: Scene) {
      const party = await newParty(scene, 60 * minuteMs);
      const memberId = await party.enter();
      const upload = await sendTo(scene, party.albumId, memberId);
      if (how === "put out") await party.putOut(memberId);
      else await party.setRole(memberId, "viewer");
      await scene.unchanged(async () => assert.equal(await finishing(scene, upload), "not-in-album"));
      await scene.finish(upload, rejectedResult);
      assert.equal(await count(scene, party.albumId), 0);
      assert.deepEqual(await scene.counters(memberId), { used: 0, reserved: 0, open: 0 });
    },
  })),
  ...(["put out", "made a viewer", "in the album"] as const).map((how) => ({
    name: `${how === "in the album" ? "puts back into an album" : "keeps out of an album"} what comes out of the trash of who is ${how}`,
    async run(scene: Scene) {
      const { store } = scene;
      const [party, other] = [await newParty(scene), await newParty(scene)];
      const memberId = await party.enter();
      await other.setRole(memberId, "contributor");
      const file = await scene.createReady(memberId, { albumId: party.albumId });
      const actor = { principalId: memberId };
      const change = { albumIds: [party.albumId, other.albumId] };
      await store.changeFile({ fileId: file.id, revision: 1, actor, change });
      await store.trashFile({ fileId: file.id, revision: 2, actor });
      if (how === "put out") await party.putOut(memberId);
      if (how === "made a viewer") await party.setRole(memberId, "viewer");
      const stays = how === "in the album" ? [party.albumId, other.albumId].sort() : [other.albumId];
      const detail = how === "in the album" ? undefined : JSON.stringify({ albumIds: stays });
      const event = { actor: memberId, action: "file.restored", targetId: file.id } as const;
      await scene.audited({ ...event, ...(detail === undefined ? {} : { detail }) }, async () => {
        const restored = await store.restoreFile({ fileId: file.id, revision: 3, actor });
        assert.ok(restored.outcome === "done");
        assert.deepEqual([restored.file.state, restored.file.revision], ["ready", 4]);
        assert.deepEqual(restored.file.albumIds, stays);
      });
      assert.equal(await count(scene, party.albumId), how === "in the album" ? 1 : 0);
      assert.equal(await count(scene, other.albumId), 1);
      const list = { by: "audience", audience: albumAudience(party.albumId) } as const;
      const listed = await store.listFiles({ ownerId: "", list, limit: 10 });
      assert.equal(listed.length, how === "in the album" ? 1 : 0);
      await party.setRole(memberId, "contributor");
      assert.equal(await count(scene, party.albumId), how === "in the album" ? 1 : 0);
    },
  })),
  {
    name: "lets nobody in by an invite whom an owner put out, until an owner lets them in again; who left by themselves comes again",
    async run(scene) {
      const { store } = scene;
      const party = await newParty(scene);
      const memberId = await party.enter();
      const tokenHash = scene.newId();
      await store.createAlbumInvite({
        id: scene.newId(),
        albumId: party.albumId,
        role: "viewer",
        createdBy: party.ownerId,
        expiresAtMs: scene.clock.nowMs() + minuteMs,
        tokenHash,
      });
      const accept = async () =>
        (await store.acceptAlbumInvite({ tokenHash, as: { kind: "person", userId: memberId } })).outcome;
      const leave = (actorId: string) =>
        store.removeAlbumMember({
          albumId: party.albumId,
          userId: memberId,
          actor: { principalId: actorId },
        });
      await leave(memberId);
      assert.equal(await accept(), "joined");
      await leave(party.ownerId);
      assert.equal(await scene.unchanged(accept), "put-out");
      assert.equal((await store.findAlbumInvite(tokenHash))?.invite.uses, 1, "it used nothing up");
      await party.setRole(memberId, "viewer");
      assert.equal(await accept(), "already");
      await leave(memberId);
      assert.equal(await accept(), "joined");
    },
  },
  {
    name: "makes no file of what a guest sent who is in its album no more, or whose right or album has ended",
    async run(scene) {
      const { store, clock } = scene;
      const [left, ended, gone] = [await newParty(scene), await newParty(scene), await newParty(scene)];
      const [out, late, homeless] = [await left.invite(), await ended.invite(), await gone.invite()];
      const uploads = [
        await sendTo(scene, left.albumId, out.guestId),
        await sendTo(scene, ended.albumId, late.guestId),
        await sendTo(scene, gone.albumId, homeless.guestId),
      ];
      await left.putOut(out.guestId);
      const actor = { principalId: gone.ownerId };
      assert.equal((await store.deleteAlbum({ albumId: gone.albumId, revision: 1, actor })).outcome, "done");
      clock.advance(guestLifeMs);
      assert.equal(await store.findCapability(late.rightId), undefined);
      for (const upload of uploads)
        await scene.unchanged(async () => assert.equal(await finishing(scene, upload), "not-in-album"));
      for (const upload of uploads)
        assert.equal(await finishing(scene, { ...upload, attempt: upload.attempt + 1 }), "stale");
    },
  },
  {
    name: "lets a guest go on until their right has ended, and what is ready by then stays in the album",
    async run(scene) {
      const party = await newParty(scene);
      const { guestId } = await party.invite();
      scene.clock.advance(guestLifeMs - 1);
      const upload = await sendTo(scene, party.albumId, guestId);
      assert.equal(await finishing(scene, upload), "finished");
      scene.clock.advance(dayMs);
      assert.equal(await count(scene, party.albumId), 1);
    },
  },
  {
    name: "ends a guest's right a month after the reveal, whenever that comes to be, and not before a month after they came",
    async run(scene) {
      const { store, clock } = scene;
      const party = await newParty(scene, dayMs);
      const actor = { principalId: party.ownerId };
      const startMs = clock.nowMs();
      const { rightId, endsAtMs } = await party.invite();
      const end = async () => (await store.findCapability(rightId))?.capability.endsAtMs;
      assert.equal(endsAtMs, startMs + dayMs + guestLifeMs);
      assert.equal(await end(), endsAtMs);
      const moveTo = (revision: number, revealAtMs: number) =>
        store.changeAlbum({ albumId: party.albumId, revision, actor, change: { revealAtMs } });
      assert.equal((await moveTo(1, startMs + 90 * dayMs)).outcome, "done");
      assert.equal(
        await end(),
        startMs + 90 * dayMs + guestLifeMs,
        "a reveal that is moved later takes it along",
      );
      clock.advance(80 * dayMs);
      assert.equal(await store.forgetEndedCapabilities(10), 0);
      assert.equal((await moveTo(2, startMs + 81 * dayMs)).outcome, "done");
      assert.equal(await end(), startMs + 81 * dayMs + guestLifeMs, "and one that is moved earlier");
      await store.revealAlbum({ albumId: party.albumId, actor });
      assert.equal(
        await end(),
        clock.nowMs() + guestLifeMs,
        "it is the reveal that counts, not what was said of it",
      );
      const late = await party.invite();
      clock.advance(dayMs);
      const later = await party.invite();
      assert.equal(late.endsAtMs, startMs + 80 * dayMs + guestLifeMs);
      assert.equal(later.endsAtMs, clock.nowMs() + guestLifeMs, "who comes after it has a month");
      clock.advance(guestLifeMs - dayMs);
      assert.equal(await end(), undefined);
      assert.equal(await store.forgetEndedCapabilities(10), 2);
      assert.equal((await store.findCapability(later.rightId))?.capability.endsAtMs, later.endsAtMs);
    },
  },
];
