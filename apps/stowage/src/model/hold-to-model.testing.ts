import assert from "node:assert/strict";
import { mintDownloads, type UploadRecord, type UploadState } from "@stowage/core";
import { digestOf, sha256Of } from "./content.testing.ts";
import type { LifecycleModel, ModelFile, ModelUpload } from "./lifecycle-model.testing.ts";
import type { LifecycleRun } from "./lifecycle-run.testing.ts";

/** What is to be seen of a row; the model's and the real one's. */
const rowOf = (upload: ModelUpload) => ({
  id: upload.id,
  state: upload.state,
  landingKey: upload.landingKey,
  sha256: upload.sha256,
  attempt: upload.attempt,
  failedAttempts: upload.failedAttempts,
  expiresAtMs: upload.expiresAtMs,
  urlsUntilMs: upload.urlsUntilMs,
  partSizeBytes: upload.parts?.partSizeBytes,
  storeUploadId: upload.parts?.storeUploadId,
  rejection: upload.rejection,
});

const realRowOf = (upload: UploadRecord) => ({
  id: upload.id,
  state: upload.state,
  landingKey: upload.landingKey,
  sha256: upload.sha256,
  attempt: upload.attempt,
  failedAttempts: upload.failedAttempts,
  expiresAtMs: upload.expiresAtMs,
  urlsUntilMs: upload.urlsUntilMs,
  partSizeBytes: upload.multipart?.partSizeBytes,
  storeUploadId: upload.multipart?.storeUploadId,
  rejection: upload.rejection?.code,
});

const rank: Record<UploadState, number> = {
  pending: 0,
  uploaded: 1,
  verifying: 2,
  ready: 3,
  rejected: 3,
  aborted: 3,
};

const states = new WeakMap<LifecycleModel, Map<string, UploadState>>();

/** Holds rows and objects, as they are seen from outside, to the model; and to what must be true whatever it says. */
export async function holdToModel(run: LifecycleRun): Promise<void> {
  await holdUploads(run);
  await holdFiles(run);
  await holdCounters(run);
  await holdAudit(run);
  await holdObjects(run);
  await holdDownloads(run);
}

async function holdUploads({ machine: { metadata }, model }: LifecycleRun): Promise<void> {
  const rows = await metadata.findUploads(model.uploads.map(({ id }) => id));
  const real = new Map(rows.map((row) => [row.id, realRowOf(row)]));
  const before = states.get(model) ?? new Map<string, UploadState>();
  states.set(model, before);
  for (const upload of model.uploads) {
    assert.deepEqual(real.get(upload.id), rowOf(upload));
    const last = before.get(upload.id) ?? "pending";
    const isForward =
      last === upload.state ||
      (rank[last] < rank[upload.state] && (upload.state !== "aborted" || last === "pending"));
    assert.ok(isForward, `${upload.id} went from ${last} to ${upload.state}`);
    before.set(upload.id, upload.state);
  }
}

async function holdFiles({ machine: { metadata }, model }: LifecycleRun): Promise<void> {
  const ids = [...new Set([...model.uploads.map(({ fileId }) => fileId), ...model.purged])];
  const rows = await metadata.findFiles(ids);
  assert.deepEqual(
    rows
      .map(({ id, state, name, revision, current }) => ({
        id,
        state,
        name,
        revision,
        key: current.key,
        sha256: current.sha256,
        derivatives: current.derivatives.map(({ key }) => key),
      }))
      .sort(byId),
    model.files
      .map(({ id, state, name, revision, key, content, derivatives }) => ({
        id,
        state,
        name,
        revision,
        key,
        sha256: digestOf(content),
        derivatives: derivatives.map((derivative) => derivative.key),
      }))
      .sort(byId),
  );
}

const byId = (one: { readonly id: string }, other: { readonly id: string }): number =>
  one.id < other.id ? -1 : 1;

async function holdCounters({ machine: { metadata }, model }: LifecycleRun): Promise<void> {
  const rows = await metadata.listCounters({ limit: 10 });
  for (const [owner, id] of model.people.entries()) {
    const row = rows.find(({ principalId }) => principalId === id);
    assert.deepEqual(row?.recorded, model.counters(owner === 0 ? 0 : 1), `the counters of ${id}`);
    assert.deepEqual(row?.counted, row?.recorded, `what the rows of ${id} add up to`);
  }
}

/** One audit event for each change, and none for what changed nothing. */
async function holdAudit(run: LifecycleRun): Promise<void> {
  const events = await run.machine.metadata.listAuditEvents({ afterSequence: run.seenAudit, limit: 1000 });
  run.seenAudit = events.at(-1)?.sequence ?? run.seenAudit;
  assert.deepEqual(
    events.map(({ actor, action, targetId }) => `${actor} ${action} ${targetId}`),
    run.model.audit.splice(0),
  );
}

async function holdObjects({ machine: { metadata, objects }, model }: LifecycleRun): Promise<void> {
  const { items } = await objects.list({ prefix: "", limit: 1000 });
  assert.deepEqual(
    items.map(({ key, sizeBytes }) => `${key} ${sizeBytes}`).sort(),
    [...model.objects].map(([key, { sizeBytes }]) => `${key} ${sizeBytes}`).sort(),
  );
  const multiparts = await objects.listMultipartUploads({ prefix: "", limit: 1000 });
  assert.deepEqual(
    multiparts.items.map(({ key, storeUploadId }) => `${key} ${storeUploadId}`).sort(),
    [...model.multiparts].map(([id, { key }]) => `${key} ${id}`).sort(),
  );
  const due = await metadata.listDoomedObjects(1000);
  assert.deepEqual(
    due.map(({ key }) => key),
    model.dueKeys(),
  );
}

/** Downloads of larger files are tried now and then. */
const smallBytes = 100_000;

async function holdDownloads(run: LifecycleRun): Promise<void> {
  const { machine, model } = run;
  for (const owner of [0, 1] as const) {
    const person = { id: model.people[owner] ?? "" };
    const services = machine.services(machine, model.limits[owner]);
    const ids = model.uploads.filter((upload) => upload.owner === owner).map(({ fileId }) => fileId);
    const answers = await mintDownloads(
      services,
      person,
      ids.map((id) => ({ id })),
    );
    const given = ids.filter((_, index) => "request" in (answers[index] ?? {}));
    const ready = model.files.filter((file) => file.owner === owner && file.state === "ready");
    assert.deepEqual(given.sort(), ready.map(({ id }) => id).sort(), "what is given out");
  }
  const ready = model.files.filter(({ state }) => state === "ready");
  const newest = ready.at(-1);
  const another = ready[run.stepsTaken % Math.max(1, ready.length)];
  for (const file of new Set([newest, another]))
    if (file && (file.content.sizeBytes < smallBytes || run.stepsTaken % 8 === 0)) await holdBytes(run, file);
}

/** What is served is what was verified, and what its client had. */
export async function holdBytes({ machine, model }: LifecycleRun, file: ModelFile): Promise<void> {
  const services = machine.services(machine, model.limits[file.owner]);
  const person = { id: model.ownerOf(file) };
  const [answer] = await mintDownloads(services, person, [{ id: file.id }]);
  assert.ok(answer && "request" in answer, `${file.id} is not given out`);
  // Signed by the services' clock, held to the store's.
  const bytes = await machine.fetch(answer.request);
  assert.equal(sha256Of(bytes), digestOf(file.content), `the bytes of ${file.id}`);
}
