import type { DiskStore } from "../storage/disk-store.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import type { Exchange } from "./exchange.ts";

/** AbortMultipartUpload. */
export async function abortMultipartUpload(exchange: Exchange, store: DiskStore): Promise<void> {
  refuseUnknownAmz(exchange.amz, new Set());
  await store.uploads.abort(await store.uploads.find(exchange.key, exchange.query.get("uploadId") ?? ""));
  exchange.response.writeHead(204).end();
}
