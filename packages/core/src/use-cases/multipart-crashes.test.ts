import assert from "node:assert/strict";
import { test } from "node:test";
import { countParts, sizeOfPart } from "../part-plan.ts";
import { RefusedError } from "../refusal.ts";
import type { UploadRecord } from "../upload.ts";
import { abortUpload } from "./abort-upload.ts";
import { completeUpload } from "./complete-upload.ts";
import { dayMs, dieEverywhere, minuteMs, type Step } from "./die-everywhere.testing.ts";
import { createDyingProcess } from "./dying-process.testing.ts";
import { listParts } from "./list-parts.ts";
import { mintParts } from "./mint-parts.ts";
import { leaseMs, type OneMachine, sha256Of } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { sweep } from "./sweep.ts";
import { turnMultipart } from "./turn-multipart.ts";

const film = Buffer.from("twenty-five bytes of film");
const partSizeBytes = 10;

const ann = async (machine: OneMachine) => machine.person("ann");

/** Sends what the store does not have, and says so. */
const sendRest: Step<UploadRecord> = async ({ services }, machine, { id }) => {
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

const complete: Step<UploadRecord> = async ({ services }, machine, { id }) => {
  await completeUpload(services, await ann(machine), id);
};

const verify: Step<UploadRecord> = async ({ worker }) => {
  const upload = await worker.metadata.claimUpload({ leaseMs });
  if (upload) await processUpload(worker, upload);
};

const abort: Step<UploadRecord> = async ({ services }, machine, { id }) => {
  await abortUpload(services, await ann(machine), id);
};

const sweepOnce: Step<UploadRecord> = async ({ services }) => {
  await sweep(services);
};

async function counters(machine: OneMachine): Promise<unknown> {
  const person = await ann(machine);
  const principal = await machine.services.metadata.findPrincipal(person.id);
  return [principal?.usedBytes, principal?.reservedBytes, principal?.openUploads];
}

const announce = async (machine: OneMachine): Promise<UploadRecord> =>
  machine.announceInParts(await ann(machine), film, partSizeBytes);

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
  await dieEverywhere("life", { prepare: announce, steps: [sendRest, complete, verify], check: assertReady });
});

test("wherever the sweeper dies, what a silent client sent becomes its file", async () => {
  const prepare = async (machine: OneMachine) => {
    const upload = await machine.announceInParts(await ann(machine), film, partSizeBytes);
    await sendRest(createDyingProcess(machine, 0, "before"), machine, upload);
    machine.advance(15 * minuteMs);
    return upload;
  };
  await dieEverywhere("sweep", { prepare, steps: [sweepOnce, verify], check: assertReady });
});

test("wherever a process dies while it aborts, no part is left and nothing stays reserved", async () => {
  await dieEverywhere("abort", { prepare: announce, steps: [sendRest, abort], check: assertGone });
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
  await dieEverywhere("expiry", { prepare, steps: [sweepOnce], check: assertGone });
});

test("wherever a process dies while it turns a PUT into parts, the file arrives once and the PUT brings nothing", async () => {
  const large = Buffer.alloc(5_242_881, "a");
  const requestOf = async (machine: OneMachine) => {
    const { id, request } = await machine.announce(await ann(machine), large);
    const upload = await machine.services.metadata.findUpload(id);
    assert.ok(upload);
    return { ...upload, request };
  };
  const turn: Step<Awaited<ReturnType<typeof requestOf>>> = async ({ services }, machine, { id }) => {
    await turnMultipart(services, await ann(machine), id);
  };
  const sendAnyway: typeof turn = async (_, machine, { id, request }) => {
    const turned = await machine.services.metadata.findUpload(id);
    assert.ok(turned?.multipart);
    await machine.objects.receive(request, large);
    await assert.rejects(
      completeUpload(machine.services, await ann(machine), id),
      (error) => error instanceof RefusedError && error.code === "parts-missing",
    );
    await abortUpload(machine.services, await ann(machine), id);
  };
  await dieEverywhere("turn", { prepare: requestOf, steps: [turn, sendAnyway], check: assertGone });
});
