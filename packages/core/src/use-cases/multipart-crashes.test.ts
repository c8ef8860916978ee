import assert from "node:assert/strict";
import { test } from "node:test";
import { countParts, sizeOfPart } from "../part-plan.ts";
import { RefusedError } from "../refusal.ts";
import type { UploadRecord } from "../upload.ts";
import { abortUpload } from "./abort-upload.ts";
import { completeUpload } from "./complete-upload.ts";
import { createDyingProcess, type DyingProcess, ProcessDiedError } from "./dying-process.testing.ts";
import { listParts } from "./list-parts.ts";
import { mintParts } from "./mint-parts.ts";
import { createOneMachine, leaseMs, type OneMachine, sha256Of } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { sweep } from "./sweep.ts";
import { sweepMultiparts } from "./sweep-multiparts.ts";
import { sweepOrphans } from "./sweep-orphans.ts";
import { turnMultipart } from "./turn-multipart.ts";

const film = Buffer.from("twenty-five bytes of film");
const partSizeBytes = 10;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** A client, or a worker, that goes on from wherever the process before it died. */
type Step = (process: DyingProcess, machine: OneMachine, upload: UploadRecord) => Promise<void>;

const ann = async (machine: OneMachine) => machine.person("ann");

/** Sends what the store does not have, and says so. */
const sendRest: Step = async ({ services }, machine, { id }) => {
  const person = await ann(machine);
  const upload = await services.metadata.findUpload(id);
  if (!upload?.multipart || upload.state !== "pending") return;
  const plan = { ...upload, ...upload.multipart };
  const there = new Set((await listParts(services, person, id)).map(({ partNumber }) => partNumber));
  for (let partNumber = 1; partNumber <= countParts(plan); partNumber += 1) {
    if (there.has(partNumber)) continue;
    const start = (partNumber - 1) * partSizeBytes;
    const bytes = film.subarray(start, start + sizeOfPart(plan, partNumber));
    const { requests } = await mintParts(services, person, id, [{ partNumber, sha256: sha256Of(bytes) }]);
    const [request] = requests ?? [];
    assert.ok(request);
    assert.equal(await machine.objects.receive(request, bytes), 200);
  }
};

const complete: Step = async ({ services }, machine, { id }) => {
  await completeUpload(services, await ann(machine), id);
};

const verify: Step = async ({ worker }) => {
  const upload = await worker.metadata.claimUpload({ leaseMs });
  if (upload) await processUpload(worker, upload);
};

const abort: Step = async ({ services }, machine, { id }) => {
  await abortUpload(services, await ann(machine), id);
};

const sweepOnce: Step = async ({ services }) => {
  await sweep(services);
};

/** One step after the other, each taken up again by a process that does not die. */
async function live(
  machine: OneMachine,
  upload: UploadRecord,
  steps: readonly Step[],
  dying: DyingProcess,
): Promise<void> {
  let process = dying;
  for (const step of steps) {
    try {
      await step(process, machine, upload);
    } catch (error) {
      // The process may have caught the call's failure and gone on until its next call.
      if (!(error instanceof ProcessDiedError)) throw error;
      process = createDyingProcess(machine, 0, "before");
      machine.advance(leaseMs + minuteMs);
      await step(process, machine, upload);
    }
  }
}

/** What is left once every URL has ended, and the sweepers have come by. */
async function settle(machine: OneMachine): Promise<void> {
  for (const ms of [15 * minuteMs, dayMs + minuteMs]) {
    machine.advance(ms);
    await sweep(machine.services);
    await sweepMultiparts(machine.services);
    await sweepOrphans(machine.services);
  }
}

async function counters(machine: OneMachine): Promise<unknown> {
  const person = await ann(machine);
  const principal = await machine.services.metadata.findPrincipal(person.id);
  return [principal?.usedBytes, principal?.reservedBytes, principal?.openUploads];
}

/** Runs the steps once for each call of a port that they make, and dies there. */
async function dieEverywhere(
  name: string,
  steps: readonly Step[],
  check: (machine: OneMachine, upload: UploadRecord, where: string) => Promise<void>,
  prepare: (machine: OneMachine) => Promise<UploadRecord> = async (machine) =>
    machine.announceInParts(await ann(machine), film, partSizeBytes),
): Promise<void> {
  for (const when of ["before", "after"] as const)
    for (let dyingCall = 1; ; dyingCall += 1) {
      const machine = createOneMachine();
      const upload = await prepare(machine);
      const dying = createDyingProcess(machine, dyingCall, when);
      await live(machine, upload, steps, dying);
      await settle(machine);
      await check(machine, upload, `${name}: died ${when} call ${dyingCall}`);
      if (dying.calls.count < dyingCall) {
        assert.ok(dyingCall > steps.length, "the steps call ports");
        break;
      }
    }
}

