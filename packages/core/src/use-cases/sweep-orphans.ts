import { archivesPrefix, landingPrefix, storagePrefixRoot } from "../keys.ts";
import type { Clock } from "../ports/clock.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import type { ObjectHead, ObjectStore } from "../ports/object-store.ts";
import { findListed } from "./find-listed.ts";

export interface OrphanPorts {
  readonly metadata: MetadataStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
}

export interface SweepOrphansOptions {
  /** Objects younger than this are left alone, by the sweeper's clock. Milliseconds; default a day. */
  readonly minAgeMs?: number;
  /** Only looks. Default false. */
  readonly dryRun?: boolean;
  /** Goes on where most of what is there has no row. Default false: see {@link TooManyOrphansError}. */
  readonly evenMost?: boolean;
  readonly signal?: AbortSignal;
  /** Told of each orphan once it is gone or, in a dry run, found. */
  onOrphan?(orphan: ObjectHead): void;
  /** Told how many objects were looked at so far, after each page. */
  onProgress?(objects: number): void;
}

export interface OrphansReport {
  /** Objects looked at, of any age. */
  readonly objects: number;
  readonly sizeBytes: number;
  readonly orphans: number;
}

/**
 * Most of the objects have no row: more likely this is another bucket's database, or one that was lost or restored
 * from long ago, than that all of them are litter. Nothing more is deleted.
 */
export class TooManyOrphansError extends Error {
  readonly code = "too-many-orphans";
  override readonly name = "TooManyOrphansError";
}

/** Objects younger than this may belong to a command that is still on its way. */
export const orphanAgeMs = 24 * 3600 * 1000;

/** So few are litter, whatever their share. */
const unsuspiciousOrphans = 100;

/** What probes of the store write and, unless they die, remove. */
export const probePrefix = "probe/";

/**
 * Deletes objects that no row speaks of: what a worker that came too late wrote, what a store took that it should have
 * refused, what was left by a crash. The first page's keys are random, so that what it shows holds for all of them:
 * where more than half of the old objects, and more than a hundred, are orphans, it stops before it deletes them.
 * Reads every key: seldom. May be cut off anywhere.
 *
 * @throws TooManyOrphansError
 */
export async function sweepOrphans(
  { metadata, objects, clock }: OrphanPorts,
  options: SweepOrphansOptions = {},
): Promise<OrphansReport> {
  const { minAgeMs = orphanAgeMs, dryRun = false, evenMost = false, signal } = options;
  const report = { objects: 0, sizeBytes: 0, orphans: 0 };
  let old = 0;
  let suspects = 0;
  for (const prefix of [storagePrefixRoot, landingPrefix, archivesPrefix, probePrefix]) {
    for (let after: string | undefined; ; ) {
      signal?.throwIfAborted();
      const page = await objects.list({ prefix, limit: 1000, ...(after === undefined ? {} : { after }) });
      report.objects += page.items.length;
      for (const { sizeBytes } of page.items) report.sizeBytes += sizeBytes;
      const grown = page.items.filter(({ lastModifiedMs }) => lastModifiedMs <= clock.nowMs() - minAgeMs);
      const known = await metadata.findKnownKeys(grown.map(({ key }) => key));
      const unknown = grown.filter(({ key }) => !known.has(key));
      old += grown.length;
      suspects += unknown.length;
      if (!dryRun && !evenMost && suspects > unsuspiciousOrphans && suspects > old / 2)
        throw new TooManyOrphansError(
          `${suspects} of ${old} objects have no row in the database: they are kept, since more likely it is the wrong one.`,
        );
      for (const orphan of unknown) {
        signal?.throwIfAborted();
        // The sweeper may have deleted it between our two looks.
        if ((await findListed(objects, orphan.key)) === undefined) continue;
        if (!dryRun) await objects.delete(orphan.key);
        report.orphans += 1;
        options.onOrphan?.(orphan);
      }
      options.onProgress?.(report.objects);
      after = page.next;
      if (after === undefined) break;
    }
  }
  return report;
}
