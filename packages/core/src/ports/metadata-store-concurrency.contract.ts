import assert from "node:assert/strict";
import {
  idsOf,
  leaseMs,
  type MetadataStoreCase,
  readyResult,
  rejectedResult,
} from "./metadata-store-case.contract.ts";

const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

const countOf = <T>(values: readonly T[], wanted: T): number =>
  values.filter((value) => value === wanted).length;

export const concurrencyCases: readonly MetadataStoreCase[] = [
  {
    name: "creates exactly as many of 200 concurrent uploads as the quota holds",
    async run(scene) {
      const owner = await scene.newOwner();
      const outcomes = await times(200, () => scene.createOutcome(owner.id, {}, { quotaBytes: 137_500 }));
      const kinds = outcomes.map(({ outcome }) => outcome);
      assert.deepEqual([countOf(kinds, "created"), countOf(kinds, "quota-exceeded")], [137, 63]);
      assert.deepEqual(await scene.counters(owner.id), { used: 0, reserved: 137_000, open: 137 });
      assert.equal((await scene.store.listUploads({ ownerId: owner.id, limit: 200 })).length, 137);
      assert.equal((await scene.auditEvents()).length, 137);
    },
  },
  {
    name: "lets exactly as many uploads be open as may be when batches come at once",
    async run(scene) {
      const owner = await scene.newOwner();
      const batches = await times(10, () =>
        scene.createAll(
          owner.id,
          [1, 2, 3].map(() => scene.newItem()),
          { maxOpenUploads: 17 },
        ),
      );
      const kinds = batches.flat().map(({ outcome }) => outcome);
      assert.deepEqual([countOf(kinds, "created"), countOf(kinds, "too-many-open-uploads")], [17, 13]);
      assert.equal((await scene.counters(owner.id)).open, 17);
    },
  },
  {
    name: "creates one upload for a ref that comes twenty times at once",
    async run(scene) {
      const owner = await scene.newOwner();
      const outcomes = await times(20, () => scene.createOutcome(owner.id, { ref: "same" }));
      const kinds = outcomes.map(({ outcome }) => outcome);
      assert.deepEqual([countOf(kinds, "created"), countOf(kinds, "existing")], [1, 19]);
      const ids = outcomes.map((each) => ("upload" in each ? each.upload.id : ""));
      assert.equal(new Set(ids).size, 1);
      assert.deepEqual(await scene.counters(owner.id), { used: 0, reserved: 1000, open: 1 });
    },
  },
  {
    name: "hands each upload to one of fifty workers that claim at once",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const made = await times(20, () => scene.create(owner.id));
      await Promise.all(made.map(({ id }) => scene.complete(id)));
      const claims = (await times(50, () => store.claimUpload({ leaseMs }))).flatMap((claim) => claim ?? []);
      assert.deepEqual(idsOf(claims).sort(), idsOf(made).sort());
      assert.ok(claims.every(({ attempt }) => attempt === 1));
    },
  },
  {
    name: "lets one of several commands that race over the same row win, and counts it once",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const { id: uploadId } = await scene.create(owner.id);
      const ends = await times(20, async (index): Promise<string> => {
        const command = { uploadId, actor: "system", detail: "" } as const;
        const end = index % 2 ? await store.completeUpload(command) : await store.abortUpload(command);
        return end.outcome;
      });
      assert.equal(countOf(ends, "not-pending"), 19);

      const aborted = await scene.createAborted(owner.id);
      const freed = await times(10, () => store.releaseReservation({ uploadId: aborted.id }));
      assert.equal(countOf(freed, true), 1);

      await store.claimUpload({ leaseMs });
      const claimed = await scene.createClaimed(owner.id);
      const finishes = await times(10, (index) =>
        store.finishUpload({
          uploadId: claimed.id,
          attempt: 1,
          result: index % 2 ? readyResult(claimed) : rejectedResult,
          dooms: [],
        }),
      );
      assert.equal(countOf(finishes, "finished"), 1);

      const file = await scene.createReady(owner.id);
      const command = { fileId: file.id, revision: 1, actor: "system" } as const;
      const changes = await times(10, (index) =>
        index % 2 ? store.trashFile(command) : store.purgeFile(command),
      );
      assert.equal(changes.filter(({ outcome }) => outcome === "done").length, 1);
    },
  },
  {
    name: "commits the good ones of many commands at once beside one that is a mistake",
    async run(scene) {
      const owners = await times(5, () => scene.newOwner());
      const results = await Promise.allSettled([
        ...owners.map(({ id }) => scene.create(id)),
        scene.create("nobody"),
        ...owners.map(({ id }) => scene.create(id)),
      ]);
      assert.deepEqual(
        results.map(({ status }) => status),
        [...Array(5).fill("fulfilled"), "rejected", ...Array(5).fill("fulfilled")],
      );
      for (const { id } of owners) assert.equal((await scene.counters(id)).open, 2);
      assert.equal((await scene.auditEvents()).length, 10);
    },
  },
  {
    name: "keeps exact counters while everything happens to one owner at once",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const made = await times(40, (index) => scene.create(owner.id, { sizeBytes: 1000 + index }));
      await Promise.all(
        made.map(async ({ id }, index) => {
          if (index % 4 === 0) return;
          if (index % 4 === 1) {
            await store.abortUpload({ uploadId: id, actor: "system", detail: "" });
            await store.releaseReservation({ uploadId: id });
            return;
          }
          await scene.complete(id);
          const claimed = await scene.claim();
          await scene.finish(claimed, claimed.sizeBytes % 2 ? readyResult(claimed) : rejectedResult);
        }),
      );
      const uploads = await store.listUploads({ ownerId: owner.id, limit: 200 });
      const files = await store.listFiles({ ownerId: owner.id, list: { by: "created" }, limit: 200 });
      const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
      const open = uploads.filter(({ state }) => state === "pending");
      assert.equal(open.length, 10);
      assert.equal(files.length, 10);
      assert.deepEqual(await scene.counters(owner.id), {
        used: sum(files.map(({ current }) => current.sizeBytes)),
        reserved: sum(open.map(({ sizeBytes }) => sizeBytes)),
        open: 10,
      });
    },
  },
];
