import type { DiskStore } from "../storage/disk-store.ts";
import type { ContentChecksum } from "../storage/object-file.ts";
import { checksumTypeOf } from "../storage/open-upload.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { checksumHeader, checksumMembers, foundChecksum } from "./declared-checksum.ts";
import { chunkedMembers } from "./declared-chunks.ts";
import { checkDigests, declaredContent } from "./declared-content.ts";
import { type Exchange, notImplemented } from "./exchange.ts";
import { contentEncoding } from "./kept-headers.ts";
import { keptChecksum } from "./put-object.ts";
import { receiveContent } from "./receive-content.ts";
import { S3Error } from "./s3-error.ts";

const knownAmz: ReadonlySet<string> = new Set([...checksumMembers, ...chunkedMembers]);
/** S3's own bound. */
export const maxPartNumber = 10_000;

/** A part's number, 1 to 10,000. Throws S3Error (InvalidArgument). */
export function parsePartNumber(text: string | undefined): number {
  const number = /^\d{1,5}$/.test(text ?? "") ? Number(text) : 0;
  if (number >= 1 && number <= maxPartNumber) return number;
  throw new S3Error("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
}

/** UploadPart. A part that is sent again replaces the one before. */
export async function uploadPart(
  exchange: Exchange,
  store: DiskStore,
  maxPartSizeBytes: number,
): Promise<void> {
  const { request, response, headers, amz, verified, key, query } = exchange;
  refuseUnknownAmz(amz, knownAmz);
  const partNumber = parsePartNumber(query.get("partNumber"));
  if (contentEncoding(headers) !== "") throw notImplemented("the content-encoding of a part");
  const sent = declaredContent(headers, amz, verified, maxPartSizeBytes);
  const upload = await store.uploads.find(key, query.get("uploadId") ?? "");
  const expected = upload.checksumAlgorithm;
  // As on S3, a whole object's checksum does not need the client to have computed its parts'.
  const isFound = expected && !sent.checksum && checksumTypeOf(upload) === "FULL_OBJECT";
  const declared = isFound ? { ...sent, checksum: foundChecksum(expected) } : sent;
  if (expected && declared.checksum?.algorithm !== expected)
    throw new S3Error(
      "InvalidRequest",
      `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${declared.checksum?.algorithm.toLowerCase() ?? "null"}`,
    );

  const withMd5 = verified.by === "header" || declared.md5 !== undefined;
  const incoming = await store.uploads.receivePart(upload, partNumber, {
    sizeBytes: declared.sizeBytes,
    withMd5,
  });
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
  const { etag } = await incoming.publish(keptChecksum(checksum).checksum);
  response.writeHead(200, {
    etag: `"${etag}"`,
    "content-length": 0,
    ...(checksum && checksumHeader(checksum)),
  });
  response.end();
}
