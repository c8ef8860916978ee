import type { DiskStore } from "../storage/disk-store.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { sendAcl } from "./fixed-configuration.ts";
import { noSuchKey } from "./s3-error.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

async function assertExists(store: DiskStore, key: string): Promise<void> {
  if (!(await store.exists(key))) throw noSuchKey("The specified key does not exist.");
}

/** GetObjectAcl. */
export async function getObjectAcl(exchange: Exchange, store: DiskStore): Promise<void> {
  await assertExists(store, exchange.key);
  sendAcl(exchange);
}

/** GetObjectTagging: programs that copy ask for it; there are never any. */
export async function getObjectTagging(exchange: Exchange, store: DiskStore): Promise<void> {
  refuseUnknownAmz(exchange.amz, new Set());
  await assertExists(store, exchange.key);
  sendXml(exchange, xmlDocument("Tagging", [["TagSet", []]], s3Namespace));
}
