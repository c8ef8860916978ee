import assert from "node:assert/strict";
import type { Actor } from "../audit-event.ts";
import type { UploadRecord, UploadState } from "../upload.ts";
import {
  type MetadataStoreCase,
  minuteMs,
  readyResult,
  rejectedResult,
  type Scene,
  uploadLifetimeMs,
  urlLifetimeMs,
} from "./metadata-store-case.contract.ts";

const lives = { uploadLifetimeMs, urlLifetimeMs };

/** One upload in every state past pending. */
async function createOnePastPendingEach(scene: Scene, ownerId: string): Promise<UploadRecord[]> {
  const uploads: UploadRecord[] = [await scene.createAborted(ownerId)];
  for (const result of [readyResult, () => rejectedResult]) {
    const upload = await scene.createClaimed(ownerId);
    await scene.finish(upload, result(upload));
    uploads.push(await scene.upload(upload.id));
  }
  uploads.push(await scene.createClaimed(ownerId));
  const { id } = await scene.create(ownerId);
  uploads.push(await scene.complete(id));
  assert.deepEqual(uploads.map(({ state }) => state).sort(), [
    "aborted",
    "ready",
    "rejected",
    "uploaded",
    "verifying",
  ] satisfies UploadState[]);
  return uploads;
}

export const pendingCases: readonly MetadataStoreCase[] = [
  {
    name: "remints a pending upload: both lives begin anew, told and audited by who asked",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const made = await scene.create(owner.id);
      clock.advance(uploadLifetimeMs - 1);
      const actor: Actor = { principalId: owner.id };
      const result = await scene.audited(
        { actor: owner.id, action: "upload.reminted", targetId: made.id },
        () => store.remintUpload({ uploadId: made.id, actor, ...lives }),
      );
      const upload = {
        ...made,
        expiresAtMs: clock.nowMs() + uploadLifetimeMs,
        urlsUntilMs: clock.nowMs() + urlLifetimeMs,
      };
      assert.deepEqual(result, { outcome: "minted", upload });
      assert.deepEqual(await store.findUpload(made.id), upload);
      assert.deepEqual((await store.listUploadEvents(made.id)).at(-1), {
        atMs: clock.nowMs(),
        type: "reminted",
        detail: "",
      });
      assert.deepEqual(await scene.counters(owner.id), { used: 0, reserved: 1000, open: 1 });
    },
  },
  {
    name: "remints with a shorter life without forgetting the longest URL",
    async run(scene) {
      const owner = await scene.newOwner();
      const made = await scene.create(owner.id);
      scene.clock.advance(1000);
      const result = await scene.store.remintUpload({
        uploadId: made.id,
        actor: "system",
        uploadLifetimeMs: 5000,
        urlLifetimeMs: 1000,
      });
      assert.equal(result.outcome, "minted");
      assert.equal(result.upload.urlsUntilMs, made.urlsUntilMs);
      assert.equal(result.upload.expiresAtMs, scene.clock.nowMs() + 5000);
    },
  },
  {
    name: "remints onto a new key and dooms the old one from when its last URL ends",
    async run(scene) {
      const { store, clock } = scene;
      const made = await scene.create((await scene.newOwner()).id);
      const landingKey = scene.newKey("uploads/");
      clock.advance(minuteMs);
      const result = await store.remintUpload({ uploadId: made.id, actor: "system", ...lives, landingKey });
      assert.equal(result.outcome === "minted" && result.upload.landingKey, landingKey);
      assert.equal((await scene.upload(made.id)).landingKey, landingKey);
      clock.advance(made.urlsUntilMs - clock.nowMs() - 1);
      assert.deepEqual(await store.listDoomedObjects(10), []);
      clock.advance(1);
      assert.deepEqual(await store.listDoomedObjects(10), [
        { key: made.landingKey, notBeforeMs: made.urlsUntilMs },
      ]);
    },
  },
  {
    name: "completes a pending upload once, even after it ran out, and says afterwards what has become of it",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const made = await scene.create(owner.id);
      clock.advance(uploadLifetimeMs + 1);
      const actor: Actor = { principalId: owner.id };
      const result = await scene.audited(
        { actor: owner.id, action: "upload.completed", targetId: made.id },
        () => store.completeUpload({ uploadId: made.id, actor }),
      );
      const upload = { ...made, state: "uploaded" };
      assert.deepEqual(result, { outcome: "completed", upload });
      assert.deepEqual(await store.findUpload(made.id), upload);
      assert.deepEqual((await store.listUploadEvents(made.id)).at(-1), {
        atMs: clock.nowMs(),
        type: "uploaded",
        detail: "",
      });
      assert.deepEqual(await scene.counters(owner.id), { used: 0, reserved: 1000, open: 1 });
      clock.advance(1);
      assert.deepEqual(await scene.unchanged(() => store.completeUpload({ uploadId: made.id, actor })), {
        outcome: "not-pending",
        upload,
      });
    },
  },
  {
    name: "aborts a pending upload: it is open no more, and its bytes stay reserved",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const made = await scene.create(owner.id);
      clock.advance(minuteMs);
      const result = await scene.audited(
        { actor: owner.id, action: "upload.aborted", targetId: made.id },
        () =>
          store.abortUpload({
            uploadId: made.id,
            actor: { principalId: owner.id },
            detail: "Changed my mind.",
          }),
      );
      const upload = { ...made, state: "aborted", endedAtMs: clock.nowMs() };
      assert.deepEqual(result, { outcome: "aborted", upload });
      assert.deepEqual(await store.findUpload(made.id), upload);
      assert.deepEqual((await store.listUploadEvents(made.id)).at(-1), {
        atMs: clock.nowMs(),
        type: "aborted",
        detail: "Changed my mind.",
      });
      assert.deepEqual(await scene.counters(owner.id), { used: 0, reserved: 1000, open: 0 });
    },
  },
  {
    name: "dooms an aborted upload's landing key from a minute after its last URL ends",
    async run(scene) {
      const { store, clock } = scene;
      const aborted = await scene.createAborted((await scene.newOwner()).id);
      clock.advance(aborted.urlsUntilMs + minuteMs - clock.nowMs() - 1);
      assert.deepEqual(await store.listDoomedObjects(10), []);
      clock.advance(1);
      assert.deepEqual(await store.listDoomedObjects(10), [
        { key: aborted.landingKey, notBeforeMs: aborted.urlsUntilMs + minuteMs },
      ]);
    },
  },
  {
    name: "aborts with ifExpired only what has run out, a remint counted",
    async run(scene) {
      const { store, clock } = scene;
      const made = await scene.create((await scene.newOwner()).id);
      const abort = () =>
        store.abortUpload({ uploadId: made.id, actor: "system", detail: "Ran out.", ifExpired: true });
      clock.advance(uploadLifetimeMs - 1);
      assert.deepEqual(await scene.unchanged(abort), { outcome: "not-expired", upload: made });
      await store.remintUpload({ uploadId: made.id, actor: "system", ...lives });
      clock.advance(1);
      assert.equal((await scene.unchanged(abort)).outcome, "not-expired");
      clock.advance(uploadLifetimeMs - 1);
      assert.equal((await abort()).outcome, "aborted");
    },
  },
  {
    name: "refuses to remint, complete or abort what is past pending, and changes nothing of it",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const uploads = await createOnePastPendingEach(scene, owner.id);
      clock.advance(uploadLifetimeMs * 2);
      for (const upload of uploads) {
        const command = { uploadId: upload.id, actor: "system" } as const;
        const landingKey = scene.newKey("uploads/");
        const expected = { outcome: "not-pending", upload };
        await scene.unchanged(async () => {
          assert.deepEqual(await store.remintUpload({ ...command, ...lives, landingKey }), expected);
          assert.deepEqual(await store.completeUpload(command), expected);
          assert.deepEqual(await store.abortUpload({ ...command, detail: "" }), expected);
          assert.deepEqual(await store.abortUpload({ ...command, detail: "", ifExpired: true }), expected);
        });
      }
    },
  },
  {
    name: "says of what does not exist that it is missing",
    async run(scene) {
      const { store } = scene;
      await scene.createReady((await scene.newOwner()).id);
      const command = { uploadId: scene.newId(), actor: "system" } as const;
      await scene.unchanged(async () => {
        assert.deepEqual(await store.remintUpload({ ...command, ...lives }), { outcome: "missing" });
        assert.deepEqual(await store.completeUpload(command), { outcome: "missing" });
        assert.deepEqual(await store.abortUpload({ ...command, detail: "" }), { outcome: "missing" });
        assert.equal(await store.releaseReservation(command), false);
        assert.equal(await store.renewClaim({ ...command, attempt: 1, leaseMs: 1 }), false);
        await store.markProbed(command.uploadId);
        assert.equal(await store.findUpload(command.uploadId), undefined);
        assert.equal(await store.findFile(command.uploadId), undefined);
        assert.deepEqual(await store.listUploadEvents(command.uploadId), []);
      });
    },
  },
  {
    name: "frees an aborted upload's reservation once, and no other's",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const uploads = await createOnePastPendingEach(scene, owner.id);
      uploads.push(await scene.create(owner.id));
      const [aborted, ...others] = uploads;
      assert.ok(aborted);
      await scene.unchanged(async () => {
        for (const { id: uploadId } of others)
          assert.equal(await store.releaseReservation({ uploadId }), false);
      });
      const before = await scene.counters(owner.id);
      assert.equal(await store.releaseReservation({ uploadId: aborted.id }), true);
      assert.deepEqual(await scene.counters(owner.id), { ...before, reserved: before.reserved - 1000 });
      await scene.unchanged(async () =>
        assert.equal(await store.releaseReservation({ uploadId: aborted.id }), false),
      );
    },
  },
];
