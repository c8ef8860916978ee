import type { DiskStore } from "../storage/disk-store.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { noSuchKey } from "./s3-error.ts";
import { s3Namespace, type XmlContent, xmlDocument } from "./xml.ts";

/** GetObjectTagging. */
export async function getObjectTagging(exchange: Exchange, store: DiskStore): Promise<void> {
  refuseUnknownAmz(exchange.amz, new Set());
  const metadata = await store.metadataOf(exchange.key);
  if (!metadata) throw noSuchKey("The specified key does not exist.");
  const tags: XmlContent = (metadata.tags ?? []).map(([key, value]) => [
    "Tag",
    [
      ["Key", key],
      ["Value", value],
    ],
  ]);
  sendXml(exchange, xmlDocument("Tagging", [["TagSet", tags]], s3Namespace));
}
