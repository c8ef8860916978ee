import { archivesPrefix, storagePrefixRoot } from "../keys.ts";
import type { MultipartPosition, OpenMultipart } from "../ports/object-store.ts";
import { type OrphanPorts, orphanAgeMs, probePrefix } from "./sweep-orphans.ts";

export interface SweepMultipartsOptions {
  /** Those begun later than this ago are left alone. Milliseconds; default a day. */
  readonly minAgeMs?: number;
  /** Only looks. Default false. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  /** Told of each once it is aborted or, in a dry run, found. */
  onOrphan?(multipart: OpenMultipart): void;
}

/**
 * Aborts multipart uploads of the store's that are older than a day and that no pending upload has: those of processes
 * that died between beginning one and recording it. Answers how many those are.
 */
export async function sweepMultiparts(
  { metadata, objects, clock }: OrphanPorts,
  options: SweepMultipartsOptions = {},
): Promise<number> {
  const { minAgeMs = orphanAgeMs, dryRun = false, signal } = options;
  let orphans = 0;
  for (const prefix of [storagePrefixRoot, archivesPrefix, probePrefix]) {
    let after: MultipartPosition | undefined;
    do {
      signal?.throwIfAborted();
      const page = await objects.listMultipartUploads({
        prefix,
        limit: 1000,
        ...(after === undefined ? {} : { after }),
      });
      const old = page.items.filter(({ initiatedAtMs }) => initiatedAtMs <= clock.nowMs() - minAgeMs);
      const known = await metadata.findKnownMultiparts(old.map(({ storeUploadId }) => storeUploadId));
      for (const multipart of old) {
        const { key, storeUploadId } = multipart;
        if (known.has(storeUploadId)) continue;
        if (!dryRun) await objects.abortMultipartUpload({ key, storeUploadId });
        orphans += 1;
        options.onOrphan?.(multipart);
      }
      after = page.next;
    } while (after !== undefined);
  }
  return orphans;
}
