import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type ObjectStore, StoreUnavailableError } from "../ports/object-store.ts";
import { abortUpload } from "./abort-upload.ts";
import { completeUpload } from "./complete-upload.ts";
import { createOneMachine, type OneMachine, sha256Of } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { type ReconcileOptions, reconcile } from "./reconcile.ts";
import { type Finding, isFault } from "./reconcile-findings.ts";
import { TooManyOrphansError } from "./sweep-orphans.ts";

const hourMs = 3600_000;

const newSha256 = () => {
  const hash = createHash("sha256");
  return { update: (bytes: Uint8Array) => void hash.update(bytes), digestHex: () => hash.digest("hex") };
};

async function run(
  machine: OneMachine,
  options: Partial<ReconcileOptions> = {},
  objects: ObjectStore = machine.objects,
) {
  const findings: Finding[] = [];
  const report = await reconcile(
    { ...machine.services, objects },
    { ...options, onFinding: (finding) => findings.push(finding) },
  );
  return { findings, report };
}

/** A ready file of these bytes; answers its row. */
async function makeFile(machine: OneMachine, person: { id: string }, text: string) {
  const bytes = Buffer.from(text);
  const { id, fileId, request } = await machine.announce(person, bytes);
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, person, id);
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
  const file = await machine.services.metadata.findFile(fileId);
  assert.ok(file);
  return file;
}

const putStray = (machine: OneMachine, key: string, text = "stray") => {
  const body = Buffer.from(text);
  return machine.objects.put({ key, body, contentType: "text/plain", sha256: sha256Of(body) });
};

/** A store that can list these keys' objects, and gives none of them out whole. */
const damagedAt = (objects: ObjectStore, keys: readonly string[]): ObjectStore => ({
  ...objects,
  get: async (key, options) => {
    const object = await objects.get(key, options);
    if (!object || !keys.includes(key)) return object;
    async function* breakOff(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("a");
      throw new StoreUnavailableError("the store broke off");
    }
    return { sizeBytes: object.sizeBytes, body: breakOff() };
  },
});

test("where all is well there is nothing to find, and it is said how much was looked at", async () => {
  const machine = createOneMachine();
  const [ann, bob] = [await machine.person("ann"), await machine.person("bob")];
  await makeFile(machine, ann, "one photograph");
  await makeFile(machine, bob, "another");
  await machine.announce(ann, Buffer.from("pending"));
  const { findings, report } = await run(machine, { deep: { newSha256 } });
  assert.deepEqual(findings, []);
  const stored = [...machine.objects.objects.entries()];
  const served = stored.filter(([key]) => key.startsWith("files/"));
  const sizeOf = (all: typeof stored) => all.reduce((sum, [, { bytes }]) => sum + bytes.byteLength, 0);
  assert.deepEqual(report, {
    objects: stored.length,
    objectBytes: sizeOf(stored),
    versions: 2,
    derivatives: served.length - 2,
    files: 2,
    people: 2,
    readBytes: sizeOf(served),
  });
});

test("an object without a row is removed once it is old enough, and in a dry run only told", async () => {
  const machine = createOneMachine();
  await makeFile(machine, await machine.person("ann"), "sound");
  for (const key of ["files/stray/1/original", "uploads/stray", "probe/stray"]) await putStray(machine, key);
  const lastModifiedMs = machine.services.clock.nowMs();
  const kept = [...machine.objects.objects.keys()].filter((key) => !key.includes("stray"));
  assert.deepEqual((await run(machine)).findings, []);
  machine.advance(25 * hourMs);
  // The landing object of the file is due by now, and not what this is about.
  await run(machine, { minAgeMs: Number.MAX_SAFE_INTEGER });
  const expected = (mended: boolean) =>
    ["files/stray/1/original", "uploads/stray", "probe/stray"].map((key) => ({
      kind: "orphan",
      key,
      sizeBytes: 5,
      lastModifiedMs,
      mended,
    }));
  const dry = await run(machine, { dryRun: true });
  assert.deepEqual(dry.findings, expected(false));
  assert.ok(!dry.findings.some(isFault));
  assert.ok(machine.objects.objects.has("uploads/stray"));
  assert.deepEqual((await run(machine)).findings, expected(true));
  assert.deepEqual((await run(machine)).findings, []);
  assert.deepEqual(
    [...machine.objects.objects.keys()],
    kept.filter((key) => key.startsWith("files/")),
  );
});

