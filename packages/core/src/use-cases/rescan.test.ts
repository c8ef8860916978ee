import assert from "node:assert/strict";
import { test } from "node:test";
import { ScannerUnavailableError } from "../ports/scanner.ts";
import { createMemoryScanner } from "../testing/memory-scanner.ts";
import { changeFile } from "./change-file.ts";
import { completeUpload } from "./complete-upload.ts";
import { listFiles } from "./list-files.ts";
import { mintDownloads } from "./mint-downloads.ts";
import { createOneMachine, type OneMachine } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { purgeFile } from "./purge-file.ts";
import { type RescanFinding, type RescanOptions, rescan } from "./rescan.ts";
import { restoreFile } from "./restore-file.ts";
import { sweep } from "./sweep.ts";
import { trashFile } from "./trash-file.ts";

function machineWithScanner() {
  const scanner = createMemoryScanner();
  return { machine: createOneMachine({ scanner }), scanner };
}

async function readyFile(
  machine: OneMachine,
  person: { id: string },
  text: string,
  replaces?: { fileId: string; version: number },
) {
  const content = Buffer.from(text);
  const more = replaces ? { replaces } : {};
  const upload = await machine.announce(person, content, undefined, more);
  assert.equal(await machine.objects.receive(upload.request, content), 200);
  await completeUpload(machine.services, person, upload.id);
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
  return replaces?.fileId ?? upload.fileId;
}

async function rescanned(
  machine: OneMachine,
  scanner: ReturnType<typeof createMemoryScanner>,
  options: Partial<RescanOptions> = {},
) {
  const findings: RescanFinding[] = [];
  const { metadata } = machine.services;
  const report = await rescan(
    { metadata, objects: machine.objects, scanner },
    { onFinding: (finding) => findings.push(finding), ...options },
  );
  return { findings, report };
}

const isGivenOut = async (machine: OneMachine, person: { id: string }, id: string, more: object = {}) => {
  const [answer] = await mintDownloads(machine.services, person, [{ id, ...more }]);
  return answer !== undefined && "request" in answer;
};

test("what new signatures find is given out no more, and its owner sees why and may delete it for good", async () => {
  const { machine, scanner } = machineWithScanner();
  const ann = await machine.person("ann");
  const bad = await readyFile(machine, ann, "something that is new bad");
  const good = await readyFile(machine, ann, "something good");
  assert.deepEqual((await rescanned(machine, scanner)).findings, []);

  scanner.signatures.set("New.Bad-1", "new bad");
  const { findings, report } = await rescanned(machine, scanner);
  const found = { finding: "New.Bad-1", scanner: "Memory, 1 signatures" };
  assert.deepEqual(findings, [{ kind: "quarantined", fileId: bad, ownerId: ann.id, version: 1, ...found }]);
  assert.equal(report.versions, 2);
  assert.equal(report.quarantined, 1);

  for (const more of [{}, { version: 1 }, { derivative: "thumbnail" }, { derivative: "preview" }])
    assert.equal(await isGivenOut(machine, ann, bad, more), false, JSON.stringify(more));
  assert.equal(await isGivenOut(machine, ann, good), true);
  const ids = async (by: "created" | "trashed") =>
    (await listFiles(machine.services, ann, { list: { by }, limit: 10 })).items.map(({ file: { id } }) => id);
  assert.deepEqual([await ids("created"), await ids("trashed")], [[good], [bad]]);

  const { metadata } = machine.services;
  const { clock } = machine.services;
  const ports = { metadata, clock };
  const isRefused = { code: "file-not-ready" };
  await assert.rejects(changeFile(machine.services, ann, bad, "any", { name: "x" }), isRefused);
  await assert.rejects(trashFile(ports, ann, bad, "any"), isRefused);
  await assert.rejects(restoreFile(ports, ann, bad, "any"), { code: "file-not-trashed" });
  const { storagePrefix } = (await metadata.listUploads({ ownerId: ann.id, limit: 10 })).find(
    ({ fileId }) => fileId === bad,
  ) ?? { storagePrefix: "none" };
  await purgeFile(ports, ann, bad, "any");
  machine.advance(20 * 60_000);
  await sweep({ ...machine.services });
  assert.deepEqual(
    [...machine.objects.objects.keys()].filter((key) => key.startsWith(storagePrefix)),
    [],
  );
});

