import type { DiskStore } from "../storage/disk-store.ts";
import { ObjectCorruptError } from "../storage/segment-cipher.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import type { Exchange } from "./exchange.ts";

/** AbortMultipartUpload. */
export async function abortMultipartUpload(exchange: Exchange, store: DiskStore): Promise<void> {
  refuseUnknownAmz(exchange.amz, new Set());
  const uploadId = exchange.query.get("uploadId") ?? "";
  try {
    await store.uploads.abort(await store.uploads.find(exchange.key, uploadId));
  } catch (error) {
    // Whose it was can't be told any more; it must be possible to be rid of it.
    if (!(error instanceof ObjectCorruptError)) throw error;
    await store.uploads.abortDamaged(uploadId);
  }
  exchange.response.writeHead(204).end();
}
