import assert from "node:assert/strict";
import { type ArchiveRequest, archiveLifetimeMs } from "../archives/archive.ts";
import { archivePartKey } from "../keys.ts";
import { lateWriterMs } from "../limits.ts";
import type { ArchiveResult, ArchiveTask } from "./archive-commands.ts";
import { leaseMs, type MetadataStoreCase, minuteMs, type Scene } from "./metadata-store-case.contract.ts";

const lifetimeMs = archiveLifetimeMs;
const request: ArchiveRequest = { kind: "files", fileIds: ["one", "two"] };

async function ask(scene: Scene, ownerId: string, maxPerOwner = 3) {
  const id = scene.newId();
  const keyPrefix = scene.newKey("archives/");
  const asked = await scene.store.askArchive({ id, ownerId, request, keyPrefix, lifetimeMs, maxPerOwner });
  return { id, keyPrefix, asked };
}

async function claimed({ store }: Scene): Promise<ArchiveTask> {
  return (await store.claimArchive({ leaseMs })) ?? assert.fail("nothing waits");
}

const madeOf = (task: ArchiveTask): ArchiveResult & { readonly kind: "made" } => ({
  kind: "made",
  parts: [
    {
      key: archivePartKey(task.keyPrefix, task.attempt, 1),
      sizeBytes: 7,
      sha256: "ab".repeat(32),
      entries: [{ fileId: "one", version: 1, key: "files/a/1/original" }],
    },
  ],
  leftOut: [{ fileId: "two", reason: "not-visible" }],
});

const finish = ({ store }: Scene, task: ArchiveTask, result: ArchiveResult = madeOf(task)) =>
  store.finishArchive({ ...task, result, lifetimeMs });

const isKnown = async ({ store }: Scene, key: string) => (await store.findKnownKeys([key])).has(key);

const doomedKeys = async ({ store }: Scene) =>
  (await store.listDoomedObjects(200)).map(({ key }) => key).sort();