test("an old version, and what is in the trash, quarantine their file too", async () => {
  const { machine, scanner } = machineWithScanner();
  const ann = await machine.person("ann");
  const replaced = await readyFile(machine, ann, "once it was new bad");
  await readyFile(machine, ann, "and then it was good", { fileId: replaced, version: 1 });
  const trashed = await readyFile(machine, ann, "trash that is new bad");
  await trashFile(machine.services, ann, trashed, "any");
  scanner.signatures.set("New.Bad-1", "new bad");
  const { findings } = await rescanned(machine, scanner);
  assert.deepEqual(
    findings.map(({ kind, fileId, version }) => `${kind} ${fileId} ${version}`).sort(),
    [`quarantined ${replaced} 1`, `quarantined ${trashed} 1`].sort(),
  );
  for (const version of [1, 2]) assert.equal(await isGivenOut(machine, ann, replaced, { version }), false);
});

test("run again it changes nothing, and a mistake of the scanner's is put back where it was when that is asked", async () => {
  const { machine, scanner } = machineWithScanner();
  const ann = await machine.person("ann");
  const ready = await readyFile(machine, ann, "one that is new bad");
  const trashed = await readyFile(machine, ann, "another that is new bad");
  await trashFile(machine.services, ann, trashed, "any");
  scanner.signatures.set("New.Bad-1", "new bad");
  await rescanned(machine, scanner);
  const states = async () =>
    (await machine.services.metadata.findFiles([ready, trashed])).map(({ id, state, revision }) => [
      id === ready,
      state,
      revision,
    ]);
  const before = await states();
  for (const releases of [false, true]) {
    const again = await rescanned(machine, scanner, { releases });
    assert.deepEqual(
      again.findings.map(({ kind }) => kind),
      ["still-found", "still-found"],
    );
    assert.deepEqual(await states(), before);
  }
  scanner.signatures.clear();
  const told = await rescanned(machine, scanner);
  assert.deepEqual(
    told.findings.map((finding) => finding.kind === "clean-now" && finding.released),
    [false, false],
  );
  assert.deepEqual(await states(), before);
  const { report } = await rescanned(machine, scanner, { releases: true });
  assert.equal(report.released, 2);
  assert.deepEqual(
    (await states()).map(([isReady, state]) => [isReady, state]).sort(),
    [
      [false, "trashed"],
      [true, "ready"],
    ].sort(),
  );
  assert.equal(await isGivenOut(machine, ann, ready), true);
});

test("a scanner that is away ends it; what it can't take, and what is lost, is told and the rest is scanned", async () => {
  const { machine, scanner } = machineWithScanner();
  const ann = await machine.person("ann");
  const lost = await readyFile(machine, ann, "lost");
  const large = await readyFile(machine, ann, "large, larger than all the others");
  const bad = await readyFile(machine, ann, "new bad");
  const key = (await machine.services.metadata.findFile(lost))?.current.key ?? "";
  await machine.objects.delete(key);
  const small = createMemoryScanner({ maxSizeBytes: 20 });
  small.signatures.set("New.Bad-1", "new bad");
  const { findings, report } = await rescanned(machine, small);
  assert.deepEqual(
    findings
      .map((finding) => [finding.fileId, finding.kind, finding.kind === "not-scanned" && finding.reason])
      .sort(),
    [
      [lost, "not-scanned", "missing"],
      [large, "not-scanned", "too-large"],
      [bad, "quarantined", false],
    ].sort(),
  );
  assert.equal(report.notScanned, 2);
  scanner.isDown = true;
  await assert.rejects(
    rescanned(machine, scanner),
    (error) => error instanceof ScannerUnavailableError && error.failure === "unreachable",
  );
});

test("more files than a page has are all scanned, a few at a time", async () => {
  const { machine, scanner } = machineWithScanner();
  const ann = await machine.person("ann");
  for (let index = 0; index < 205; index += 1) await readyFile(machine, ann, `file ${index} new bad`);
  scanner.signatures.set("New.Bad-1", "new bad");
  scanner.scanned.count = 0;
  let most = 0;
  let now = 0;
  const counting = {
    ...scanner,
    scan: async (...given: Parameters<typeof scanner.scan>) => {
      now += 1;
      most = Math.max(most, now);
      return scanner.scan(...given).finally(() => {
        now -= 1;
      });
    },
  };
  const { report } = await rescanned(machine, counting, { parallel: 3 });
  assert.equal(report.quarantined, 205);
  assert.equal(scanner.scanned.count, 205);
  assert.equal(most, 3);
  assert.equal((await rescanned(machine, scanner)).report.stillFound, 205);
});
