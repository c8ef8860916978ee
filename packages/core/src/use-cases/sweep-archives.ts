import type { MetadataStore } from "../ports/metadata-store.ts";

const batchSize = 100;

/** Ends archives whose time has come; their objects go with the next sweep of doomed ones. Answers how many it was. */
export async function sweepArchives({ metadata }: { readonly metadata: MetadataStore }): Promise<number> {
  let ended = 0;
  for (;;) {
    const batch = await metadata.endArchives({ limit: batchSize });
    ended += batch;
    if (batch < batchSize) return ended;
  }
}