async function assertReady(machine: OneMachine, { id, fileId }: UploadRecord, where: string): Promise<void> {
  const { metadata } = machine.services;
  const upload = await metadata.findUpload(id);
  assert.equal(upload?.state, "ready", `${where}: ${JSON.stringify(upload?.rejection)}`);
  assert.equal(upload.sha256, sha256Of(film), where);
  const file = await metadata.findFile(fileId);
  const key = file?.current.key ?? "";
  assert.deepEqual(Buffer.from(machine.objects.objects.get(key)?.bytes ?? []), film, where);
  const kept = [key, ...(file?.current.derivatives.map((derivative) => derivative.key) ?? [])].sort();
  assert.deepEqual([...machine.objects.objects.keys()].sort(), kept, where);
  assert.equal(machine.objects.multiparts.size, 0, where);
  assert.deepEqual(await counters(machine), [film.byteLength, 0, 0], where);
  const types = (await metadata.listUploadEvents(id)).map(({ type }) => type);
  for (const once of ["begun", "uploaded", "ready"] as const)
    assert.equal(types.filter((type) => type === once).length, 1, `${where}: ${types.join()}`);
}

async function assertGone(machine: OneMachine, { id }: UploadRecord, where: string): Promise<void> {
  assert.equal((await machine.services.metadata.findUpload(id))?.state, "aborted", where);
  assert.equal(machine.objects.objects.size, 0, where);
  assert.equal(machine.objects.multiparts.size, 0, where);
  assert.deepEqual(await counters(machine), [0, 0, 0], where);
}

test("wherever a process dies while parts are minted, joined and verified, the file arrives once", async () => {
  await dieEverywhere("life", [sendRest, complete, verify], assertReady);
});

test("wherever the sweeper dies, what a silent client sent becomes its file", async () => {
  const prepare = async (machine: OneMachine) => {
    const upload = await machine.announceInParts(await ann(machine), film, partSizeBytes);
    await sendRest(createDyingProcess(machine, 0, "before"), machine, upload);
    machine.advance(15 * minuteMs);
    return upload;
  };
  await dieEverywhere("sweep", [sweepOnce, verify], assertReady, prepare);
});

test("wherever a process dies while it aborts, no part is left and nothing stays reserved", async () => {
  await dieEverywhere("abort", [sendRest, abort], assertGone);
});

test("wherever the sweeper dies over what ran out, no part is left and nothing stays reserved", async () => {
  const prepare = async (machine: OneMachine) => {
    const person = await ann(machine);
    const upload = await machine.announceInParts(person, film, partSizeBytes);
    const part = film.subarray(0, partSizeBytes);
    const declared = [{ partNumber: 1, sha256: sha256Of(part) }];
    const [request] = (await mintParts(machine.services, person, upload.id, declared)).requests ?? [];
    assert.ok(request);
    assert.equal(await machine.objects.receive(request, part), 200);
    machine.advance(8 * dayMs);
    return upload;
  };
  await dieEverywhere("expiry", [sweepOnce], assertGone, prepare);
});

test("wherever a process dies while it turns a PUT into parts, the file arrives once and the PUT brings nothing", async () => {
  const large = Buffer.alloc(5_242_881, "a");
  const requestOf = async (machine: OneMachine) => {
    const { id, request } = await machine.announce(await ann(machine), large);
    const upload = await machine.services.metadata.findUpload(id);
    assert.ok(upload);
    return { ...upload, request };
  };
  for (const when of ["before", "after"] as const)
    for (let dyingCall = 1; ; dyingCall += 1) {
      const machine = createOneMachine();
      const upload = await requestOf(machine);
      const dying = createDyingProcess(machine, dyingCall, when);
      const turn: Step = async ({ services }) => {
        await turnMultipart(services, await ann(machine), upload.id);
      };
      await live(machine, upload, [turn], dying);
      const turned = await machine.services.metadata.findUpload(upload.id);
      assert.ok(turned?.multipart);
      await machine.objects.receive(upload.request, large);
      await assert.rejects(
        completeUpload(machine.services, await ann(machine), upload.id),
        (error) => error instanceof RefusedError && error.code === "parts-missing",
      );
      await abortUpload(machine.services, await ann(machine), upload.id);
      await settle(machine);
      await assertGone(machine, upload, `died ${when} call ${dyingCall}`);
      if (dying.calls.count < dyingCall) break;
    }
});
