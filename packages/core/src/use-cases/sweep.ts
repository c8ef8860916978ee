import { landingPrefix, storagePrefixRoot } from "../keys.ts";
import { trashLifetimeMs } from "../limits.ts";
import type { Clock } from "../ports/clock.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import { RefusedError } from "../refusal.ts";
import { closeLanding } from "./abort-upload.ts";
import { completeArrived } from "./complete-upload.ts";

export interface SweepPorts {
  readonly metadata: MetadataStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  wakeWorker(): void;
}

/** How many things one pass did. */
export interface SweepReport {
  readonly completed: number;
  readonly expired: number;
  readonly released: number;
  readonly purged: number;
  readonly deletedObjects: number;
}

/** Rows of one kind that one pass looks at. */
const batchSize = 200;

/**
 * One pass over what nobody asks for: bytes that arrived unsaid are completed, uploads that ran out are aborted,
 * reservations whose URLs have ended are freed, the trash is emptied after its time, objects that nothing needs are
 * deleted. Every step is idempotent and may be cut off anywhere.
 */
export async function sweep(ports: SweepPorts): Promise<SweepReport> {
  const completed = await completeUnsaid(ports);
  const expired = await abortExpired(ports);
  const released = await releaseEnded(ports);
  const purged = await emptyTrash(ports);
  const deletedObjects = await deleteDoomed(ports);
  return { completed, expired, released, purged, deletedObjects };
}

async function completeUnsaid(ports: SweepPorts): Promise<number> {
  let completed = 0;
  for (const upload of await ports.metadata.listUnprobedUploads(batchSize)) {
    try {
      await completeArrived(ports, upload, "system");
      completed += 1;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      await ports.metadata.markProbed(upload.id);
    }
  }
  return completed;
}

async function abortExpired(ports: SweepPorts): Promise<number> {
  let expired = 0;
  for (const { id } of await ports.metadata.listExpiredUploads(batchSize)) {
    const result = await ports.metadata.abortUpload({
      uploadId: id,
      actor: "system",
      detail: "Ran out: its bytes did not arrive in time.",
      ifExpired: true,
    });
    if (result.outcome !== "aborted") continue;
    expired += 1;
    await closeLanding(ports, result.upload);
  }
  return expired;
}

async function releaseEnded({ metadata }: SweepPorts): Promise<number> {
  let released = 0;
  for (const { id } of await metadata.listHeldReservations(batchSize))
    if (await metadata.releaseReservation({ uploadId: id })) released += 1;
  return released;
}

async function emptyTrash({ metadata, clock }: SweepPorts): Promise<number> {
  let purged = 0;
  const trashedBeforeMs = clock.nowMs() - trashLifetimeMs;
  for (const { id, revision } of await metadata.listTrash({ trashedBeforeMs, limit: batchSize })) {
    const result = await metadata.purgeFile({ fileId: id, revision, actor: "system" });
    if (result.outcome === "done") purged += 1;
  }
  return purged;
}

async function deleteDoomed({ metadata, objects }: SweepPorts): Promise<number> {
  const doomed = await metadata.listDoomedObjects(batchSize);
  for (const { key } of doomed) await objects.delete(key);
  if (doomed.length > 0) await metadata.forgetDoomedObjects(doomed.map(({ key }) => key));
  return doomed.length;
}

/** Objects younger than this may belong to a command that is still on its way. */
const orphanAgeMs = 24 * 3600 * 1000;

/** Deletes objects older than a day that no row speaks of. Reads every key: seldom. */
export async function sweepOrphans({ metadata, objects, clock }: SweepPorts): Promise<number> {
  let deleted = 0;
  for (const prefix of [landingPrefix, storagePrefixRoot]) {
    let after: string | undefined;
    do {
      const page = await objects.list({ prefix, limit: 1000, ...(after === undefined ? {} : { after }) });
      const old = page.items.filter(({ lastModifiedMs }) => lastModifiedMs < clock.nowMs() - orphanAgeMs);
      const known = await metadata.findKnownKeys(old.map(({ key }) => key));
      for (const { key } of old) {
        if (known.has(key)) continue;
        await objects.delete(key);
        deleted += 1;
      }
      after = page.next;
    } while (after !== undefined);
  }
  return deleted;
}
