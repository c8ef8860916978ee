import assert from "node:assert/strict";
import fc from "fast-check";
import {
  leaseMs,
  type MetadataStoreUnderTest,
  readyResult,
  rejectedResult,
  Scene,
  sha256Of,
} from "./metadata-store-case.contract.ts";
import { MetadataModel, type ModelFile, type ModelUpload } from "./metadata-store-model.contract.ts";

const limits = { quotaBytes: 200, maxOpenUploads: 6, uploadLifetimeMs: 1000, urlLifetimeMs: 1000 };

const offset = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.constantFrom(-1, 1));
const sizeBytes = fc.integer({ min: 1, max: 20 });
const which = fc.nat({ max: 5 });

/** Much of what happens to few files: uploads end in any order, long after they began. */
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("send"),
      owner: fc.constantFrom(0, 0, 0, 1),
      sizeBytes,
      /** Which file it is to replace a version of. */
      file: fc.option(which, { freq: 8 }),
      off: offset,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("end"),
      which,
      sizeBytes: fc.option(sizeBytes, { freq: 8 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("version"),
      to: fc.constantFrom("chosen", "dropped"),
      file: which,
      /** From the newest on; more than there are is one that never was. */
      age: fc.nat({ max: 5 }),
      off: offset,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("file"),
      to: fc.constantFrom("trashed", "ready", "ready", "renamed"),
      file: which,
      off: offset,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("file"), to: fc.constant("purged"), file: which, off: offset }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const nth = <T>(rows: readonly T[], index: number): T | undefined => rows[index % Math.max(1, rows.length)];

async function take(scene: Scene, model: MetadataModel, ownerIds: string[], each: Step): Promise<void> {
  const { store } = scene;
  switch (each.do) {
    case "send": {
      const file = each.file === null ? undefined : nth(model.files, each.file);
      const replaces = file && { fileId: file.id, version: Math.max(1, file.version + each.off) };
      const item = scene.newItem({ sizeBytes: each.sizeBytes, ...(replaces ? { replaces } : {}) });
      const [outcome] = await scene.createAll(ownerIds[each.owner] ?? "", [item], limits);
      const { id, fileId } = item;
      const made = { id, fileId, owner: each.owner, sizeBytes: each.sizeBytes, replaces };
      const expected = model.create({ ...made, digest: item.sha256, ref: undefined, inParts: false }, limits);
      assert.equal(outcome?.outcome, expected);
      if (expected !== "created") return;
      await scene.complete(id);
      for (const upload of model.uploads) if (upload.id === id) model.complete(upload, undefined);
      assert.equal((await scene.claim()).id, id);
      model.claim(leaseMs);
      return;
    }
    case "end": {
      const upload = nth<ModelUpload>(
        model.uploads.filter(({ claimed, state }) => claimed && state === "verifying"),
        each.which,
      );
      if (!upload) return;
      const result =
        each.sizeBytes === null
          ? rejectedResult
          : readyResult(await scene.upload(upload.id), {
              sizeBytes: each.sizeBytes,
              sha256: sha256Of(upload.id),
            });
      await scene.finish(await scene.upload(upload.id), result);
      model.finish(upload, upload.attempt, result.kind === "ready" ? result.facts : undefined);
      return;
    }
    case "version": {
      const file = nth(model.files, each.file);
      if (!file) return;
      const version = file.latestVersion + 1 - each.age;
      const revision = file.revision + each.off;
      const change = { chosen: store.restoreVersion, dropped: store.purgeVersion }[each.to];
      const { outcome } = await change({ fileId: file.id, revision, actor: "system", version });
      assert.equal(outcome, model.changeVersion(file, revision, version, each.to));
      return;
    }
    case "file": {
      const file = nth(model.files, each.file);
      if (!file) return;
      const revision = file.revision + each.off;
      const { trashFile, restoreFile, purgeFile, changeFile } = store;
      const renamed = (command: Parameters<typeof trashFile>[0]) =>
        changeFile({ ...command, change: { name: `name ${revision}` } });
      const change = { trashed: trashFile, ready: restoreFile, purged: purgeFile, renamed }[each.to];
      const { outcome } = await change({ fileId: file.id, revision, actor: "system" });
      assert.equal(outcome, model.changeFile(file, revision, each.to));
    }
  }
}

/**
 * What must be true of every history: each version that was not purged is there as it came, exactly one is current, a
 * conflict is current only once it was chosen, and all of their bytes are known to be needed.
 */
export async function checkHistories(scene: Scene, files: readonly ModelFile[]): Promise<void> {
  const { store } = scene;
  for (const expected of files) {
    const file = await scene.file(expected.id);
    const history = await scene.versions(expected.id);
    assert.deepEqual(
      history.map(
        ({ version, state, key, sizeBytes, sha256, uploadId }) =>
          `${version} ${state} ${key} ${sizeBytes} ${sha256} ${uploadId}`,
      ),
      [...expected.versions]
        .sort((one, other) => other.number - one.number)
        .map(({ number, isConflict, key, sizeBytes, uploadId }) => {
          const state = isConflict ? "conflict" : number === expected.version ? "current" : "superseded";
          return `${number} ${state} ${key} ${sizeBytes} ${sha256Of(uploadId)} ${uploadId}`;
        }),
    );
    const current = history.filter(({ state }) => state === "current");
    assert.deepEqual(
      current.map(({ version, key }) => [version, key]),
      [[file.version, file.current.key]],
    );
    assert.equal(file.latestVersion, expected.latestVersion);
    assert.equal(file.conflicts, history.filter(({ state }) => state === "conflict").length);
    const keys = history.map(({ key }) => key);
    assert.deepEqual([...(await store.findKnownKeys(keys))].sort(), [...keys].sort());
    for (const { uploadId } of history) assert.equal((await scene.upload(uploadId)).fileId, file.id);
  }
  const told = (await store.listVersions({ limit: 1000 })).map(({ key }) => key);
  for (const { versions } of files) for (const { key } of versions) assert.ok(told.includes(key));
}

/** What was purged is nowhere but among what is to be deleted. */
export async function checkPurged(scene: Scene, model: MetadataModel): Promise<void> {
  const purged = [...model.purgedKeys];
  const doomed = new Set((await scene.store.listDoomedObjects(1000)).map(({ key }) => key));
  assert.deepEqual(
    purged.filter((key) => !doomed.has(key)),
    [],
    "what is purged is deleted",
  );
}

/** Random histories, each on an empty store, held to what must be true of them after every step. */
export async function holdHistories(
  create: () => Promise<MetadataStoreUnderTest>,
  runs: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: "max" }), async (steps) => {
      const underTest = await create();
      try {
        const scene = new Scene(underTest);
        const model = new MetadataModel();
        model.nowMs = scene.clock.nowMs();
        const ownerIds = [(await scene.newOwner()).id, (await scene.newOwner()).id];
        for (const each of steps) {
          await take(scene, model, ownerIds, each);
          for (const [owner, ownerId] of ownerIds.entries()) {
            assert.deepEqual(await scene.counters(ownerId), model.counters(owner));
            await checkHistories(
              scene,
              model.files.filter((file) => file.owner === owner && file.state !== "purged"),
            );
          }
          await checkPurged(scene, model);
          for (const { recorded, counted } of await scene.store.listCounters({ limit: 2 }))
            assert.deepEqual(recorded, counted);
          assert.equal((await scene.auditEvents()).length, model.auditCount);
        }
      } finally {
        await underTest.close();
      }
    }),
    { numRuns: runs },
  );
}
