import assert from "node:assert/strict";
import fc from "fast-check";
import type { VersionOfFile } from "../file.ts";
import type { PrincipalRecord } from "../principal.ts";
import type { UploadState } from "../upload.ts";
import type { FileCommand } from "./file-commands.ts";
import {
  idsOf,
  leaseMs,
  type MetadataStoreUnderTest,
  minuteMs,
  readyResult,
  rejectedResult,
  Scene,
  sha256Of,
} from "./metadata-store-case.contract.ts";
import { checkHistories, checkPurged } from "./metadata-store-histories.contract.ts";
import { MetadataModel, type ModelFile, type ModelUpload } from "./metadata-store-model.contract.ts";

const limits = {
  quotaBytes: 9_000,
  quotaFiles: 5,
  maxOpenUploads: 4,
  uploadLifetimeMs: 30 * minuteMs,
  urlLifetimeMs: 10 * minuteMs,
};

/** Which of the uploads or files: an index from the newest on, mostly among those in a state that fits the command. */
const which = fc.record({
  index: fc.nat({ max: 3 }),
  fits: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
});
/** Added to the number that is right. */
const off = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.constantFrom(-1, 1));

/** Few, so that one upload's is often another's too. */
const storeUploadId = fc.constantFrom("store-1", "store-2", "store-3");

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("create"),
      owner: fc.nat({ max: 1 }),
      sizeBytes: fc.integer({ min: 1, max: 4000 }),
      ref: fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined }),
      digest: fc.constantFrom("one", "one", "one", "two", undefined),
      inParts: fc.boolean(),
      same: fc.boolean(),
      /** The version of a file, mostly of its owner's: its current one, with an offset. */
      replaces: fc.option(fc.record({ which, off, own: fc.integer({ min: 0, max: 9 }) }), { freq: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("complete"),
      which,
      digest: fc.constantFrom(undefined, undefined, "one", "two"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("turn"), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("begin"), which, storeUploadId }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("forget"), which, storeUploadId }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("mint"),
      which,
      partNumbers: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      digest: fc.constantFrom("one", "two"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remint"), which, newKey: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("abort"), which, ifExpired: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("release"), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("probe"), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("claim") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("renew"), which, off }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("postpone"), which, off, consumed: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("finish"),
      which,
      off,
      readySizeBytes: fc.option(fc.integer({ min: 1, max: 4000 }), { nil: undefined, freq: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("change"),
      which,
      off,
      to: fc.constantFrom("renamed", "trashed", "ready", "purged", "quarantined", "released"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("version"),
      which,
      off,
      /** From the newest on; one more than there are is one that never was. */
      age: fc.nat({ max: 4 }),
      to: fc.constantFrom("chosen", "dropped"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("wait"),
      ms: fc.constantFrom(1, minuteMs, leaseMs, 10 * minuteMs, 30 * minuteMs),
    }),
  },
);

type ToReplace = {
  readonly which: { index: number; fits: boolean };
  readonly off: number;
  readonly own: number;
};

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const rank: Record<UploadState, number> = {
  pending: 0,
  uploaded: 1,
  verifying: 2,
  ready: 3,
  rejected: 3,
  aborted: 3,
};

const isForward = (from: UploadState, to: UploadState): boolean =>
  from === to || (rank[from] < rank[to] && (to !== "aborted" || from === "pending"));

const fittingStates: Readonly<Record<string, string>> = {
  complete: "pending",
  turn: "pending",
  begin: "pending",
  forget: "pending",
  mint: "pending",
  remint: "pending",
  abort: "pending",
  probe: "pending",
  release: "aborted",
  renew: "verifying",
  postpone: "verifying",
  finish: "verifying",
  renamed: "ready",
  trashed: "ready",
  ready: "trashed",
  purged: "trashed",
  quarantined: "ready",
  released: "quarantined",
  replaced: "ready",
  chosen: "ready",
  dropped: "ready",
};

function pick<T extends ModelUpload | ModelFile>(
  rows: readonly T[],
  command: string,
  { index, fits }: { index: number; fits: boolean },
): T | undefined {
  const fitting = rows.filter(({ state }) => state === fittingStates[command]);
  const among = fits && fitting.length > 0 ? fitting : rows;
  return among[among.length - 1 - (index % Math.max(1, among.length))];
}

/** Which version a create is to replace. It need not be current, nor there any more, nor the creator's. */
function versionToReplace(
  model: MetadataModel,
  { owner, replaces }: { readonly owner: number; readonly replaces: ToReplace | null },
): VersionOfFile | undefined {
  if (!replaces) return undefined;
  const files = model.files.filter((file) => file.owner === owner || replaces.own === 0);
  const file = pick(files, "replaced", replaces.which);
  return file && { fileId: file.id, version: Math.max(1, file.version + replaces.off) };
}

/** Does a step to the store and to the model, and holds the store's answer to the model's. */
async function take(
  scene: Scene,
  model: MetadataModel,
  owners: PrincipalRecord[],
  each: Step,
): Promise<void> {
  const { store } = scene;
  const upload = "which" in each ? pick(model.uploads, each.do, each.which) : undefined;
  const file = "to" in each ? pick(model.files, each.to, each.which) : undefined;
  const onUpload = { uploadId: upload?.id ?? "none", actor: "system" } as const;

  switch (each.do) {
    case "wait":
      scene.clock.advance(each.ms);
      model.nowMs += each.ms;
      return;
    case "create": {
      const earlier = each.same
        ? model.uploads.find(({ ref }) => ref !== undefined && ref === each.ref)
        : undefined;
      const sizeBytes = earlier?.sizeBytes ?? each.sizeBytes;
      // What is sent in one PUT always has a digest.
      const digest = sha256Of(earlier?.digest ?? each.digest ?? "one");
      const isSilent = each.inParts && each.digest === undefined;
      const ref = each.ref === undefined ? {} : { ref: each.ref };
      const replaces = earlier ? earlier.replaces : versionToReplace(model, each);
      const { sha256: _, ...silent } = scene.newItem({
        ...ref,
        sizeBytes,
        ...(replaces ? { replaces } : {}),
      });
      const item = {
        ...silent,
        ...(isSilent ? {} : { sha256: digest }),
        ...(each.inParts ? { multipart: { partSizeBytes: 1000 } } : {}),
      };
      const [outcome] = await scene.createAll(owners[each.owner]?.id ?? "", [item], limits);
      const { id, fileId } = item;
      const { owner } = each;
      assert.equal(
        outcome?.outcome,
        model.create(
          {
            id,
            fileId,
            owner,
            sizeBytes,
            digest: item.sha256,
            ref: each.ref,
            inParts: each.inParts,
            replaces,
          },
          limits,
        ),
      );
      return;
    }
    case "claim": {
      const claimed = await store.claimUpload({ leaseMs });
      const expected = model.claim(leaseMs);
      assert.equal(claimed?.id, expected?.id);
      assert.equal(claimed?.attempt, expected?.attempt);
      assert.equal(claimed?.failedAttempts, expected?.failedAttempts);
      assert.equal(claimed?.lostClaims, expected?.lostClaims);
      return;
    }
    case "change": {
      if (!file) return;
      const command = { fileId: file.id, revision: file.revision + each.off, actor: "system" } as const;
      if (each.to === "quarantined") {
        const version = file.version + each.off;
        const key = file.versions.find(({ number }) => number === version)?.key ?? "none";
        const found = { finding: "Bad.Thing", scanner: "Test" };
        const quarantined = await store.quarantineFile({ fileId: file.id, version, key, ...found });
        assert.equal(quarantined.outcome, model.quarantine(file, version));
        return;
      }
      const rename = (of: FileCommand) =>
        store.changeFile({ ...of, change: { name: `name ${command.revision}` } });
      const { trashFile, restoreFile, purgeFile, releaseFile } = store;
      const change = {
        renamed: rename,
        trashed: trashFile,
        ready: restoreFile,
        purged: purgeFile,
        released: releaseFile,
      }[each.to];
      const { outcome } = await change(command);
      assert.equal(outcome, model.changeFile(file, command.revision, each.to));
      return;
    }
  }

  if (each.do === "version") {
    if (!file) return;
    const version = file.latestVersion + 1 - each.age;
    const command = {
      fileId: file.id,
      revision: file.revision + each.off,
      actor: "system",
      version,
    } as const;
    const change = { chosen: store.restoreVersion, dropped: store.purgeVersion }[each.to];
    const { outcome } = await change(command);
    assert.equal(outcome, model.changeVersion(file, command.revision, version, each.to));
    return;
  }
  if (!upload) return;
  switch (each.do) {
    case "complete": {
      const digest = each.digest === undefined ? undefined : sha256Of(each.digest);
      const sha256 = digest === undefined ? {} : { sha256: digest };
      const { outcome } = await store.completeUpload({ ...onUpload, ...sha256 });
      assert.equal(outcome, model.complete(upload, digest));
      return;
    }
    case "turn": {
      const landingKey = scene.newKey("files/");
      const { outcome } = await store.turnMultipart({
        ...onUpload,
        ...limits,
        landingKey,
        partSizeBytes: 1000,
      });
      assert.equal(outcome, model.turn(upload, limits.uploadLifetimeMs));
      return;
    }
    case "begin": {
      const { outcome } = await store.beginMultipart({ ...onUpload, storeUploadId: each.storeUploadId });
      assert.equal(outcome, model.begin(upload, each.storeUploadId));
      return;
    }
    case "forget": {
      const { storeUploadId } = each;
      const forgotten = await store.forgetMultipart({ ...onUpload, storeUploadId });
      assert.equal(forgotten, model.forget(upload, storeUploadId));
      return;
    }
    case "mint": {
      const parts = each.partNumbers.map((partNumber) => ({ partNumber, sha256: sha256Of(each.digest) }));
      const { outcome } = await store.mintParts({ ...onUpload, ...limits, parts });
      assert.equal(outcome, model.mint(upload, limits, parts));
      return;
    }
    case "remint": {
      const landingKey = each.newKey ? { landingKey: scene.newKey("uploads/") } : {};
      const expected = model.ifPending(upload, "minted", () => model.extend(upload, limits));
      assert.equal((await store.remintUpload({ ...onUpload, ...limits, ...landingKey })).outcome, expected);
      return;
    }
    case "abort": {
      const { outcome } = await store.abortUpload({ ...onUpload, detail: "", ifExpired: each.ifExpired });
      assert.equal(outcome, model.abort(upload, each.ifExpired));
      return;
    }
    case "release":
      assert.equal(await store.releaseReservation(onUpload), model.release(upload));
      return;
    case "probe":
      await store.markProbed(upload.id);
      upload.probedAtMs = model.nowMs;
      return;
    case "renew": {
      const attempt = upload.attempt + each.off;
      const holds = model.holds(upload, attempt);
      if (holds) upload.claimableAtMs = model.nowMs + leaseMs;
      assert.equal(await store.renewClaim({ ...onUpload, attempt, leaseMs }), holds);
      return;
    }
    case "postpone": {
      const attempt = upload.attempt + each.off;
      const { consumed } = each;
      const held = await store.releaseClaim({
        ...onUpload,
        attempt,
        retryInMs: leaseMs,
        consumed,
        detail: "",
      });
      assert.equal(held, model.postpone(upload, attempt, leaseMs, consumed));
      return;
    }
    case "finish": {
      const attempt = upload.attempt + each.off;
      const { readySizeBytes: sizeBytes } = each;
      const result =
        sizeBytes === undefined
          ? rejectedResult
          : readyResult(await scene.upload(upload.id), { sizeBytes, sha256: sha256Of(upload.id) });
      const finished = await store.finishUpload({ ...onUpload, attempt, result, dooms: [] });
      const ready = result.kind === "ready" ? result.facts : undefined;
      assert.equal(finished, model.finish(upload, attempt, ready));
    }
  }
}

/** What must be true of the store after any step. */
async function check(
  scene: Scene,
  model: MetadataModel,
  owners: readonly PrincipalRecord[],
  statesBefore: Map<string, UploadState>,
): Promise<void> {
  const { store } = scene;
  for (const [index, { id: ownerId }] of owners.entries()) {
    const counters = await scene.counters(ownerId);
    assert.deepEqual(counters, model.counters(index));
    const uploads = await store.listUploads({ ownerId, limit: 201 });
    const files = [
      ...(await store.listFiles({ ownerId, list: { by: "created" }, limit: 201 })),
      ...(await store.listFiles({ ownerId, list: { by: "trashed" }, limit: 201 })),
    ];
    const own = model.files.filter(({ owner, state }) => owner === index && state !== "purged");
    assert.equal((await store.findPrincipal(ownerId))?.usedFiles, own.length);
    assert.ok(own.length <= limits.quotaFiles, "no more files than may be");
    await checkHistories(scene, own);
    assert.equal(counters.open, uploads.filter(({ state }) => rank[state] < 3).length);
    assert.deepEqual(
      uploads
        .map(
          ({ id, state, attempt, sha256, multipart }) =>
            `${id} ${state} ${attempt} ${sha256} ${multipart !== undefined} ${multipart?.storeUploadId}`,
        )
        .sort(),
      model.uploads
        .filter(({ owner }) => owner === index)
        .map(
          ({ id, state, attempt, digest, inParts, storeUploadId: store }) =>
            `${id} ${state} ${attempt} ${digest} ${inParts} ${store}`,
        )
        .sort(),
    );
    assert.deepEqual(
      files.map(({ id, state, revision, name }) => `${id} ${state} ${revision} ${name}`).sort(),
      own.map(({ id, state, revision, name }) => `${id} ${state} ${revision} ${name}`).sort(),
    );
    for (const { id, state } of uploads) {
      assert.ok(isForward(statesBefore.get(id) ?? "pending", state), `${statesBefore.get(id)} → ${state}`);
      statesBefore.set(id, state);
    }
  }
  for (const { id, declared } of model.uploads)
    assert.deepEqual(
      await store.listDeclaredParts(id),
      [...declared]
        .map(([partNumber, sha256]) => ({ partNumber, sha256 }))
        .sort((one, other) => one.partNumber - other.partNumber),
    );
  assert.deepEqual([...(await store.findKnownMultiparts(["store-1", "store-2", "store-3"]))].sort(), [
    ...new Set(model.knownMultiparts()),
  ]);
  assert.deepEqual(idsOf(await store.listExpiredUploads(100)).sort(), model.expiredIds());
  assert.deepEqual(idsOf(await store.listUnprobedUploads(100)).sort(), model.unprobedIds());
  assert.deepEqual(idsOf(await store.listHeldReservations(100)).sort(), model.heldIds());
  assert.deepEqual(idsOf(await store.listUnclosedUploads(100)).sort(), model.unclosedIds());
  await checkPurged(scene, model);
  assert.deepEqual(
    idsOf(await store.listQuarantinedFiles({ limit: 100 })),
    model.files
      .filter(({ state }) => state === "quarantined")
      .map(({ id }) => id)
      .sort(),
  );
  for (const { recorded, counted } of await store.listCounters({ limit: 10 }))
    assert.deepEqual(recorded, counted);
  for (const { recorded, counted } of await store.listOrganisationCounters({ limit: 10 }))
    assert.deepEqual(recorded, counted);
  assert.equal((await scene.auditEvents()).length, model.auditCount);
}

/** Random sequences of commands, each on an empty store, held to the model after every step. */
export async function holdToModel(
  create: () => Promise<MetadataStoreUnderTest>,
  runs: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 100, size: "max" }), async (steps) => {
      const underTest = await create();
      try {
        const scene = new Scene(underTest);
        const model = new MetadataModel();
        model.nowMs = scene.clock.nowMs();
        const organisation = "Both";
        const owners = [await scene.newOwner({ organisation }), await scene.newOwner({ organisation })];
        const states = new Map<string, UploadState>();
        for (const each of steps) {
          await take(scene, model, owners, each);
          await check(scene, model, owners, states);
        }
      } finally {
        await underTest.close();
      }
    }),
    { numRuns: runs },
  );
}
