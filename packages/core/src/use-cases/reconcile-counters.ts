import type { MetadataStore } from "../ports/metadata-store.ts";
import type { Counters } from "../ports/organisation-commands.ts";
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
      if (agree(recorded, counted)) continue;
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

const agree = (one: Counters, other: Counters): boolean =>
  one.usedBytes === other.usedBytes &&
  one.reservedBytes === other.reservedBytes &&
  one.usedFiles === other.usedFiles &&
  one.openUploads === other.openUploads;

/** Holds every organisation's counters to those of its people, once these are right. */
export async function reconcileOrganisations({
  metadata,
  dryRun,
  signal,
  onFinding,
}: Omit<ReconcileCountersOptions, "onProgress">): Promise<void> {
  const kind = "organisation-counters-differ";
  for (let after: string | undefined; ; ) {
    signal?.throwIfAborted();
    const page = await metadata.listOrganisationCounters({
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    for (const { organisationId, recorded, counted } of page) {
      if (agree(recorded, counted)) continue;
      if (dryRun) {
        onFinding({ kind, organisationId, recorded, counted, mended: false });
        continue;
      }
      const result = await metadata.recountOrganisation(organisationId);
      if (result.outcome === "recounted")
        onFinding({ kind, organisationId, recorded: result.before, counted: result.after, mended: true });
    }
    after = page.at(-1)?.organisationId;
    if (page.length < pageSize) return;
  }
}
