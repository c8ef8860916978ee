import assert from "node:assert/strict";
import { contentKey, derivativeKey } from "../keys.ts";
import {
  idsOf,
  type MetadataStoreCase,
  minuteMs,
  readyResult,
  rejectedResult,
  uploadLifetimeMs,
  urlLifetimeMs,
} from "./metadata-store-case.contract.ts";

const lives = { uploadLifetimeMs, urlLifetimeMs };

export const sweepingCases: readonly MetadataStoreCase[] = [
  {
    name: "lists pending uploads that ran out, those that did so first first",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const [reminted, first] = [await scene.create(owner.id), await scene.create(owner.id)];
      await scene.createAborted(owner.id);
      await scene.complete((await scene.create(owner.id)).id);
      clock.advance(1);
      const second = await scene.create(owner.id);
      await store.remintUpload({ uploadId: reminted.id, actor: "system", ...lives });
      clock.advance(1);
      await store.remintUpload({ uploadId: reminted.id, actor: "system", ...lives });
      clock.advance(uploadLifetimeMs - 3);
      assert.deepEqual(await store.listExpiredUploads(10), []);
      clock.advance(1);
      assert.deepEqual(await store.listExpiredUploads(10), [first]);
      clock.advance(2);
      assert.deepEqual(idsOf(await store.listExpiredUploads(10)), [first.id, second.id, reminted.id]);
      assert.deepEqual(idsOf(await store.listExpiredUploads(2)), [first.id, second.id]);
    },
  },
  {
    name: "lists pending uploads whose URLs ended since they were last looked at",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const first = await scene.create(owner.id);
      clock.advance(1);
      const second = await scene.create(owner.id);
      await scene.complete((await scene.create(owner.id)).id);
      await scene.createAborted(owner.id);
      await store.markProbed(second.id);
      clock.advance(urlLifetimeMs - 2);
      assert.deepEqual(await store.listUnprobedUploads(10), []);
      clock.advance(1);
      assert.deepEqual(await store.listUnprobedUploads(10), [first]);
      clock.advance(1);
      assert.deepEqual(idsOf(await store.listUnprobedUploads(10)), [first.id, second.id]);
      assert.deepEqual(idsOf(await store.listUnprobedUploads(1)), [first.id]);
      const auditsBefore = (await scene.auditEvents()).length;
      await store.markProbed(first.id);
      assert.deepEqual(idsOf(await store.listUnprobedUploads(10)), [second.id]);
      await store.remintUpload({ uploadId: first.id, actor: "system", ...lives });
      clock.advance(urlLifetimeMs);
      assert.deepEqual(idsOf(await store.listUnprobedUploads(10)), [second.id, first.id]);
      await store.markProbed(first.id);
      await store.markProbed(second.id);
      assert.deepEqual(await store.listUnprobedUploads(10), []);
      assert.equal((await scene.auditEvents()).length, auditsBefore + 1);
    },
  },
  {
    name: "lists aborted uploads that still reserve bytes, before and after their URLs have ended",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const aborted = await scene.createAborted(owner.id);
      const freed = await scene.createAborted(owner.id);
      await scene.create(owner.id);
      await scene.finish(await scene.createClaimed(owner.id), rejectedResult);
      await store.releaseReservation({ uploadId: freed.id });
      clock.advance(1);
      const later = await scene.createAborted(owner.id);
      clock.advance(urlLifetimeMs - 2);
      assert.deepEqual(await store.listHeldReservations(10), []);
      assert.deepEqual(await store.listUnclosedUploads(10), [aborted, later]);
      assert.deepEqual(await store.listUnclosedUploads(1), [aborted]);
      clock.advance(1);
      assert.deepEqual(await store.listHeldReservations(10), [aborted]);
      assert.deepEqual(await store.listUnclosedUploads(10), [later]);
      clock.advance(1);
      assert.deepEqual(await store.listHeldReservations(10), [aborted, later]);
      assert.deepEqual(await store.listHeldReservations(1), [aborted]);
      assert.deepEqual(await store.listUnclosedUploads(10), []);
      await store.releaseReservation({ uploadId: aborted.id });
      assert.deepEqual(await store.listHeldReservations(10), [later]);
    },
  },
  {
    name: "lists what was trashed before a time, the longest trashed first, restored ones not",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const files = [];
      for (let made = 0; made < 4; made += 1) files.push(await scene.createReady(owner.id));
      const [first, second, third] = files;
      assert.ok(first && second && third);
      const startMs = clock.nowMs();
      for (const { id } of [third, first, second]) {
        await store.trashFile({ fileId: id, revision: 1, actor: "system" });
        clock.advance(minuteMs);
      }
      await store.restoreFile({ fileId: first.id, revision: 2, actor: "system" });
      const list = async (trashedBeforeMs: number, limit = 10) =>
        idsOf(await store.listTrash({ trashedBeforeMs, limit }));
      assert.deepEqual(await list(startMs), []);
      assert.deepEqual(await list(startMs + 1), [third.id]);
      assert.deepEqual(await list(startMs + 2 * minuteMs), [third.id]);
      assert.deepEqual(await list(startMs + 3 * minuteMs), [third.id, second.id]);
      assert.deepEqual(await list(startMs + 3 * minuteMs, 1), [third.id]);
    },
  },
  {
    name: "lists doomed objects when their time has come, earliest first, and forgets them when told",
    async run(scene) {
      const { store, clock } = scene;
      const claimed = await scene.createClaimed((await scene.newOwner()).id);
      const startMs = clock.nowMs();
      const [a, b, c] = [scene.newKey("files/"), scene.newKey("files/"), scene.newKey("files/")];
      const doomed = { a: { key: a, notBeforeMs: startMs + 2 }, b: { key: b, notBeforeMs: startMs + 1 } };
      await store.finishUpload({
        uploadId: claimed.id,
        attempt: 1,
        result: rejectedResult,
        dooms: [doomed.a, doomed.b, { key: c, notBeforeMs: startMs + 9 }, { key: c, notBeforeMs: startMs }],
      });
      assert.deepEqual(await store.listDoomedObjects(10), []);
      clock.advance(1);
      assert.deepEqual(await store.listDoomedObjects(10), [doomed.b]);
      clock.advance(1);
      assert.deepEqual(await store.listDoomedObjects(10), [doomed.b, doomed.a]);
      assert.deepEqual(await store.listDoomedObjects(1), [doomed.b]);
      const auditsBefore = (await scene.auditEvents()).length;
      await store.forgetDoomedObjects([b, "never/doomed"]);
      await store.forgetDoomedObjects([]);
      assert.deepEqual(await store.listDoomedObjects(10), [doomed.a]);
      clock.advance(7);
      assert.deepEqual(
        await store.listDoomedObjects(10),
        [doomed.a, { key: c, notBeforeMs: startMs + 9 }],
        "said twice, the later time counts",
      );
      assert.equal((await scene.auditEvents()).length, auditsBefore);
    },
  },
  {
    name: "knows the keys that rows speak of, and no others",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const pending = await scene.create(owner.id);
      const rejected = await scene.createClaimed(owner.id);
      await scene.finish(rejected, rejectedResult);
      const ready = await scene.createClaimed(owner.id);
      const thumbnail = { name: "thumbnail", key: derivativeKey(ready, 1, "thumbnail"), sizeBytes: 9 };
      const picture = { contentType: "image/webp", width: 4, height: 3 };
      await scene.finish(ready, readyResult(ready, { derivatives: [{ ...thumbnail, ...picture }] }));
      const trashed = await scene.createClaimed(owner.id);
      await scene.finish(trashed, readyResult(trashed));
      await store.trashFile({ fileId: trashed.fileId, revision: 1, actor: "system" });
      const purged = await scene.createClaimed(owner.id);
      await scene.finish(purged, readyResult(purged));
      await store.purgeFile({ fileId: purged.fileId, revision: 1, actor: "system" });
      const verifying = await scene.createClaimed(owner.id);
      const uploaded = await scene.complete((await scene.create(owner.id)).id);
      const aborted = await scene.createAborted(owner.id);

      const known = [pending, verifying, uploaded].flatMap((upload) => [
        upload.landingKey,
        contentKey(upload, 1),
        contentKey(upload, 12),
        derivativeKey(upload, 1, "thumbnail"),
      ]);
      known.push(contentKey(ready, 1), derivativeKey(ready, 1, "thumbnail"), contentKey(trashed, 1));
      known.push(contentKey(purged, 1), aborted.landingKey);
      const unknown = [rejected, ready, trashed, purged].map(({ landingKey }) => landingKey);
      unknown.push(contentKey(rejected, 1), contentKey(aborted, 1), derivativeKey(purged, 1, "preview"));
      // What a worker that came too late wrote beside a file's own objects is swept.
      unknown.push(
        contentKey(ready, 2),
        derivativeKey(ready, 1, "preview"),
        derivativeKey(trashed, 1, "thumbnail"),
      );
      unknown.push(pending.storagePrefix, ready.storagePrefix, `${ready.storagePrefix}0/1/original`);
      unknown.push(`${pending.landingKey}/x`, pending.landingKey.slice(0, -1), "uploads/", "files/", "x");
      const asked = [...unknown, ...known];
      assert.deepEqual([...(await store.findKnownKeys(asked))].sort(), [...known].sort());
      assert.deepEqual(await store.findKnownKeys([]), new Set());

      clock.advance(urlLifetimeMs + minuteMs);
      const doomed = (await store.listDoomedObjects(10)).map(({ key }) => key);
      assert.deepEqual([...doomed].sort(), [aborted.landingKey, contentKey(purged, 1)].sort());
      await store.forgetDoomedObjects(doomed);
      assert.deepEqual(await store.findKnownKeys(doomed), new Set(), "swept, so forgotten");
    },
  },
  {
    name: "finds uploads by their landing keys, in every state, and no others",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const ready = await scene.createClaimed(owner.id);
      await scene.finish(ready, readyResult(ready));
      const pending = await scene.create(owner.id);
      const uploaded = await scene.complete((await scene.create(owner.id)).id);
      const aborted = await scene.createAborted(owner.id);
      const reminted = await scene.create(owner.id);
      const fresh = scene.newKey("uploads/");
      await store.remintUpload({ uploadId: reminted.id, actor: "system", ...lives, landingKey: fresh });
      await scene.create(owner.id);

      const spokenOf = [pending, uploaded, aborted, ready].map(({ landingKey }) => landingKey);
      const other = [reminted.landingKey, pending.storagePrefix, contentKey(ready, 1), "", "uploads/", "x"];
      const found = await store.findUploadsByLandingKeys([...spokenOf, ...other, fresh, pending.landingKey]);
      assert.deepEqual(idsOf(found).sort(), idsOf([pending, uploaded, aborted, ready, reminted]).sort());
      assert.deepEqual(
        found.find(({ id }) => id === pending.id),
        pending,
      );
      assert.equal(found.find(({ id }) => id === ready.id)?.state, "ready");
      assert.deepEqual(await store.findUploadsByLandingKeys([]), []);
      const none = Array.from({ length: 199 }, (_, index) => `uploads/none-${index}`);
      assert.deepEqual(await store.findUploadsByLandingKeys([...none, pending.landingKey]), [pending]);
    },
  },
  {
    name: "answers about a thousand keys at once",
    async run(scene) {
      const owner = await scene.newOwner();
      const upload = await scene.create(owner.id);
      const keys = Array.from({ length: 999 }, (_, index) => `files/none/${index}/original`);
      const known = await scene.store.findKnownKeys([...keys, contentKey(upload, 1)]);
      assert.deepEqual(known, new Set([contentKey(upload, 1)]));
    },
  },
];
