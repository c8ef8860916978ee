import type { DiskStore } from "../storage/disk-store.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import type { Exchange } from "./exchange.ts";
import { removeCondition } from "./write-condition.ts";

/** DeleteObject: 204 whether or not there was one, unless `If-Match` says which. */
export async function deleteObject(exchange: Exchange, store: DiskStore): Promise<void> {
  refuseUnknownAmz(exchange.amz, new Set());
  await store.remove(exchange.key, removeCondition(exchange.headers));
  exchange.announce({ name: "ObjectRemoved:Delete", key: exchange.key });
  exchange.response.writeHead(204).end();
}
