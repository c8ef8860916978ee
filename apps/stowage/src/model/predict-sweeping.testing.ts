import { dayMs, type LifecycleModel, type ModelUpload, type Prediction } from "./lifecycle-model.testing.ts";
import { predictCompletion } from "./predict-completion.testing.ts";
import { predictPurge } from "./predict-file-changes.testing.ts";
import { predictClosing } from "./predict-sending.testing.ts";

const hourMs = 3600_000;
const trashLifetimeMs = 30 * dayMs;

const byTimeAndId =
  (timeOf: (upload: ModelUpload) => number) =>
  (one: ModelUpload, other: ModelUpload): number =>
    timeOf(one) - timeOf(other) || (one.id < other.id ? -1 : 1);

/** What the events of a store do that say that this upload's bytes came: how many uploads it completed. */
export function* predictStoreEvent(model: LifecycleModel, upload: ModelUpload): Prediction<string> {
  if (upload.state !== "pending") return "0";
  const { isAcknowledged } = yield* predictCompletion(model, upload, "system");
  return isAcknowledged ? "1" : "0";
}

export function* predictSweep(model: LifecycleModel): Prediction<string> {
  const completed = yield* predictUnsaid(model);
  const expired = yield* predictExpiry(model);
  const released = yield* predictReleases(model);
  const purged = yield* predictEmptying(model);
  const deletedObjects = yield* predictDeletions(model);
  return JSON.stringify({ completed, expired, released, purged, deletedObjects });
}

function* predictUnsaid(model: LifecycleModel): Prediction<number> {
  let completed = 0;
  const unprobed = model.uploads
    .filter(({ state }) => state === "pending")
    .filter(({ urlsUntilMs, probedAtMs }) => urlsUntilMs <= model.databaseMs && probedAtMs < urlsUntilMs)
    .sort(byTimeAndId(({ urlsUntilMs }) => urlsUntilMs));
  const listed = unprobed.map((upload) => ({
    upload,
    seen: { ...upload, parts: upload.parts && { ...upload.parts } },
  }));
  for (const { upload, seen } of listed) {
    const { isAcknowledged } = yield* predictCompletion(model, upload, "system", undefined, seen);
    if (isAcknowledged) {
      completed += 1;
      continue;
    }
    yield "metadata.markProbed";
    upload.probedAtMs = model.databaseMs;
  }
  return completed;
}

function* predictExpiry(model: LifecycleModel): Prediction<number> {
  let expired = 0;
  const listed = model.uploads
    .filter(({ state, expiresAtMs }) => state === "pending" && expiresAtMs <= model.databaseMs)
    .sort(byTimeAndId(({ expiresAtMs }) => expiresAtMs));
  for (const upload of listed) {
    yield "metadata.abortUpload";
    if (upload.state !== "pending" || upload.expiresAtMs > model.databaseMs) continue;
    model.abort(upload, "system");
    yield* predictClosing(model, upload);
    expired += 1;
  }
  return expired;
}

function* predictReleases(model: LifecycleModel): Prediction<number> {
  let released = 0;
  const listed = model.uploads
    .filter(({ state, isReserved }) => state === "aborted" && isReserved)
    .filter(({ urlsUntilMs }) => urlsUntilMs <= model.databaseMs)
    .sort(byTimeAndId(({ urlsUntilMs }) => urlsUntilMs));
  for (const upload of listed) {
    const storeUploadId = upload.parts?.storeUploadId;
    if (storeUploadId !== undefined) {
      yield "objects.abortMultipartUpload";
      model.multiparts.delete(storeUploadId);
    }
    yield "metadata.releaseReservation";
    if (upload.isReserved) released += 1;
    upload.isReserved = false;
  }
  return released;
}

function* predictEmptying(model: LifecycleModel): Prediction<number> {
  let purged = 0;
  const listed = model.files
    .filter(({ trashedAtMs }) => trashedAtMs !== undefined && trashedAtMs < model.nowMs - trashLifetimeMs)
    .sort((one, other) => (one.trashedAtMs ?? 0) - (other.trashedAtMs ?? 0) || (one.id < other.id ? -1 : 1))
    .map(({ id, revision }) => ({ id, revision }));
  for (const { id, revision } of listed)
    if ((yield* predictPurge(model, id, revision, "system")) === "done") purged += 1;
  return purged;
}

function* predictDeletions(model: LifecycleModel): Prediction<number> {
  const keys = model.dueKeys();
  for (const key of keys) {
    yield "objects.delete";
    model.objects.delete(key);
  }
  if (keys.length === 0) return 0;
  yield "metadata.forgetDoomedObjects";
  for (const key of keys) model.doomed.delete(key);
  return keys.length;
}

/** What reconciling finds and mends, in short. */
export function* predictReconcile(model: LifecycleModel): Prediction<string> {
  const findings: string[] = [];
  const overdue = [...model.doomed].filter(
    ([, notBeforeMs]) => notBeforeMs <= model.databaseMs && notBeforeMs < model.nowMs - hourMs,
  );
  if (overdue.length > 0) {
    yield* predictDeletions(model);
    findings.push(`overdue ${overdue.length}`);
  }
  for (const prefix of ["files/", "uploads/"]) {
    const orphans = [...model.objects]
      .filter(([key, { bornMs }]) => key.startsWith(prefix) && bornMs <= model.nowMs - dayMs)
      .map(([key]) => key)
      .filter((key) => !model.isKnown(key))
      .sort();
    for (const key of orphans) {
      if (!model.objects.has(key)) continue;
      yield "objects.delete";
      model.objects.delete(key);
      findings.push(`orphan ${key}`);
    }
  }
  const known = new Set(
    model.uploads.flatMap(({ state, parts }) => (state === "pending" ? (parts?.storeUploadId ?? []) : [])),
  );
  const stray = [...model.multiparts]
    .filter(([id, { bornMs }]) => bornMs <= model.nowMs - dayMs && !known.has(id))
    .sort(([oneId, one], [otherId, other]) =>
      one.key === other.key ? (oneId < otherId ? -1 : 1) : one.key < other.key ? -1 : 1,
    );
  for (const [id, { key }] of stray) {
    yield "objects.abortMultipartUpload";
    model.multiparts.delete(id);
    findings.push(`orphan-multipart ${key}`);
  }
  return findings.join(", ");
}
