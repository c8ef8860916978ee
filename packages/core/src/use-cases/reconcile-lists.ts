import type { MetadataStore } from "../ports/metadata-store.ts";
import type { Finding } from "./reconcile-findings.ts";

export interface ReconcileListsOptions {
  readonly metadata: MetadataStore;
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
  onFinding(finding: Finding): void;
  onProgress?(files: number): void;
}

/** Each page is one read of the database, which nothing else of the process runs beside: some tens of milliseconds. */
const pageSize = 500;

/**
 * Holds what lists of files go by and show to the files' rows and versions, of which it is made: what is off is made anew,
 * in a transaction of its own with its audit event. Answers how many files there are.
 */
export async function reconcileLists(options: ReconcileListsOptions): Promise<number> {
  const { metadata, dryRun, signal, onFinding } = options;
  let files = 0;
  for (let after: string | undefined; ; ) {
    signal?.throwIfAborted();
    const page = await metadata.listIndexedFiles({
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    for (const { fileId, ownerId, isRight } of page) {
      if (isRight) continue;
      if (dryRun) onFinding({ kind: "lists-differ", fileId, ownerId, mended: false });
      else if ((await metadata.reindexFile(fileId)).outcome === "reindexed")
        onFinding({ kind: "lists-differ", fileId, ownerId, mended: true });
    }
    files += page.length;
    options.onProgress?.(files);
    after = page.at(-1)?.fileId;
    if (page.length < pageSize) return files;
  }
}