test("the age is the caller's to choose", async () => {
  const machine = createOneMachine();
  await putStray(machine, "uploads/stray");
  machine.advance(1000);
  assert.deepEqual((await run(machine, { minAgeMs: 1001 })).findings, []);
  assert.equal((await run(machine, { minAgeMs: 1000 })).findings.length, 1);
});

test("where most objects have no row nothing is removed, unless that is asked for", async () => {
  const machine = createOneMachine();
  await makeFile(machine, await machine.person("ann"), "sound");
  for (let made = 0; made < 101; made += 1) await putStray(machine, `files/stray-${made}/1/original`);
  machine.advance(25 * hourMs);
  const before = machine.objects.objects.size;
  await assert.rejects(run(machine, { minAgeMs: 0 }), TooManyOrphansError);
  assert.ok(machine.objects.objects.size >= before - 1, "at most the landing object that was due");
  assert.equal((await run(machine, { minAgeMs: 0, dryRun: true })).findings.length, 101);
  assert.equal((await run(machine, { minAgeMs: 0, evenMost: true })).findings.length, 101);
  assert.deepEqual((await run(machine, { minAgeMs: 0 })).findings, []);
});

test("a version or derivative without its object is told, and nothing is changed", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const [lost, halfLost] = [await makeFile(machine, ann, "lost"), await makeFile(machine, ann, "half lost")];
  await makeFile(machine, ann, "sound");
  const [derivative] = halfLost.current.derivatives;
  assert.ok(derivative);
  await machine.objects.delete(lost.current.key);
  await machine.objects.delete(derivative.key);
  const of = { version: 1, ownerId: ann.id, mended: false };
  const expected = [
    { kind: "missing", fileId: lost.id, key: lost.current.key, ...of },
    { kind: "missing", fileId: halfLost.id, key: derivative.key, derivative: derivative.name, ...of },
  ].sort((one, other) => (one.key < other.key ? -1 : 1));
  for (const options of [{}, { dryRun: true }, { deep: { newSha256 } }]) {
    const { findings } = await run(machine, options);
    assert.deepEqual(findings, expected);
    assert.ok(findings.every(isFault));
  }
  assert.deepEqual(await machine.services.metadata.findFile(lost.id), lost);
});

test("an object of another length is told from the list already", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const file = await makeFile(machine, ann, "the whole of it");
  await putStray(machine, file.current.key, "cut");
  for (const options of [{}, { deep: { newSha256 } }])
    assert.deepEqual((await run(machine, options)).findings, [
      {
        kind: "size-differs",
        fileId: file.id,
        version: 1,
        ownerId: ann.id,
        key: file.current.key,
        recordedSizeBytes: 15,
        storedSizeBytes: 3,
        mended: false,
      },
    ]);
});

test("only a deep look finds other bytes of the same length, and those that can't be read", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const swapped = await makeFile(machine, ann, "verified");
  const damaged = await makeFile(machine, ann, "rotting");
  await makeFile(machine, ann, "sound");
  await putStray(machine, swapped.current.key, "swapped!");
  const [derivative] = damaged.current.derivatives;
  assert.ok(derivative);
  const store = damagedAt(machine.objects, [damaged.current.key, derivative.key]);
  assert.deepEqual((await run(machine, {}, store)).findings, []);
  const { findings } = await run(machine, { deep: { newSha256 } }, store);
  const of = { version: 1, ownerId: ann.id, mended: false };
  const byKey = (one: Finding, other: Finding) =>
    "key" in one && "key" in other && one.key < other.key ? -1 : 1;
  assert.deepEqual(
    findings.sort(byKey),
    (
      [
        {
          kind: "digest-differs",
          fileId: swapped.id,
          key: swapped.current.key,
          recordedSha256: sha256Of(Buffer.from("verified")),
          storedSha256: sha256Of(Buffer.from("swapped!")),
          ...of,
        },
        { kind: "unreadable", fileId: damaged.id, key: damaged.current.key, ...of },
        { kind: "unreadable", fileId: damaged.id, key: derivative.key, derivative: derivative.name, ...of },
      ] as Finding[]
    ).sort(byKey),
  );
});

