import assert from "node:assert/strict";
import { derivativeKey } from "../keys.ts";
import { leaseMs, type MetadataStoreCase, minuteMs, readyResult } from "./metadata-store-case.contract.ts";

const change = { name: "other.jpg" };

export const fileCases: readonly MetadataStoreCase[] = [
  {
    name: "puts a file into the trash and takes it out again, each a revision, its bytes still used",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const actor = { principalId: owner.id };
      clock.advance(minuteMs);
      const trashed = { ...file, state: "trashed", revision: 2, trashedAtMs: clock.nowMs() };
      assert.deepEqual(
        await scene.audited({ actor: owner.id, action: "file.trashed", targetId: file.id }, () =>
          store.trashFile({ fileId: file.id, revision: 1, actor }),
        ),
        { outcome: "done", file: trashed },
      );
      assert.deepEqual(await store.findFile(file.id), trashed);
      assert.deepEqual(await scene.counters(owner.id), { used: 1000, reserved: 0, open: 0 });
      const restored = { ...file, revision: 3 };
      assert.deepEqual(
        await scene.audited({ actor: owner.id, action: "file.restored", targetId: file.id }, () =>
          store.restoreFile({ fileId: file.id, revision: 2, actor }),
        ),
        { outcome: "done", file: restored },
      );
      assert.deepEqual(await store.findFile(file.id), restored);
    },
  },
  {
    name: "changes a ready file's name, its metadata or both, each a revision, and nothing else of it",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const made = await scene.createReady(owner.id, { name: "a.jpg", metadata: { step: "1", by: "ann" } });
      const upload = (await store.listUploads({ ownerId: owner.id, limit: 1 }))[0];
      clock.advance(minuteMs);
      let file = made;
      for (const change of [
        { name: "b.jpg" },
        { metadata: { step: "2" } },
        { name: "\u{1f4f7} ' OR 1=1 --", metadata: { constructor: "", toString: "é" } },
        { metadata: {} },
      ]) {
        const { revision } = file;
        file = { ...file, ...change, revision: revision + 1 };
        assert.deepEqual(
          await scene.audited({ actor: owner.id, action: "file.changed", targetId: file.id }, () =>
            store.changeFile({ fileId: file.id, revision, actor: { principalId: owner.id }, change }),
          ),
          { outcome: "done", file },
        );
        assert.deepEqual(await store.findFile(file.id), file);
      }
      assert.deepEqual(await scene.counters(owner.id), { used: 1000, reserved: 0, open: 0 });
      assert.deepEqual(await scene.upload(upload?.id ?? ""), upload, "what was sent keeps its name");
    },
  },
  {
    name: "refuses a change by another revision as stale, whatever the file's state",
    async run(scene) {
      const { store } = scene;
      const made = await scene.createReady((await scene.newOwner()).id);
      const command = { fileId: made.id, revision: 1, actor: "system" } as const;
      await store.trashFile(command);
      const file = await scene.file(made.id);
      await scene.unchanged(async () => {
        for (const revision of [1, 3, 0]) {
          const expected = { outcome: "stale", file };
          assert.deepEqual(await store.changeFile({ ...command, revision, change }), expected);
          assert.deepEqual(await store.trashFile({ ...command, revision }), expected);
          assert.deepEqual(await store.restoreFile({ ...command, revision }), expected);
          assert.deepEqual(await store.purgeFile({ ...command, revision }), expected);
        }
      });
    },
  },
  {
    name: "refuses what a file's state does not allow, and what is not there",
    async run(scene) {
      const { store } = scene;
      const ready = await scene.createReady((await scene.newOwner()).id);
      const command = { fileId: ready.id, revision: 1, actor: "system" } as const;
      assert.deepEqual(await scene.unchanged(() => store.restoreFile(command)), {
        outcome: "wrong-state",
        file: ready,
      });
      await store.trashFile(command);
      const trashed = await scene.file(ready.id);
      const refused = { outcome: "wrong-state", file: trashed };
      await scene.unchanged(async () => {
        assert.deepEqual(await store.trashFile({ ...command, revision: 2 }), refused);
        assert.deepEqual(await store.changeFile({ ...command, revision: 2, change }), refused);
      });
      const missing = { ...command, fileId: scene.newId() };
      await scene.unchanged(async () => {
        assert.deepEqual(await store.changeFile({ ...missing, change }), { outcome: "missing" });
        assert.deepEqual(await store.trashFile(missing), { outcome: "missing" });
        assert.deepEqual(await store.restoreFile(missing), { outcome: "missing" });
        assert.deepEqual(await store.purgeFile(missing), { outcome: "missing" });
      });
    },
  },
  {
    name: "purges a file: no row, no name, its keys doomed at once, its bytes used no more",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const other = await scene.createReady(owner.id, { sizeBytes: 7 });
      const claimed = await scene.createClaimed(owner.id, {
        ref: "r",
        name: "secret.jpg",
        metadata: { case: "secret" },
      });
      const derivatives = ["thumbnail", "preview"].map((name) => ({
        name,
        key: derivativeKey(claimed, 1, name),
        contentType: "image/webp",
        width: 1,
        height: 1,
        sizeBytes: 50,
      }));
      await scene.finish(claimed, readyResult(claimed, { sizeBytes: 900, derivatives }));
      assert.deepEqual(await scene.counters(owner.id), { used: 907, reserved: 0, open: 0 });
      const file = await scene.file(claimed.fileId);
      clock.advance(minuteMs);
      assert.deepEqual(
        await scene.audited({ actor: owner.id, action: "file.purged", targetId: file.id }, () =>
          store.purgeFile({ fileId: file.id, revision: 1, actor: { principalId: owner.id } }),
        ),
        { outcome: "done", file },
      );
      assert.equal(await store.findFile(file.id), undefined);
      assert.deepEqual(await store.findFiles([file.id, other.id]), [other]);
      const { leaseUntilMs: _, ...upload } = claimed;
      assert.deepEqual(await scene.upload(claimed.id), {
        ...upload,
        state: "ready",
        name: "",
        metadata: {},
        endedAtMs: clock.nowMs() - minuteMs,
      });
      assert.deepEqual(
        (await store.listDoomedObjects(10)).map(({ key }) => key).sort(),
        [file.current.key, ...derivatives.map(({ key }) => key)].sort(),
      );
      assert.deepEqual(await scene.counters(owner.id), { used: 7, reserved: 0, open: 0 });
      assert.deepEqual(
        await scene.unchanged(() => store.purgeFile({ fileId: file.id, revision: 1, actor: "system" })),
        { outcome: "missing" },
      );
    },
  },
  {
    name: "purges a file from the trash as well, and frees its owner's quota",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const limits = { quotaBytes: 1000 };
      await store.trashFile({ fileId: file.id, revision: 1, actor: "system" });
      assert.equal((await scene.createOutcome(owner.id, {}, limits)).outcome, "quota-exceeded");
      const purged = await store.purgeFile({ fileId: file.id, revision: 2, actor: "system" });
      assert.equal(purged.outcome === "done" && purged.file.state, "trashed");
      assert.equal((await scene.createOutcome(owner.id, {}, limits)).outcome, "created");
      assert.equal(await store.claimUpload({ leaseMs }), undefined, "nothing came back to life");
    },
  },
];
