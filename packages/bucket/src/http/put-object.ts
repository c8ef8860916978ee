import type { DiskStore } from "../storage/disk-store.ts";
import type { ContentChecksum } from "../storage/object-file.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { checksumHeader, checksumMembers } from "./declared-checksum.ts";
import { chunkedMembers } from "./declared-chunks.ts";
import { checkDigests, declaredContent } from "./declared-content.ts";
import type { Exchange } from "./exchange.ts";
import { keptHeaders } from "./kept-headers.ts";
import { receiveContent } from "./receive-content.ts";
import { encryptionHeader, refuseOtherStorage, storageMembers } from "./storage-members.ts";
import { tagsInHeader } from "./tag-set.ts";
import { refuseEarly, writeCondition } from "./write-condition.ts";

const knownAmz: ReadonlySet<string> = new Set([
  ...storageMembers,
  ...checksumMembers,
  ...chunkedMembers,
  "x-amz-tagging",
]);

/** PutObject. */
export async function putObject(
  exchange: Exchange,
  store: DiskStore,
  maxObjectSizeBytes: number,
): Promise<void> {
  const { request, response, headers, amz, verified, key } = exchange;
  refuseUnknownAmz(amz, knownAmz);
  refuseOtherStorage(amz);
  const declared = declaredContent(headers, amz, verified, maxObjectSizeBytes);
  const kept = keptHeaders(headers, amz, verified);
  const tags = tagsInHeader(amz);
  const condition = writeCondition(headers);
  await refuseEarly(store, key, condition);

  const { sizeBytes, contentType } = declared;
  // The MD5 costs as much as the encryption: only for those who sign headers, and may expect it as the ETag.
  const withMd5 = verified.by === "header" || declared.md5 !== undefined;
  const incoming = await store.receive(key, { sizeBytes, withMd5, headers: kept, tags, ...condition });
  let checksum: ContentChecksum | undefined;
  try {
    exchange.acceptBody();
    await receiveContent(request, declared, incoming.push);
    checksum = checkDigests(declared, await incoming.finish());
  } catch (error) {
    await incoming.discard();
    throw error;
  }
  // The client is quiet from here on because it waits for the disk: that is not its idleness.
  request.socket.setTimeout(0);
  const { etag } = await incoming.publish({ contentType, ...keptChecksum(checksum) });
  exchange.announce({ name: "ObjectCreated:Put", key, sizeBytes, etag });

  response.writeHead(200, {
    etag: `"${etag}"`,
    "content-length": 0,
    ...encryptionHeader,
    ...(checksum && {
      ...checksumHeader(checksum),
      "x-amz-checksum-type": "FULL_OBJECT",
    }),
  });
  response.end();
}

/** What an object's header has a place for: its SHA-256 is there in any case. */
export const keptChecksum = (
  checksum: ContentChecksum | undefined,
): { readonly checksum?: ContentChecksum } =>
  checksum && checksum.algorithm !== "SHA256" ? { checksum } : {};