test("a derivative is held to the digest in its row", async () => {
  const machine = createOneMachine();
  const file = await makeFile(machine, await machine.person("ann"), "a picture");
  const [derivative] = file.current.derivatives;
  assert.ok(derivative?.sha256);
  await putStray(machine, derivative.key, "x".repeat(derivative.sizeBytes));
  const { findings } = await run(machine, { deep: { newSha256 } });
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ["digest-differs"],
  );
});

test("a store that is away ends it, and nothing is called damaged", async () => {
  const machine = createOneMachine();
  const file = await makeFile(machine, await machine.person("ann"), "sound");
  let isAway = false;
  const away = () => {
    if (isAway) throw new StoreUnavailableError("no answer");
  };
  const objects: ObjectStore = {
    ...machine.objects,
    get: async (key, options) => {
      isAway = key === file.current.key;
      away();
      return machine.objects.get(key, options);
    },
    list: async (list) => {
      away();
      return machine.objects.list(list);
    },
  };
  const findings: Finding[] = [];
  const onFinding = (finding: Finding) => findings.push(finding);
  await assert.rejects(
    reconcile({ ...machine.services, objects }, { deep: { newSha256 }, onFinding }),
    StoreUnavailableError,
  );
  assert.deepEqual(findings, []);
});

test("what is purged while it is looked at is no finding", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const [read, listed] = [await makeFile(machine, ann, "read"), await makeFile(machine, ann, "listed")];
  const { metadata } = machine.services;
  const purge = async ({ id, current }: typeof read) => {
    await metadata.purgeFile({ fileId: id, revision: 1, actor: "system" });
    for (const { key } of [current, ...current.derivatives]) await machine.objects.delete(key);
  };
  let pages = 0;
  const objects: ObjectStore = {
    ...machine.objects,
    list: async (list) => {
      pages += 1;
      // After the pass over all objects, before the one along the rows.
      if (pages === 4) await purge(listed);
      return machine.objects.list(list);
    },
    get: async (key, options) => {
      if (key === read.current.key) await purge(read);
      return machine.objects.get(key, options);
    },
  };
  assert.deepEqual((await run(machine, { deep: { newSha256 } }, objects)).findings, []);
  assert.ok(pages > 4);
});

test("what was due for deletion for more than an hour is deleted, and told as one", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const { id } = await machine.announce(ann, Buffer.from("aborted"));
  await abortUpload(machine.services, ann, id);
  assert.equal(machine.objects.objects.size, 1, "the tombstone");
  const dueMs = machine.services.clock.nowMs() + 11 * 60_000;
  machine.advance(70 * 60_000);
  assert.deepEqual((await run(machine)).findings, []);
  machine.advance(3 * 60_000);
  const finding = { kind: "overdue", objects: 1, oldestDueMs: dueMs };
  assert.deepEqual((await run(machine, { dryRun: true })).findings, [{ ...finding, mended: false }]);
  assert.deepEqual((await run(machine)).findings, [{ ...finding, mended: true }]);
  assert.deepEqual((await run(machine)).findings, []);
  assert.equal(machine.objects.objects.size, 0);
});

test("a multipart upload that no row speaks of is aborted once it is old enough", async () => {
  const machine = createOneMachine();
  const multipart = { key: "files/stray/0/original", contentType: "video/mp4" };
  const storeUploadId = await machine.objects.createMultipartUpload(multipart);
  const initiatedAtMs = machine.services.clock.nowMs();
  machine.advance(23 * hourMs);
  assert.deepEqual((await run(machine)).findings, []);
  machine.advance(hourMs);
  const finding = { kind: "orphan-multipart", key: multipart.key, storeUploadId, initiatedAtMs };
  assert.deepEqual((await run(machine, { dryRun: true })).findings, [{ ...finding, mended: false }]);
  assert.deepEqual((await run(machine)).findings, [{ ...finding, mended: true }]);
  assert.deepEqual((await run(machine)).findings, []);
});

test("it ends when it is told to", async () => {
  const machine = createOneMachine();
  await makeFile(machine, await machine.person("ann"), "sound");
  const stop = new AbortController();
  const onProgress = () => stop.abort();
  await assert.rejects(run(machine, { signal: stop.signal, onProgress }), { name: "AbortError" });
});
