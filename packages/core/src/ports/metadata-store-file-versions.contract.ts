import assert from "node:assert/strict";
import type { FileList } from "../file-lists/file-list.ts";
import { contentKey, derivativeKey } from "../keys.ts";
import {
  type MetadataStoreCase,
  minuteMs,
  readyResult,
  rejectedResult,
  type Scene,
  sha256Of,
} from "./metadata-store-case.contract.ts";

const statesOf = async (scene: Scene, fileId: string): Promise<string> =>
  (await scene.versions(fileId)).map(({ version, state }) => `${version} ${state}`).join(", ");

const second = { name: "second.png", contentType: "image/png", sizeBytes: 30, metadata: { sent: "later" } };

export const fileVersionCases: readonly MetadataStoreCase[] = [
  {
    name: "makes a version of what replaces the current one: newest, current, the rest of the file as it was",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const first = await scene.createReady(owner.id, { name: "first.jpg", metadata: { step: "1" } });
      const [before] = await scene.versions(first.id);
      clock.advance(minuteMs);
      const replaces = { fileId: first.id, version: 1 };
      const claimed = await scene.createClaimed(owner.id, { ...second, replaces });
      assert.deepEqual(claimed.replaces, replaces);
      assert.notEqual(claimed.fileId, first.id, "an id of its own, for the file that it may yet become");
      assert.deepEqual(
        await scene.file(first.id),
        first,
        "the old one is current until the new one is ready",
      );
      assert.deepEqual(await scene.counters(owner.id), { used: 1000, reserved: 30, open: 1 });
      clock.advance(minuteMs);
      const derivatives = [
        {
          name: "thumbnail",
          key: derivativeKey(claimed, 1, "thumbnail"),
          contentType: "image/webp",
          width: 1,
          height: 1,
          sizeBytes: 5,
        },
      ];
      const result = readyResult(claimed, { derivatives, sha256: sha256Of("second"), width: 7, height: 8 });
      const auditBefore = (await scene.auditEvents()).length;
      await scene.finish(claimed, result);
      assert.deepEqual(
        (await scene.auditEvents())
          .slice(auditBefore)
          .map(({ action, targetId }) => `${action} ${targetId}`)
          .sort(),
        [`file.replaced ${first.id}`, `upload.ready ${claimed.id}`],
      );
      const file = { ...first, version: 2, latestVersion: 2, revision: 2, current: result.facts };
      assert.deepEqual(await scene.file(first.id), file);
      assert.equal(await store.findFile(claimed.fileId), undefined);
      assert.equal((await scene.upload(claimed.id)).fileId, first.id);
      assert.deepEqual(await scene.versions(first.id), [
        {
          ...result.facts,
          fileId: first.id,
          version: 2,
          state: "current",
          name: "second.png",
          createdAtMs: clock.nowMs(),
          uploadId: claimed.id,
        },
        { ...before, state: "superseded" },
      ]);
      assert.deepEqual(await scene.counters(owner.id), { used: 1030, reserved: 0, open: 0 });
      assert.equal(
        await scene.lastWords(claimed.id),
        "Checked. Now version 2 of the file, in place of version 1.",
      );
    },
  },
  {
    name: "leaves the file as it was where what was to replace it is rejected or aborted",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const replaces = { fileId: file.id, version: 1 };
      const rejected = await scene.createClaimed(owner.id, { ...second, replaces });
      await scene.finish(rejected, rejectedResult);
      await scene.createAborted(owner.id, { ...second, replaces });
      assert.deepEqual(await scene.file(file.id), file);
      assert.equal(await statesOf(scene, file.id), "1 current");
      assert.equal((await scene.counters(owner.id)).used, 1000);
      assert.equal(await store.findFile(rejected.fileId), undefined);
    },
  },
  {
    name: "keeps both of two that replace the same version: the first is current, the other a conflict",
    async run(scene) {
      const { clock } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const replaces = { fileId: file.id, version: 1 };
      const slow = await scene.createClaimed(owner.id, { sizeBytes: 40, replaces });
      const fast = await scene.createClaimed(owner.id, { sizeBytes: 50, replaces });
      await scene.finish(fast, readyResult(fast));
      clock.advance(minuteMs);
      const auditBefore = (await scene.auditEvents()).length;
      await scene.finish(slow, readyResult(slow));
      assert.deepEqual(
        (await scene.auditEvents())
          .slice(auditBefore)
          .map(({ action, targetId }) => `${action} ${targetId}`)
          .sort(),
        [`file.conflicted ${file.id}`, `upload.ready ${slow.id}`],
      );
      const now = await scene.file(file.id);
      assert.deepEqual(
        [now.version, now.latestVersion, now.conflicts, now.revision, now.current.key],
        [2, 3, 1, 3, contentKey(fast, 1)],
      );
      assert.equal(await statesOf(scene, file.id), "3 conflict, 2 current, 1 superseded");
      assert.equal(
        await scene.lastWords(slow.id),
        "Checked. Kept as version 3, beside version 2 which was made meanwhile: choose in the file's history.",
      );
      assert.deepEqual(await scene.counters(owner.id), { used: 1090, reserved: 0, open: 0 });
    },
  },
  {
    name: "keeps what replaces a file in the trash as a conflict, and leaves the file in the trash",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const claimed = await scene.createClaimed(owner.id, { replaces: { fileId: file.id, version: 1 } });
      await store.trashFile({ fileId: file.id, revision: 1, actor: "system" });
      const trashed = await scene.file(file.id);
      await scene.finish(claimed, readyResult(claimed));
      assert.deepEqual(await scene.file(file.id), {
        ...trashed,
        revision: 3,
        latestVersion: 2,
        conflicts: 1,
      });
      assert.equal(
        await scene.lastWords(claimed.id),
        "Checked. Kept as version 2, beside version 1: the file was put into the trash meanwhile. Restore it and choose in its history.",
      );
    },
  },
  {
    name: "keeps what replaces a file that was purged as a file of its own",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const claimed = await scene.createClaimed(owner.id, {
        ...second,
        replaces: { fileId: file.id, version: 1 },
      });
      await store.purgeFile({ fileId: file.id, revision: 1, actor: "system" });
      await scene.finish(claimed, readyResult(claimed));
      assert.equal(await store.findFile(file.id), undefined);
      const own = await scene.file(claimed.fileId);
      assert.deepEqual(
        [own.name, own.metadata, own.version, own.revision, own.state],
        ["second.png", { sent: "later" }, 1, 1, "ready"],
      );
      assert.equal((await scene.upload(claimed.id)).fileId, own.id);
      assert.deepEqual(await scene.counters(owner.id), { used: 30, reserved: 0, open: 0 });
      assert.equal(
        await scene.lastWords(claimed.id),
        "Checked. The file that it was to replace was deleted for good meanwhile: kept as a file of its own.",
      );
    },
  },
  {
    name: "never lets an upload into another's file, whatever was asked for",
    async run(scene) {
      const file = await scene.createReady((await scene.newOwner()).id);
      const thief = await scene.newOwner();
      const claimed = await scene.createClaimed(thief.id, { replaces: { fileId: file.id, version: 1 } });
      await scene.finish(claimed, readyResult(claimed));
      assert.deepEqual(await scene.file(file.id), file);
      assert.equal((await scene.file(claimed.fileId)).ownerId, thief.id);
    },
  },
  {
    name: "makes an earlier version current, or a conflict, which is none any more then",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const first = await scene.createReady(owner.id, { name: "first.jpg" });
      const { file: replaced } = await scene.createReplacing(first, second);
      const { file } = await scene.createReplacing(replaced, { replaces: { fileId: first.id, version: 1 } });
      assert.equal(file.conflicts, 1);
      const actor = { principalId: owner.id };
      const restored = { ...file, version: 3, conflicts: 0, revision: file.revision + 1 };
      const conflict = (await scene.versions(file.id))[0];
      const outcome = await scene.audited(
        { actor: owner.id, action: "version.restored", targetId: file.id },
        () => store.restoreVersion({ fileId: file.id, revision: file.revision, actor, version: 3 }),
      );
      assert.equal(outcome.outcome, "done");
      assert.deepEqual({ ...restored, current: undefined }, { ...outcome.file, current: undefined });
      assert.equal(outcome.file.current.key, conflict?.key);
      assert.deepEqual(await scene.file(file.id), outcome.file);
      assert.equal(await statesOf(scene, file.id), "3 current, 2 superseded, 1 superseded");
      await store.restoreVersion({ fileId: file.id, revision: restored.revision, actor, version: 1 });
      assert.deepEqual((await scene.file(file.id)).current, first.current);
      assert.equal(await statesOf(scene, file.id), "3 superseded, 2 superseded, 1 current");
      assert.equal((await scene.counters(owner.id)).used, 2030);
      const late = await scene.createReplacing(await scene.file(file.id), {
        replaces: { fileId: file.id, version: 3 },
      });
      assert.equal(late.file.version, 1);
      assert.match(
        (await scene.lastWords(late.upload.id)) ?? "",
        /beside version 1 which was restored meanwhile/,
      );
    },
  },
  {
    name: "deletes a version that is not current: its row, its name, its bytes used; never gives its number again",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const first = await scene.createReady(owner.id, { sizeBytes: 7 });
      const claimed = await scene.createClaimed(owner.id, {
        ...second,
        replaces: { fileId: first.id, version: 9 },
      });
      const key = derivativeKey(claimed, 1, "thumbnail");
      const derivatives = [
        { name: "thumbnail", key, contentType: "image/webp", width: 1, height: 1, sizeBytes: 5 },
      ];
      await scene.finish(claimed, readyResult(claimed, { derivatives }));
      const file = await scene.file(first.id);
      assert.equal(file.conflicts, 1);
      const purged = await scene.audited(
        { actor: "system", action: "version.purged", targetId: file.id },
        () => store.purgeVersion({ fileId: file.id, revision: 2, actor: "system", version: 2 }),
      );
      assert.deepEqual(purged, { outcome: "done", file: { ...file, conflicts: 0, revision: 3 } });
      assert.deepEqual(await store.findFileVersions([{ fileId: file.id, version: 2 }]), []);
      assert.deepEqual(
        await store.listDoomedObjects(10),
        [contentKey(claimed, 1), key].sort().map((doomed) => ({ key: doomed, notBeforeMs: clock.nowMs() })),
      );
      assert.deepEqual(await scene.counters(owner.id), { used: 7, reserved: 0, open: 0 });
      const upload = await scene.upload(claimed.id);
      assert.deepEqual([upload.name, upload.metadata, upload.sizeBytes], ["", {}, 30]);
      const { file: next } = await scene.createReplacing(purged.outcome === "done" ? purged.file : file);
      assert.deepEqual([next.version, next.latestVersion], [3, 3]);
      assert.equal(await statesOf(scene, file.id), "3 current, 1 superseded");
    },
  },
  {
    name: "refuses to restore or delete a version by another revision, of a file in the trash, that is current or not there",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const { file } = await scene.createReplacing(await scene.createReady(owner.id));
      const command = { fileId: file.id, revision: 2, actor: "system", version: 1 } as const;
      const both = async (
        of:
          | typeof command
          | (Omit<typeof command, "version" | "revision" | "fileId"> & {
              fileId: string;
              revision: number;
              version: number;
            }),
        expected: object,
      ) => {
        assert.deepEqual(await scene.unchanged(() => store.restoreVersion(of)), expected);
        assert.deepEqual(await scene.unchanged(() => store.purgeVersion(of)), expected);
      };
      for (const revision of [1, 3]) await both({ ...command, revision }, { outcome: "stale", file });
      await both({ ...command, version: 2 }, { outcome: "is-current", file });
      await both({ ...command, version: 3 }, { outcome: "no-such-version", file });
      await both({ ...command, fileId: scene.newId() }, { outcome: "missing" });
      await store.trashFile(command);
      const trashed = await scene.file(file.id);
      for (const version of [1, 2, 3])
        await both({ ...command, revision: 3, version }, { outcome: "wrong-state", file: trashed });
    },
  },
  {
    name: "purges a file with all its versions, conflicts too",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const first = await scene.createReady(owner.id);
      const other = await scene.createReady(owner.id, { sizeBytes: 3 });
      const replaced = await scene.createReplacing(first, second);
      const { upload, file } = await scene.createReplacing(first, { name: "third.jpg" });
      const keys = (await scene.versions(first.id)).map(({ key }) => key);
      assert.equal(keys.length, 3);
      assert.equal((await store.findKnownKeys(keys)).size, 3);
      await store.purgeFile({ fileId: first.id, revision: file.revision, actor: "system" });
      assert.deepEqual((await store.listDoomedObjects(10)).map(({ key }) => key).sort(), [...keys].sort());
      assert.deepEqual(await scene.versions(first.id), []);
      assert.deepEqual(await scene.counters(owner.id), { used: 3, reserved: 0, open: 0 });
      for (const { id } of [replaced.upload, upload]) assert.equal((await scene.upload(id)).name, "");
      assert.deepEqual(
        (await store.listVersions({ limit: 10 })).map(({ fileId }) => fileId),
        [other.id],
      );
    },
  },
  {
    name: "lists a history in pages from the newest version on, and finds versions by number",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      let file = await scene.createReady(owner.id);
      for (let count = 2; count <= 5; count += 1) file = (await scene.createReplacing(file)).file;
      await store.purgeVersion({ fileId: file.id, revision: file.revision, actor: "system", version: 3 });
      const numbers = async (after: number | undefined, limit: number) =>
        (
          await store.listFileVersions({ fileId: file.id, limit, ...(after === undefined ? {} : { after }) })
        ).map(({ version }) => version);
      assert.deepEqual(await numbers(undefined, 2), [5, 4]);
      assert.deepEqual(await numbers(4, 2), [2, 1]);
      assert.deepEqual(await numbers(3, 201), [2, 1]);
      assert.deepEqual(await numbers(1, 201), []);
      assert.deepEqual(await store.listFileVersions({ fileId: scene.newId(), limit: 1 }), []);
      const wanted = [1, 3, 5, 5, 6].map((version) => ({ fileId: file.id, version }));
      const found = await store.findFileVersions([...wanted, { fileId: scene.newId(), version: 1 }]);
      assert.deepEqual(found.map(({ version, state }) => `${version} ${state}`).sort(), [
        "1 superseded",
        "5 current",
      ]);
      assert.deepEqual(await store.findFileVersions([]), []);
    },
  },
  {
    name: "lists a file by the version that is current: by its type and when it was taken",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const claimed = await scene.createClaimed(owner.id, { name: "scan.jpg" });
      await scene.finish(claimed, readyResult(claimed, { takenAtMs: 1000 }));
      const file = await scene.file(claimed.fileId);
      const other = await scene.createReady(owner.id, { name: "other.jpg" });
      const listed = async (list: FileList) =>
        (await store.listFiles({ ownerId: owner.id, list, limit: 10 })).map(({ id }) => id);
      const replaces = { fileId: file.id, version: 1 };
      const document = { contentType: "application/pdf", name: "scan.pdf", replaces };
      const { file: replaced } = await scene.createReplacing(file, document);
      assert.deepEqual(await listed({ by: "created", type: "image" }), [other.id]);
      assert.deepEqual(await listed({ by: "created", type: "document" }), [file.id]);
      assert.deepEqual(await listed({ by: "search", text: "scan" }), [file.id], "the file keeps its name");
      const restored = { fileId: file.id, revision: replaced.revision, actor: "system", version: 1 } as const;
      await store.restoreVersion(restored);
      assert.deepEqual(await listed({ by: "created", type: "document" }), []);
      assert.deepEqual(await listed({ by: "taken", type: "image" }), [other.id, file.id]);
      await scene.createReplacing(file, { ...document, replaces: { ...replaces, version: 2 } });
      assert.deepEqual(await listed({ by: "created", type: "document" }), [], "a conflict is not current");
    },
  },
  {
    name: "tells reconciling of every version, and counts the bytes of all of them",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const first = await scene.createReady(owner.id, { sizeBytes: 1 });
      const { file } = await scene.createReplacing(first, { sizeBytes: 20 });
      await scene.createReplacing(first, { sizeBytes: 300 });
      const versions = await store.listVersions({ limit: 10 });
      assert.deepEqual(
        versions.map(({ fileId, version, sizeBytes }) => `${fileId} ${version} ${sizeBytes}`).sort(),
        [`${file.id} 1 1`, `${file.id} 2 20`, `${file.id} 3 300`],
      );
      for (const { key, storagePrefix } of versions) assert.ok(key.startsWith(`${storagePrefix}/`));
      const [counters] = await store.listCounters({ limit: 1 });
      assert.deepEqual(counters?.counted, { usedBytes: 321, reservedBytes: 0, usedFiles: 1, openUploads: 0 });
      assert.deepEqual(counters.recorded, counters.counted);
      assert.deepEqual(await store.recountPrincipal(owner.id), { outcome: "unchanged" });
    },
  },
  {
    name: "answers a ref that came before as the same upload only where it replaces the same version",
    async run(scene) {
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const replaces = { fileId: file.id, version: 1 };
      const upload = await scene.create(owner.id, { ref: "r", replaces });
      const again = async (item: object) =>
        (await scene.createOutcome(owner.id, { ref: "r", ...item })).outcome;
      assert.equal(await again({ replaces }), "existing");
      assert.equal(await again({ replaces, repeatsOnly: true }), "existing");
      for (const other of [
        {},
        { replaces: { ...replaces, version: 2 } },
        { replaces: { ...replaces, fileId: "x" } },
      ])
        assert.equal(await again(other), "ref-reused");
      await scene.complete(upload.id);
      const claimed = await scene.claim();
      await scene.finish(claimed, readyResult(claimed));
      assert.equal(await again({ replaces }), "existing");
      assert.equal(await again({}), "ref-reused");
      const plain = await scene.create(owner.id, { ref: "plain" });
      assert.equal((await scene.createOutcome(owner.id, { ref: "plain", replaces })).outcome, "ref-reused");
      assert.equal((await scene.upload(plain.id)).replaces, undefined);
      await scene.unchanged(async () => {
        for (const ref of [{ ref: "new" }, {}])
          assert.deepEqual(await scene.createOutcome(owner.id, { ...ref, replaces, repeatsOnly: true }), {
            outcome: "not-repeated",
          });
      });
    },
  },
];
