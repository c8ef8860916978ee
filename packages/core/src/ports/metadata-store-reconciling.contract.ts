import assert from "node:assert/strict";
import { contentKey, derivativeKey } from "../keys.ts";
import type { VersionRecord } from "./metadata-store.ts";
import {
  type MetadataStoreCase,
  readyResult,
  rejectedResult,
  type Scene,
} from "./metadata-store-case.contract.ts";

async function listAllVersions({ store }: Scene, limit: number): Promise<VersionRecord[]> {
  const versions: VersionRecord[] = [];
  for (;;) {
    const after = versions.at(-1)?.storagePrefix;
    const page = await store.listVersions({ limit, ...(after === undefined ? {} : { after }) });
    if (page.length === 0) return versions;
    versions.push(...page);
  }
}

export const reconcilingCases: readonly MetadataStoreCase[] = [
  {
    name: "lists every version once with its objects, whatever its file's state, in pages by storage prefix",
    async run(scene) {
      const { store } = scene;
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      const expected: VersionRecord[] = [];
      for (const [index, owner] of [ann, bob, ann, bob].entries()) {
        const upload = await scene.createClaimed(owner.id, { sizeBytes: 100 + index });
        const thumbnail = {
          name: "thumbnail",
          key: derivativeKey(upload, 1, "thumbnail"),
          contentType: "image/webp",
          width: 4,
          height: 3,
          sizeBytes: 9,
          sha256: "cd".repeat(32),
        };
        const derivatives = index === 0 ? [] : [thumbnail];
        await scene.finish(upload, readyResult(upload, { derivatives }));
        const { id: _, storagePrefix, fileId, ownerId, sizeBytes, sha256 = "" } = upload;
        const key = contentKey(upload, 1);
        expected.push({ fileId, ownerId, version: 1, storagePrefix, key, sizeBytes, sha256, derivatives });
      }
      await store.trashFile({ fileId: expected[1]?.fileId ?? "", revision: 1, actor: "system" });
      const purged = await scene.createReady(ann.id);
      await store.purgeFile({ fileId: purged.id, revision: 1, actor: "system" });
      await scene.finish(await scene.createClaimed(ann.id), rejectedResult);
      await scene.createAborted(ann.id);
      await scene.create(bob.id);
      await scene.createClaimed(bob.id);
      expected.sort((one, other) => (one.storagePrefix < other.storagePrefix ? -1 : 1));
      for (const limit of [1, 3, 1000]) assert.deepEqual(await listAllVersions(scene, limit), expected);
      assert.deepEqual(await store.listVersions({ after: "files/~", limit: 10 }), []);
    },
  },
  {
    name: "finds every file listed as its row says, whatever has become of it, and makes nothing anew",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const files = [];
      for (const name of ["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
        files.push(await scene.createReady(owner.id, { name }));
      const [renamed, trashed, purged] = files.map(
        ({ id }) => ({ fileId: id, revision: 1, actor: "system" }) as const,
      );
      assert.ok(renamed && trashed && purged);
      await store.changeFile({ ...renamed, change: { name: "other name.jpg", metadata: { album: "7" } } });
      await store.trashFile(trashed);
      await store.purgeFile(purged);
      const expected = files
        .filter(({ id }) => id !== purged.fileId)
        .map(({ id }) => ({ fileId: id, ownerId: owner.id, isRight: true }))
        .sort((one, other) => (one.fileId < other.fileId ? -1 : 1));
      assert.deepEqual(await store.listIndexedFiles({ limit: 10 }), expected);
      const after = expected[0]?.fileId ?? "";
      assert.deepEqual(await store.listIndexedFiles({ after, limit: 1 }), expected.slice(1, 2));
      await scene.unchanged(async () => {
        assert.deepEqual(await store.reindexFile(renamed.fileId), { outcome: "unchanged" });
        assert.deepEqual(await store.reindexFile("nobody's"), { outcome: "missing" });
      });
    },
  },
  {
    name: "adds up what rows say of each person, and finds their counters to be that",
    async run(scene) {
      const { store } = scene;
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      await scene.createReady(ann.id, { sizeBytes: 10 });
      const trashed = await scene.createReady(ann.id, { sizeBytes: 20 });
      await store.trashFile({ fileId: trashed.id, revision: 1, actor: "system" });
      const purged = await scene.createReady(ann.id, { sizeBytes: 40 });
      await store.purgeFile({ fileId: purged.id, revision: 1, actor: "system" });
      await scene.createAborted(ann.id, { sizeBytes: 80 });
      const freed = await scene.createAborted(ann.id, { sizeBytes: 160 });
      await store.releaseReservation({ uploadId: freed.id });
      await scene.create(ann.id, { sizeBytes: 320 });
      await scene.complete((await scene.create(ann.id, { sizeBytes: 640 })).id);
      const counters = { usedBytes: 30, reservedBytes: 80 + 320 + 640, usedFiles: 2, openUploads: 2 };
      const nothing = { usedBytes: 0, reservedBytes: 0, usedFiles: 0, openUploads: 0 };
      const expected = [
        { principalId: ann.id, recorded: counters, counted: counters },
        { principalId: bob.id, recorded: nothing, counted: nothing },
      ].sort((one, other) => (one.principalId < other.principalId ? -1 : 1));
      assert.deepEqual(await store.listCounters({ limit: 10 }), expected);
      assert.deepEqual(await store.listCounters({ limit: 1 }), expected.slice(0, 1));
      const after = expected[0]?.principalId ?? "";
      assert.deepEqual(await store.listCounters({ after, limit: 10 }), expected.slice(1));
    },
  },
  {
    name: "recounts nothing where counters are right, and nobody who is not there",
    async run(scene) {
      const owner = await scene.newOwner();
      await scene.createReady(owner.id);
      await scene.create(owner.id);
      await scene.unchanged(async () => {
        assert.deepEqual(await scene.store.recountPrincipal(owner.id), { outcome: "unchanged" });
        assert.deepEqual(await scene.store.recountPrincipal("nobody"), { outcome: "missing" });
      });
    },
  },
];
