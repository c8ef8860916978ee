import type { MetadataStore } from "../ports/metadata-store.ts";
import type { Finding } from "./reconcile-findings.ts";

export interface ReconcileCountersOptions {
  readonly metadata: MetadataStore;
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
  onFinding(finding: Finding): void;
  onProgress?(people: number): void;
}

/** A person's rows are added up in one go: few people at a time. */
const pageSize = 50;

/**
 * Holds every person's counters to their rows, which are what they count: a counter that is off is set right, in a
 * transaction of its own with its audit event. Answers how many people there are.
 */
export async function reconcileCounters(options: ReconcileCountersOptions): Promise<number> {
  const { metadata, dryRun, signal, onFinding } = options;
  let people = 0;
  for (let after: string | undefined; ; ) {
    signal?.throwIfAborted();
    const page = await metadata.listCounters({ limit: pageSize, ...(after === undefined ? {} : { after }) });
    for (const { principalId, recorded, counted } of page) {
      if (
        recorded.usedBytes === counted.usedBytes &&
        recorded.reservedBytes === counted.reservedBytes &&
        recorded.openUploads === counted.openUploads
      )
        continue;
      const kind = "counters-differ";
      if (dryRun) {
        onFinding({ kind, principalId, recorded, counted, mended: false });
        continue;
      }
      const result = await metadata.recountPrincipal(principalId);
      if (result.outcome === "recounted")
        onFinding({ kind, principalId, recorded: result.before, counted: result.after, mended: true });
    }
    people += page.length;
    options.onProgress?.(people);
    after = page.at(-1)?.principalId;
    if (page.length < pageSize) return people;
  }
}
