import type { Clock } from "../ports/clock.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import { outdateDoubtedArchives } from "./outdate-archives.ts";

const batchSize = 100;

/**
 * Ends archives whose time has come, and has those stale in which something may not be had any more; their objects go with the next sweep of doomed ones. Answers
 * how many it was.
 */
export async function sweepArchives(ports: {
  readonly metadata: MetadataStore;
  readonly clock: Clock;
}): Promise<number> {
  let ended = await outdateDoubtedArchives(ports);
  for (;;) {
    const batch = await ports.metadata.endArchives({ limit: batchSize });
    ended += batch;
    if (batch < batchSize) return ended;
  }
}
