import type { DiskStore } from "../storage/disk-store.ts";
import type { ContentChecksum } from "../storage/object-file.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { checksumHeader, checksumMembers } from "./declared-checksum.ts";
import { chunkedMembers } from "./declared-chunks.ts";
import { checkDigests, declaredContent } from "./declared-content.ts";
import { type Exchange, notImplemented } from "./exchange.ts";
import { keptHeaders } from "./kept-headers.ts";
import { receiveContent } from "./receive-content.ts";
import { keyTaken } from "./s3-error.ts";
import { encryptionHeader, refuseOtherStorage, storageMembers } from "./storage-members.ts";

const knownAmz: ReadonlySet<string> = new Set([...storageMembers, ...checksumMembers, ...chunkedMembers]);

/** Whether the key must be free: `If-None-Match: *`, the one condition on writes that there is. */
export function isOnlyIfAbsent(headers: ReadonlyMap<string, string>): boolean {
  for (const name of ["if-match", "if-modified-since", "if-unmodified-since"])
    if (headers.has(name)) throw notImplemented(`${name} on a write`);
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== undefined && ifNoneMatch !== "*")
    throw notImplemented("if-none-match other than * on a write");
  return ifNoneMatch === "*";
}

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
  const onlyIfAbsent = isOnlyIfAbsent(headers);
  // Spares the client the body; what decides is the publication.
  if (onlyIfAbsent && (await store.exists(key))) throw keyTaken();

  const { sizeBytes, contentType } = declared;
  // The MD5 costs as much as the encryption: only for those who sign headers, and may expect it as the ETag.
  const withMd5 = verified.by === "header" || declared.md5 !== undefined;
  const incoming = await store.receive(key, { sizeBytes, withMd5, onlyIfAbsent, headers: kept });
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

  response.writeHead(200, {
    etag: `"${etag}"`,
    "content-length": 0,
    ...encryptionHeader(amz),
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
