import { storagePrefixRoot } from "../keys.ts";
import type { MultipartPosition } from "../ports/object-store.ts";
import { type OrphanPorts, orphanAgeMs } from "./sweep-orphans.ts";

/**
 * Aborts multipart uploads of the store's that are older than a day and that no pending upload has: those of processes
 * that died between beginning one and recording it.
 */
export async function sweepMultiparts({ metadata, objects, clock }: OrphanPorts): Promise<number> {
  let aborted = 0;
  let after: MultipartPosition | undefined;
  do {
    const page = await objects.listMultipartUploads({
      prefix: storagePrefixRoot,
      limit: 1000,
      ...(after === undefined ? {} : { after }),
    });
    const old = page.items.filter(({ initiatedAtMs }) => initiatedAtMs < clock.nowMs() - orphanAgeMs);
    const known = await metadata.findKnownMultiparts(old.map(({ storeUploadId }) => storeUploadId));
    for (const { key, storeUploadId } of old) {
      if (known.has(storeUploadId)) continue;
      await objects.abortMultipartUpload({ key, storeUploadId });
      aborted += 1;
    }
    after = page.next;
  } while (after !== undefined);
  return aborted;
}
