import type { ReadWhole } from "./read-whole-object.ts";
import { reconcileAlbums } from "./reconcile-albums.ts";
import { reconcileCounters, reconcileOrganisations } from "./reconcile-counters.ts";
import type { Finding } from "./reconcile-findings.ts";
import { reconcileLists } from "./reconcile-lists.ts";
import { reconcileVersions } from "./reconcile-versions.ts";
import { deleteDoomed } from "./sweep.ts";
import { sweepMultiparts } from "./sweep-multiparts.ts";
import { type OrphanPorts, orphanAgeMs, sweepOrphans } from "./sweep-orphans.ts";

export interface ReconcileOptions {
  /** Finds the same and changes nothing. Default false. */
  readonly dryRun?: boolean;
  /** Given to read every object whole, and hold it to the digest in its row. */
  readonly deep?: Pick<ReadWhole, "newSha256" | "onBytes">;
  /** See {@link sweepOrphans}. Milliseconds; default a day. */
  readonly minAgeMs?: number;
  /** See {@link sweepOrphans}. Default false. */
  readonly evenMost?: boolean;
  readonly signal?: AbortSignal;
  onFinding(finding: Finding): void;
  onProgress?(step: ReconcileStep, done: number): void;
}

/** What is gone through, in this order. */
export type ReconcileStep = "objects" | "versions" | "files" | "people";

/** How much was looked at. */
export interface ReconcileReport {
  readonly objects: number;
  readonly objectBytes: number;
  readonly versions: number;
  readonly derivatives: number;
  readonly files: number;
  readonly people: number;
  /** Read whole; 0 without `deep`. */
  readonly readBytes: number;
}

/** A sweeper that runs deletes what is due within minutes. */
const overdueAfterMs = 3600 * 1000;

/** Doomed objects that are counted; more are "or more". */
const countedDooms = 1000;

/**
 * Holds rows and objects to one another, both ways: after a pass without traffic there is no object without a row, and
 * no version without its object. Litter is removed, counters and lists are set right, unless it is a dry run; a version whose
 * object is missing or damaged is told and left as it is, since only a person knows where a sound copy may be. Works
 * beside a running server. Memory stays the same however much there is. May be cut off anywhere and run again.
 *
 * @throws TooManyOrphansError, StoreUnavailableError, StoreRefusedError, MetadataUnavailableError
 */
export async function reconcile(ports: OrphanPorts, options: ReconcileOptions): Promise<ReconcileReport> {
  const { metadata, objects } = ports;
  const { dryRun = false, deep, minAgeMs = orphanAgeMs, evenMost = false, signal, onFinding } = options;
  const progress = (step: ReconcileStep) => (done: number) => options.onProgress?.(step, done);
  const common = { ...(signal ? { signal } : {}) };

  await finishOverdue(ports, dryRun, onFinding);
  const orphans = await sweepOrphans(ports, {
    ...common,
    dryRun,
    minAgeMs,
    evenMost,
    onOrphan: ({ key, sizeBytes, lastModifiedMs }) =>
      onFinding({ kind: "orphan", key, sizeBytes, lastModifiedMs, mended: !dryRun }),
    onProgress: progress("objects"),
  });
  await sweepMultiparts(ports, {
    ...common,
    dryRun,
    minAgeMs,
    onOrphan: (multipart) => onFinding({ kind: "orphan-multipart", ...multipart, mended: !dryRun }),
  });
  let readBytes = 0;
  const versions = await reconcileVersions({
    ...common,
    metadata,
    objects,
    ...(deep && {
      deep: {
        newSha256: () => deep.newSha256(),
        onBytes: (count: number) => {
          readBytes += count;
          return deep.onBytes?.(count);
        },
      },
    }),
    onFinding,
    onProgress: progress("versions"),
  });
  const files = await reconcileLists({
    ...common,
    metadata,
    dryRun,
    onFinding,
    onProgress: progress("files"),
  });
  await reconcileAlbums({ ...common, metadata, dryRun, onFinding });
  const people = await reconcileCounters({
    ...common,
    metadata,
    dryRun,
    onFinding,
    onProgress: progress("people"),
  });
  await reconcileOrganisations({ ...common, metadata, dryRun, onFinding });
  return { objects: orphans.objects, objectBytes: orphans.sizeBytes, ...versions, files, people, readBytes };
}

/** Deletes what the sweeper should have deleted long ago: no server has run, or its sweeper fails. */
async function finishOverdue(
  ports: OrphanPorts,
  dryRun: boolean,
  onFinding: (finding: Finding) => void,
): Promise<void> {
  const overdueBeforeMs = ports.clock.nowMs() - overdueAfterMs;
  const due = await ports.metadata.listDoomedObjects(countedDooms);
  const overdue = due.filter(({ notBeforeMs }) => notBeforeMs < overdueBeforeMs);
  const [oldest] = overdue;
  if (!oldest) return;
  if (!dryRun) await deleteDoomed(ports);
  onFinding({
    kind: "overdue",
    objects: overdue.length,
    oldestDueMs: oldest.notBeforeMs,
    mended: !dryRun,
  });
}
