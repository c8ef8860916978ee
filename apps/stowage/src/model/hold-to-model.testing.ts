import assert from "node:assert/strict";
import type { UploadRecord, UploadState } from "@stowage/core";
import { nameOf } from "./content.testing.ts";
import { holdDownloads } from "./hold-downloads.testing.ts";
import { holdFiles } from "./hold-files.testing.ts";
import type { LifecycleModel, ModelUpload } from "./lifecycle-model.testing.ts";
import type { LifecycleRun } from "./lifecycle-run.testing.ts";

/** What is to be seen of a row; the model's and the real one's. */
const rowOf = (model: LifecycleModel, upload: ModelUpload) => ({
  id: upload.id,
  fileId: upload.fileId,
  replaces: upload.replaces,
  // Names live in rows that a purge empties.
  name: upload.state === "ready" && !model.hasVersionOf(upload) ? "" : nameOf(upload.content),
  state: upload.state,
  landingKey: upload.landingKey,
  sha256: upload.sha256,
  attempt: upload.attempt,
  failedAttempts: upload.failedAttempts,
  lostClaims: upload.lostClaims,
  expiresAtMs: upload.expiresAtMs,
  urlsUntilMs: upload.urlsUntilMs,
  partSizeBytes: upload.parts?.partSizeBytes,
  storeUploadId: upload.parts?.storeUploadId,
  rejection: upload.rejection,
});

const realRowOf = (upload: UploadRecord) => ({
  id: upload.id,
  fileId: upload.fileId,
  replaces: upload.replaces,
  name: upload.name,
  state: upload.state,
  landingKey: upload.landingKey,
  sha256: upload.sha256,
  attempt: upload.attempt,
  failedAttempts: upload.failedAttempts,
  lostClaims: upload.lostClaims,
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
  await holdIndexes(run);
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
    assert.deepEqual(real.get(upload.id), rowOf(model, upload));
    const last = before.get(upload.id) ?? "pending";
    const isForward =
      last === upload.state ||
      (rank[last] < rank[upload.state] && (upload.state !== "aborted" || last === "pending"));
    assert.ok(isForward, `${upload.id} went from ${last} to ${upload.state}`);
    before.set(upload.id, upload.state);
  }
}

async function holdCounters({ machine: { metadata }, model }: LifecycleRun): Promise<void> {
  const rows = await metadata.listCounters({ limit: 10 });
  for (const [owner, id] of model.people.entries()) {
    const row = rows.find(({ principalId }) => principalId === id);
    assert.deepEqual(row?.recorded, model.counters(owner === 0 ? 0 : 1), `the counters of ${id}`);
    assert.deepEqual(row?.counted, row?.recorded, `what the rows of ${id} add up to`);
  }
}

/** What lists go by, and show, is what the files' rows and versions say. */
async function holdIndexes({ machine: { metadata } }: LifecycleRun): Promise<void> {
  const files = await metadata.listIndexedFiles({ limit: 1000 });
  assert.deepEqual(
    files.filter(({ isRight }) => !isRight),
    [],
  );
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
