import { trashLifetimeMs } from "../limits.ts";
import type { Clock } from "../ports/clock.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import { type ObjectStore, StoreRefusedError, StoreUnavailableError } from "../ports/object-store.ts";
import { RefusedError } from "../refusal.ts";
import { abortParts, canEndUrls, closeLanding, endUrls } from "./abort-upload.ts";
import { type RevealReport, revealDueAlbums } from "./albums/reveal-due-albums.ts";
import { completeArrived } from "./complete-upload.ts";
import { durationInWords } from "./timeline-words.ts";

export interface SweepPorts {
  readonly metadata: MetadataStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  wakeWorker(): void;
}

/** How many things one pass did. */
export interface SweepReport extends RevealReport {
  readonly completed: number;
  readonly expired: number;
  readonly released: number;
  readonly purged: number;
  readonly deletedObjects: number;
}

/** Rows that are looked at together. */
const batchSize = 100;

/** Uploads at which the store fails before it is taken to be away, and the others are left for the next pass. */
const maxStoreFailures = 10;

/**
 * One pass over what nobody asks for: bytes that arrived unsaid are completed (parts only if all have), uploads that
 * ran out are aborted, reservations whose URLs have ended are freed, aborts that the store did not hear of are told it
 * again, the trash is emptied after its time, objects that nothing needs are deleted, albums whose time has come are revealed. Every step is idempotent and may be cut off anywhere. Where one fails, the others are done
 * all the same: an object that the store can't read must not keep everything else from its end.
 *
 * Throws, after the last step, what the first that failed threw.
 */
export async function sweep(ports: SweepPorts): Promise<SweepReport> {
  const failures: unknown[] = [];
  const attempt = async (step: (ports: SweepPorts) => Promise<number>): Promise<number> => {
    try {
      return await step(ports);
    } catch (error) {
      failures.push(error);
      return 0;
    }
  };
  const completed = await attempt(completeUnsaid);
  const expired = await attempt(abortExpired);
  const ended = await attempt(releaseEnded);
  const closed = await attempt(closeUnclosed);
  const purged = await attempt(emptyTrash);
  const deletedObjects = await attempt(deleteDoomed);
  let reveals: RevealReport = { revealed: 0, clocksDisagreed: 0 };
  await attempt(async () => {
    reveals = await revealDueAlbums(ports);
    return reveals.revealed;
  });
  if (failures.length > 0) throw failures[0];
  return { completed, expired, released: ended + closed, purged, deletedObjects, ...reveals };
}

/**
 * Handles rows of one kind, a batch after the other, until there are none left or a whole batch stays as it is.
 *
 * @param handle whether the row was dealt with; one that was not comes again in the next pass
 */
async function drain<Row>(
  list: (limit: number) => Promise<readonly Row[]>,
  handle: (row: Row) => Promise<boolean>,
): Promise<number> {
  let handled = 0;
  for (;;) {
    const rows = await list(batchSize);
    const outcomes: boolean[] = [];
    for (const row of rows) outcomes.push(await handle(row));
    const done = outcomes.filter(Boolean).length;
    handled += done;
    if (rows.length < batchSize || done === 0) return handled;
  }
}

async function completeUnsaid(ports: SweepPorts): Promise<number> {
  let completed = 0;
  const failures: unknown[] = [];
  await drain(
    (limit) => ports.metadata.listUnprobedUploads(limit),
    async (upload) => {
      try {
        await completeArrived(ports, upload, "system");
        completed += 1;
      } catch (error) {
        if (error instanceof RefusedError) await ports.metadata.markProbed(upload.id);
        else {
          failures.push(error);
          if (!isOfTheStore(error) || failures.length === maxStoreFailures) throw error;
          return false;
        }
      }
      return true;
    },
  );
  if (failures.length > 0) throw failures[0];
  return completed;
}

const isOfTheStore = (error: unknown): boolean =>
  error instanceof StoreUnavailableError || error instanceof StoreRefusedError;

const abortExpired = (ports: SweepPorts): Promise<number> =>
  drain(
    (limit) => ports.metadata.listExpiredUploads(limit),
    async ({ id, createdAtMs, expiresAtMs, multipart }) => {
      const result = await ports.metadata.abortUpload({
        uploadId: id,
        actor: "system",
        detail: `Ran out: nobody sent ${multipart ? "all of its parts" : "its bytes"} in ${durationInWords(expiresAtMs - createdAtMs)}.`,
        ifExpired: true,
      });
      if (result.outcome !== "aborted") return false;
      await closeLanding(ports, result.upload);
      return true;
    },
  );

/** An abort that died before it reached the store is made up for here. */
const releaseEnded = (ports: SweepPorts): Promise<number> =>
  drain(
    (limit) => ports.metadata.listHeldReservations(limit),
    async (upload) =>
      (await abortParts(ports, upload)) && ports.metadata.releaseReservation({ uploadId: upload.id }),
  );

/**
 * The store was away when these were aborted, or who aborted them died before it was told: their owner need not wait
 * for the URLs' end. A store that goes on failing is left alone; what is behind those waits for the next pass.
 */
async function closeUnclosed(ports: SweepPorts): Promise<number> {
  let failures = 0;
  return drain(
    (limit) => ports.metadata.listUnclosedUploads(limit),
    async (upload) => {
      if (failures === maxStoreFailures || !(await canEndUrls(ports, upload))) return false;
      if (await endUrls(ports, upload)) return ports.metadata.releaseReservation({ uploadId: upload.id });
      failures += 1;
      return false;
    },
  );
}

const emptyTrash = ({ metadata, clock }: SweepPorts): Promise<number> =>
  drain(
    (limit) => metadata.listTrash({ trashedBeforeMs: clock.nowMs() - trashLifetimeMs, limit }),
    async ({ id, revision }) =>
      (await metadata.purgeFile({ fileId: id, revision, actor: "system" })).outcome === "done",
  );

/** Deletes in the store first: a key is forgotten only once nothing is under it. */
export async function deleteDoomed({
  metadata,
  objects,
}: Pick<SweepPorts, "metadata" | "objects">): Promise<number> {
  let deleted = 0;
  for (;;) {
    const keys = (await metadata.listDoomedObjects(batchSize)).map(({ key }) => key);
    await Promise.all(keys.map((key) => objects.delete(key)));
    if (keys.length > 0) await metadata.forgetDoomedObjects(keys);
    deleted += keys.length;
    if (keys.length < batchSize) return deleted;
  }
}
