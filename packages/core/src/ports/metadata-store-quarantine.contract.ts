import assert from "node:assert/strict";
import { idsOf, type MetadataStoreCase, minuteMs } from "./metadata-store-case.contract.ts";

const found = { finding: "Bad.Thing-1", scanner: "Test, signatures of 2026-11-25" };

export const quarantineCases: readonly MetadataStoreCase[] = [
  {
    name: "quarantines a ready file with what was found, once, its bytes still used, and puts it back",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id, { name: "a.jpg", metadata: { step: "1" } });
      clock.advance(minuteMs);
      const command = { fileId: file.id, version: 1, key: file.current.key, ...found };
      const quarantined = {
        ...file,
        state: "quarantined",
        revision: 2,
        trashedAtMs: clock.nowMs(),
        quarantine: { ...found, version: 1, atMs: clock.nowMs(), from: "ready" },
      };
      assert.deepEqual(
        await scene.audited({ actor: "system", action: "file.quarantined", targetId: file.id }, () =>
          store.quarantineFile(command),
        ),
        { outcome: "done", file: quarantined },
      );
      assert.deepEqual(await store.findFile(file.id), quarantined);
      assert.deepEqual(await scene.counters(owner.id), { used: 1000, reserved: 0, open: 0 });
      clock.advance(minuteMs);
      await scene.unchanged(async () => {
        assert.deepEqual(await store.quarantineFile({ ...command, finding: "Other" }), {
          outcome: "already",
          file: quarantined,
        });
        assert.equal(
          (await store.releaseFile({ fileId: file.id, revision: 1, actor: "system" })).outcome,
          "stale",
        );
      });
      assert.deepEqual(
        await scene.audited({ actor: "system", action: "file.released", targetId: file.id }, () =>
          store.releaseFile({ fileId: file.id, revision: 2, actor: "system" }),
        ),
        { outcome: "done", file: { ...file, revision: 3 } },
      );
      await scene.unchanged(async () => {
        const again = await store.releaseFile({ fileId: file.id, revision: 3, actor: "system" });
        assert.equal(again.outcome, "wrong-state");
      });
    },
  },
  {
    name: "quarantines what is in the trash, where it is put back to, since when it was",
    async run(scene) {
      const { store, clock } = scene;
      const made = await scene.createReady((await scene.newOwner()).id);
      await store.trashFile({ fileId: made.id, revision: 1, actor: "system" });
      const trashed = await scene.file(made.id);
      clock.advance(minuteMs);
      const { key } = made.current;
      const result = await store.quarantineFile({ fileId: made.id, version: 1, key, ...found });
      assert.ok(result.outcome === "done");
      assert.equal(result.file.trashedAtMs, trashed.trashedAtMs);
      assert.equal(result.file.quarantine?.from, "trashed");
      clock.advance(100 * 24 * 60 * minuteMs);
      assert.deepEqual(
        await store.listTrash({ trashedBeforeMs: clock.nowMs(), limit: 10 }),
        [],
        "the sweeper deletes nothing that may have been found by mistake",
      );
      await store.releaseFile({ fileId: made.id, revision: 3, actor: "system" });
      assert.deepEqual(await scene.file(made.id), { ...trashed, revision: 4 });
    },
  },
  {
    name: "quarantines a file for any of its versions, and none for bytes that it does not have any more",
    async run(scene) {
      const { store } = scene;
      const first = await scene.createReady((await scene.newOwner()).id);
      const { file } = await scene.createReplacing(first);
      const of = { fileId: file.id, ...found };
      await scene.unchanged(async () => {
        for (const command of [
          { ...of, version: 3, key: file.current.key },
          { ...of, version: 1, key: file.current.key },
          { ...of, fileId: "none", version: 1, key: first.current.key },
        ])
          assert.deepEqual(await store.quarantineFile(command), { outcome: "missing" });
      });
      const result = await store.quarantineFile({ ...of, version: 1, key: first.current.key });
      assert.ok(result.outcome === "done");
      assert.equal(result.file.version, 2);
      assert.equal(result.file.quarantine?.version, 1);
    },
  },
  {
    name: "lists a quarantined file beside the trash and nowhere else, and lets its owner do nothing but purge it",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const made = await scene.createReady(owner.id, { name: "holiday.jpg", metadata: { step: "1" } });
      const kept = await scene.createReady(owner.id, { name: "holiday.jpg", metadata: { step: "1" } });
      const { key } = made.current;
      const { id: fileId } = made;
      await store.quarantineFile({ fileId, version: 1, key, ...found });
      const ids = async (list: Parameters<typeof store.listFiles>[0]["list"]) =>
        idsOf(await store.listFiles({ ownerId: owner.id, list, limit: 10 }));
      for (const list of [
        { by: "created" },
        { by: "taken" },
        { by: "name" },
        { by: "search", text: "holi" },
        { by: "metadata", name: "step", value: "1" },
      ] as const)
        assert.deepEqual(await ids(list), [kept.id], list.by);
      assert.deepEqual(await ids({ by: "trashed" }), [fileId]);
      assert.deepEqual(idsOf(await store.listQuarantinedFiles({ limit: 10 })), [fileId]);
      assert.deepEqual(await store.listQuarantinedFiles({ limit: 10, after: fileId }), []);
      const command = { fileId, revision: 2, actor: { principalId: owner.id } };
      await scene.unchanged(async () => {
        assert.equal((await store.restoreFile(command)).outcome, "wrong-state");
        assert.equal((await store.trashFile(command)).outcome, "wrong-state");
        assert.equal((await store.changeFile({ ...command, change: { name: "b" } })).outcome, "wrong-state");
        assert.equal((await store.restoreVersion({ ...command, version: 1 })).outcome, "wrong-state");
        assert.equal((await store.purgeVersion({ ...command, version: 1 })).outcome, "wrong-state");
      });
      assert.equal((await store.purgeFile(command)).outcome, "done");
      const doomed = (await store.listDoomedObjects(100)).map((object) => object.key);
      assert.ok(doomed.includes(key));
      assert.deepEqual(await scene.counters(owner.id), { used: 1000, reserved: 0, open: 0 });
      assert.deepEqual(await store.quarantineFile({ fileId, version: 1, key, ...found }), {
        outcome: "missing",
      });
    },
  },
];
