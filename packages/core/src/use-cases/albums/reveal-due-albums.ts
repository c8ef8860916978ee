import type { Clock } from "../../ports/clock.ts";
import type { MetadataStore } from "../../ports/metadata-store.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import { unsealAlbum, unsealBatch } from "./unseal-files.ts";

interface RevealPorts {
  readonly metadata: MetadataStore;
  readonly objects: Pick<ObjectStore, "readClock">;
  readonly clock: Clock;
}

export interface RevealReport {
  /** Albums. */
  readonly revealed: number;
  /** Albums whose time has come by one clock, and which stay sealed since others say another time. */
  readonly clocksDisagreed: number;
}

/** Albums that are looked at together. */
const batchSize = 100;

/**
 * Reveals the albums whose time has come, where our own clock, the database's and the store's agree that it has; what a client says of the
 * time plays no part. Unseals what is left of those that were revealed, and empties those that were deleted. May be cut off anywhere.
 */
export async function revealDueAlbums({ metadata, objects, clock }: RevealPorts): Promise<RevealReport> {
  let revealed = 0;
  let clocksDisagreed = 0;
  const due = await metadata.listDueAlbums(batchSize);
  const storeMs = due.length === 0 ? 0 : await objects.readClock();
  for (const { id } of due) {
    const clocksMs = [clock.nowMs(), storeMs];
    const { outcome } = await metadata.revealAlbum({ albumId: id, actor: "system", due: { clocksMs } });
    if (outcome === "revealed") revealed += 1;
    if (outcome === "clocks-disagree") clocksDisagreed += 1;
  }
  for (const album of await metadata.listUnsealingAlbums(batchSize)) await unsealAlbum({ metadata }, album);
  while ((await metadata.emptyDeletedAlbums(unsealBatch)) > 0);
  return { revealed, clocksDisagreed };
}
