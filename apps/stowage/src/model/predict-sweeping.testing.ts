import {
  dayMs,
  type LifecycleModel,
  type ModelUpload,
  PortFailedError,
  type Prediction,
  storeCall,
} from "./lifecycle-model.testing.ts";
import { predictCompletion } from "./predict-completion.testing.ts";
import { predictPurge } from "./predict-file-changes.testing.ts";
import { predictAbortOfParts, predictClosing, predictEndOfUrls, see } from "./predict-sending.testing.ts";

const hourMs = 3600_000;
const trashLifetimeMs = 30 * dayMs;
/** Of one pass, before the store is taken to be away. */
const maxStoreFailures = 10;

const byTimeAndId =
  (timeOf: (upload: ModelUpload) => number) =>
  (one: ModelUpload, other: ModelUpload): number =>
    timeOf(one) - timeOf(other) || (one.id < other.id ? -1 : 1);

/** What the events of a store do that say that this upload's bytes came: how many uploads it completed. */
export function* predictStoreEvent(model: LifecycleModel, upload: ModelUpload): Prediction<string> {
  if (upload.state !== "pending") return "0";
  const seen = see(upload);
  const tries = () => predictCompletion(model, upload, "system", undefined, seen);
  try {
    return (yield* tries()).isAcknowledged ? "1" : "0";
  } catch (error) {
    if (!(error instanceof PortFailedError && error.isOfStore)) throw error;
    // Tried once more, to see whether it fails for this one alone: if not, the store is to send its events again.
    yield* tries();
    throw error;
  }
}

/** Each of its steps is taken, whatever becomes of the others. */
export function* predictSweep(model: LifecycleModel): Prediction<string> {
  const failures: unknown[] = [];
  function* attempt(step: (model: LifecycleModel) => Prediction<number>): Prediction<number> {
    try {
      return yield* step(model);
    } catch (error) {
      if (!(error instanceof PortFailedError)) throw error;
      failures.push(error);
      return 0;
    }
  }
  const completed = yield* attempt(predictUnsaid);
  const expired = yield* attempt(predictExpiry);
  const ended = yield* attempt(predictReleases);
  const closed = yield* attempt(predictClosings);
  const purged = yield* attempt(predictEmptying);
  const deletedObjects = yield* attempt(predictDeletions);
  const revealed = yield* attempt(predictReveals);
  if (failures.length > 0) throw failures[0];
  const released = ended + closed;
  return JSON.stringify({
    completed,
    expired,
    released,
    purged,
    deletedObjects,
    revealed,
    clocksDisagreed: 0,
  });
}

/** The model has no albums: none is due. */
function* predictReveals(): Prediction<number> {
  yield "metadata.emptyDeletedAlbums";
  return 0;
}

function* predictUnsaid(model: LifecycleModel): Prediction<number> {
  let completed = 0;
  const unprobed = model.uploads
    .filter(({ state }) => state === "pending")
    .filter(({ urlsUntilMs, probedAtMs }) => urlsUntilMs <= model.databaseMs && probedAtMs < urlsUntilMs)
    .sort(byTimeAndId(({ urlsUntilMs }) => urlsUntilMs));
  const failures: unknown[] = [];
  for (const { upload, seen } of unprobed.map((each) => ({ upload: each, seen: see(each) }))) {
    try {
      const { isAcknowledged } = yield* predictCompletion(model, upload, "system", undefined, seen);
      if (isAcknowledged) {
        completed += 1;
        continue;
      }
    } catch (error) {
      if (!(error instanceof PortFailedError && error.isOfStore)) throw error;
      failures.push(error);
      continue;
    }
    yield "metadata.markProbed";
    upload.probedAtMs = model.databaseMs;
  }
  if (failures.length > 0) throw failures[0];
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
    if (!(yield* predictAbortOfParts(model, upload))) continue;
    yield "metadata.releaseReservation";
    if (upload.isReserved) released += 1;
    upload.isReserved = false;
  }
  return released;
}

/** What was aborted, and the store not told of it. */
function* predictClosings(model: LifecycleModel): Prediction<number> {
  let released = 0;
  let failures = 0;
  const listed = model.uploads
    .filter(({ state, isReserved }) => state === "aborted" && isReserved)
    .filter(({ urlsUntilMs, wasTurned }) => urlsUntilMs > model.databaseMs && !wasTurned)
    .sort(byTimeAndId(({ urlsUntilMs }) => urlsUntilMs));
  for (const upload of listed) {
    if (failures === maxStoreFailures) break;
    if (!(yield* predictEndOfUrls(model, upload))) {
      failures += 1;
      continue;
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
    .filter(
      ({ state, trashedAtMs }) =>
        state === "trashed" && trashedAtMs !== undefined && trashedAtMs < model.nowMs - trashLifetimeMs,
    )
    .sort((one, other) => (one.trashedAtMs ?? 0) - (other.trashedAtMs ?? 0) || (one.id < other.id ? -1 : 1))
    .map(({ id, revision }) => ({ id, revision }));
  for (const { id, revision } of listed)
    if ((yield* predictPurge(model, id, revision, "system")) === "done") purged += 1;
  return purged;
}

function* predictDeletions(model: LifecycleModel): Prediction<number> {
  const keys = model.dueKeys();
  const failures: unknown[] = [];
  // They are deleted side by side: where one fails, the others are deleted all the same.
  for (const key of keys)
    try {
      yield* storeCall("delete", () => void model.objects.delete(key));
    } catch (error) {
      failures.push(error);
    }
  if (failures.length > 0) throw failures[0];
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
      yield* storeCall("delete", () => void model.objects.delete(key));
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
    yield* storeCall("abortMultipartUpload", () => void model.multiparts.delete(id));
    findings.push(`orphan-multipart ${key}`);
  }
  return findings.join(", ");
}
