import type { DiskStore } from "../storage/disk-store.ts";
import type { Exchange } from "./exchange.ts";
import { sendAcl } from "./fixed-configuration.ts";
import { noSuchKey } from "./s3-error.ts";

/** GetObjectAcl. */
export async function getObjectAcl(exchange: Exchange, store: DiskStore): Promise<void> {
  if (!(await store.exists(exchange.key))) throw noSuchKey("The specified key does not exist.");
  sendAcl(exchange);
}
