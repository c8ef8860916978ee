import type { MetadataStore } from "../ports/metadata-store.ts";
import type { Finding } from "./reconcile-findings.ts";

export interface ReconcileAlbumsOptions {
  readonly metadata: MetadataStore;
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
  onFinding(finding: Finding): void;
}

/** All that is in an album is counted in one go: few albums at a time. */
const pageSize = 20;

/** Holds what albums count to their files' rows: a count that is off is set right, in a transaction of its own with its audit event. */
export async function reconcileAlbums(options: ReconcileAlbumsOptions): Promise<void> {
  const { metadata, dryRun, signal, onFinding } = options;
  for (let after: string | undefined; ; ) {
    signal?.throwIfAborted();
    const page = await metadata.listAlbumCounts({
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    for (const { albumId, recorded, counted } of page) {
      if (recorded === counted) continue;
      const mended = !dryRun && (await metadata.recountAlbum(albumId)) === "recounted";
      if (dryRun || mended) onFinding({ kind: "album-count-differs", albumId, recorded, counted, mended });
    }
    after = page.at(-1)?.albumId;
    if (page.length < pageSize) return;
  }
}