export const archiveCases: readonly MetadataStoreCase[] = [
  {
    name: "lets an archive be asked for, made by one, and gives it to who asked until its end",
    async run(scene) {
      const { store, clock } = scene;
      const { id: ownerId } = await scene.newOwner();
      const { id, keyPrefix, asked } = await ask(scene, ownerId);
      const archive = {
        ...{ id, ownerId, request, state: "waiting", createdAtMs: clock.nowMs() },
        ...{ endsAtMs: clock.nowMs() + lifetimeMs, parts: [], leftOut: [] },
      };
      assert.deepEqual(asked, { outcome: "asked", archive });
      assert.deepEqual(await store.findArchive(id), archive);
      const task = await claimed(scene);
      const making = { ...archive, state: "making" };
      assert.deepEqual(task, { archiveId: id, attempt: 1, archive: making, failedAttempts: 1, keyPrefix });
      assert.equal(await store.claimArchive({ leaseMs }), undefined, "it is in somebody's hands");
      const key = archivePartKey(keyPrefix, 1, 1);
      assert.ok(await isKnown(scene, key), "before anything is written");
      assert.ok(
        await store.beginArchivePart({ ...task, number: 1, storeUploadId: "multipart", fileIds: [] }),
      );
      assert.ok((await store.findKnownMultiparts(["multipart"])).has("multipart"));
      clock.advance(minuteMs);
      const audit = { actor: "system", action: "archive.made", targetId: id } as const;
      assert.equal(await scene.audited(audit, () => finish(scene, task)), "finished");
      const { parts, leftOut } = madeOf(task);
      const ready = { ...archive, state: "ready", endsAtMs: clock.nowMs() + lifetimeMs, parts, leftOut };
      assert.deepEqual(await store.findArchive(id), ready);
      assert.ok(await isKnown(scene, key));
      assert.equal(await isKnown(scene, archivePartKey(keyPrefix, 1, 2)), false, "what it has no part of");
      assert.equal((await store.findKnownMultiparts(["multipart"])).size, 0);
      clock.advance(lifetimeMs - 1);
      assert.equal(await scene.unchanged(() => store.endArchives({ limit: 10 })), 0);
      clock.advance(1);
      const end = { actor: "system", action: "archive.expired", targetId: id } as const;
      assert.equal(await scene.audited(end, () => store.endArchives({ limit: 10 })), 1);
      assert.equal(await store.findArchive(id), undefined);
      assert.deepEqual(await doomedKeys(scene), [key]);
    },
  },
  {
    name: "leaves one audit event of an archive that is asked for, and lets a person have so many at a time",
    async run(scene) {
      const { store, clock } = scene;
      const { id: ownerId } = await scene.newOwner();
      const { id: other } = await scene.newOwner();
      const before = (await scene.auditEvents()).length;
      const first = await ask(scene, ownerId, 2);
      const [event] = (await scene.auditEvents()).slice(before);
      assert.deepEqual(
        { ...event, sequence: 0 },
        { sequence: 0, atMs: clock.nowMs(), actor: ownerId, action: "archive.asked", targetId: first.id },
      );
      await ask(scene, ownerId, 2);
      const refused = await scene.unchanged(() => ask(scene, ownerId, 2));
      assert.deepEqual(refused.asked, { outcome: "too-many" });
      assert.equal((await ask(scene, other, 2)).asked.outcome, "asked");
      // What failed, or went stale, leaves room.
      const task = await claimed(scene);
      const failure = { code: "archive-empty", detail: "Nothing." } as const;
      await finish(scene, task, { kind: "failed", ...failure });
      assert.deepEqual((await store.findArchive(task.archiveId))?.failure, failure);
      assert.equal((await store.findArchive(task.archiveId))?.state, "failed");
      assert.equal((await ask(scene, ownerId, 2)).asked.outcome, "asked");
    },
  },
  {
    name: "gives an archive whose maker was lost to the next, who learns what was begun, and takes nothing of the first any more",
    async run(scene) {
      const { store, clock } = scene;
      const { id: ownerId } = await scene.newOwner();
      const { keyPrefix } = await ask(scene, ownerId);
      const lost = await claimed(scene);
      await store.beginArchivePart({ ...lost, number: 1, storeUploadId: "first", fileIds: [] });
      await store.beginArchivePart({ ...lost, number: 2, storeUploadId: "second", fileIds: [] });
      clock.advance(leaseMs - 1);
      assert.ok(await store.renewArchive({ ...lost, leaseMs }));
      clock.advance(leaseMs);
      const task = await claimed(scene);
      assert.deepEqual(task.abandoned, { key: archivePartKey(keyPrefix, 1, 2), storeUploadId: "second" });
      assert.deepEqual([task.attempt, task.failedAttempts], [2, 2]);
      await scene.unchanged(async () => {
        assert.equal(await store.renewArchive({ ...lost, leaseMs }), false);
        assert.equal(
          await store.beginArchivePart({ ...lost, number: 3, storeUploadId: "x", fileIds: [] }),
          false,
        );
        assert.equal(await store.releaseArchive({ ...lost, retryInMs: 0, consumed: true }), false);
        assert.equal(await finish(scene, lost), "stale");
      });
      const begun = [1, 2].map((number) => archivePartKey(keyPrefix, 1, number));
      assert.deepEqual(await doomedKeys(scene), [], "who was lost may still write");
      clock.advance(lateWriterMs);
      assert.deepEqual(await doomedKeys(scene), begun);
    },
  },
  {
    name: "takes an archive back for a while, and counts what failed and no outage",
    async run(scene) {
      const { store, clock } = scene;
      const { id: ownerId } = await scene.newOwner();
      await ask(scene, ownerId);
      const first = await claimed(scene);
      assert.ok(await store.releaseArchive({ ...first, retryInMs: 1000, consumed: false }));
      assert.equal((await store.findArchive(first.archiveId))?.state, "waiting");
      assert.equal(await store.claimArchive({ leaseMs }), undefined);
      clock.advance(1000);
      const second = await claimed(scene);
      assert.deepEqual([second.attempt, second.failedAttempts], [2, 1]);
      assert.ok(await store.releaseArchive({ ...second, retryInMs: 0, consumed: true }));
      assert.equal((await claimed(scene)).failedAttempts, 2);
    },
  },
  {
    name: "has owners take turns at what waits to be made",
    async run(scene) {
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      for (const { id } of [ann, ann, ann, bob]) await ask(scene, id);
      const owners: string[] = [];
      for (let each = 0; each < 4; each += 1) owners.push((await claimed(scene)).archive.ownerId);
      assert.deepEqual(owners, [ann.id, bob.id, ann.id, ann.id]);
    },
  },
  {
    name: "lists what is ready by id, page by page",
    async run(scene) {
      const { store, clock } = scene;
      const { id: ownerId } = await scene.newOwner();
      const ids: string[] = [];
      for (let each = 0; each < 3; each += 1) {
        clock.advance(1);
        ids.push((await ask(scene, ownerId)).id);
      }
      const first = await claimed(scene);
      await finish(scene, first);
      await finish(scene, await claimed(scene));
      const ready = await store.listReadyArchives({ limit: 1 });
      assert.deepEqual(ready, [await store.findArchive(ids[0] ?? "")]);
      const after = ready[0]?.id ?? "";
      assert.deepEqual(
        (await store.listReadyArchives({ after, limit: 5 })).map(({ id }) => id),
        ids.slice(1, 2),
      );
    },
  },
  {
    name: "outdates a ready archive once, dooms its parts, and nothing of another",
    async run(scene) {
      const { store } = scene;
      const { id: ownerId } = await scene.newOwner();
      const { id } = await ask(scene, ownerId);
      assert.equal(await scene.unchanged(() => store.outdateArchive(id)), false);
      const task = await claimed(scene);
      await finish(scene, task);
      const audit = { actor: "system", action: "archive.outdated", targetId: id } as const;
      assert.equal(await scene.audited(audit, () => store.outdateArchive(id)), true);
      const outdated = await store.findArchive(id);
      assert.deepEqual([outdated?.state, outdated?.parts], ["stale", []]);
      assert.deepEqual(await doomedKeys(scene), [archivePartKey(task.keyPrefix, 1, 1)]);
      assert.equal(await scene.unchanged(() => store.outdateArchive(id)), false);
    },
  },
  {
    name: "ends all of one owner's, those that are being made too, and leaves others' alone",
    async run(scene) {
      const { store, clock } = scene;
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      await ask(scene, ann.id);
      await finish(scene, await claimed(scene));
      await ask(scene, ann.id);
      const making = await claimed(scene);
      await store.beginArchivePart({ ...making, number: 1, storeUploadId: "begun", fileIds: [] });
      const bobs = await ask(scene, bob.id);
      assert.equal(await store.endArchives({ limit: 1, ownerId: ann.id }), 1);
      assert.equal(await store.endArchives({ limit: 10, ownerId: ann.id }), 1);
      assert.equal(await store.endArchives({ limit: 10, ownerId: ann.id }), 0);
      assert.equal(await finish(scene, making), "stale");
      assert.equal((await store.findArchive(bobs.id))?.state, "waiting");
      clock.advance(lateWriterMs);
      assert.equal((await doomedKeys(scene)).length, 2);
    },
  },
  {
    name: "counts archives that failed or are stale for as long as the store has something of them, and doubts what was made until it is settled",
    async run(scene) {
      const { store, clock } = scene;
      const { id: ownerId } = await scene.newOwner();
      await ask(scene, ownerId, 1);
      const task = await claimed(scene);
      await store.beginArchivePart({ ...task, number: 1, storeUploadId: "multipart", fileIds: ["one"] });
      await finish(scene, task);
      const [doubted] = await store.listDoubtedArchives({ limit: 10 });
      assert.equal(doubted?.archive.id, task.archiveId);
      await store.settleArchive({ id: task.archiveId, doubts: doubted.doubts });
      assert.ok(await store.outdateArchive(task.archiveId));
      assert.deepEqual(await store.listDoubtedArchives({ limit: 10 }), []);
      assert.equal((await ask(scene, ownerId, 1)).asked.outcome, "too-many", "its part is still there");
      await store.forgetDoomedObjects(await doomedKeys(scene));
      assert.equal((await ask(scene, ownerId, 1)).asked.outcome, "asked");
      const next = await claimed(scene);
      await store.beginArchivePart({ ...next, number: 1, storeUploadId: "multipart", fileIds: [] });
      await finish(scene, next, { kind: "failed", code: "processing-failed", detail: "It failed." });
      assert.equal((await ask(scene, ownerId, 1)).asked.outcome, "too-many", "what it had begun is");
      clock.advance(lateWriterMs);
      await store.forgetDoomedObjects(await doomedKeys(scene));
      assert.equal((await ask(scene, ownerId, 1)).asked.outcome, "asked");
    },
  },
];
