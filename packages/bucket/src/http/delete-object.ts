import type { DiskStore } from "../storage/disk-store.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, notImplemented } from "./exchange.ts";

/** DeleteObject: 204 whether or not there was one. */
export async function deleteObject(exchange: Exchange, store: DiskStore): Promise<void> {
  refuseUnknownAmz(exchange.amz, new Set());
  if (exchange.headers.has("if-match")) throw notImplemented("if-match on a delete");
  await store.remove(exchange.key);
  exchange.response.writeHead(204).end();
}
