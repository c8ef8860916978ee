import type { DiskStore } from "../storage/disk-store.ts";
import { refuseOtherThan, refuseUnknownAmz } from "./amz-members.ts";
import { checkDigests, declaredContent } from "./declared-content.ts";
import { type Exchange, notImplemented } from "./exchange.ts";
import { receiveBody } from "./receive-body.ts";
import { S3Error } from "./s3-error.ts";

const knownAmz: ReadonlySet<string> = new Set(["x-amz-checksum-sha256", "x-amz-sdk-checksum-algorithm"]);
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
  if (amz.has("x-amz-copy-source")) throw notImplemented("UploadPartCopy");
  refuseUnknownAmz(amz, knownAmz);
  refuseOtherThan(amz, "x-amz-sdk-checksum-algorithm", "SHA256");
  const partNumber = parsePartNumber(query.get("partNumber"));
  const declared = declaredContent(headers, amz, verified, maxPartSizeBytes);
  const upload = await store.uploads.find(key, query.get("uploadId") ?? "");
  const checksum = amz.get("x-amz-checksum-sha256");
  if (upload.checksumAlgorithm && checksum === undefined)
    throw new S3Error(
      "InvalidRequest",
      "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: null",
    );

  const withMd5 = verified.by === "header" || declared.md5 !== undefined;
  const incoming = await store.uploads.receivePart(upload, partNumber, {
    sizeBytes: declared.sizeBytes,
    withMd5,
  });
  try {
    exchange.acceptBody();
    await receiveBody(request, incoming.push);
    checkDigests(declared, await incoming.finish());
  } catch (error) {
    await incoming.discard();
    throw error;
  }
  // The client is quiet from here on because it waits for the disk: that is not its idleness.
  request.socket.setTimeout(0);
  const { etag } = await incoming.publish();
  response.writeHead(200, {
    etag: `"${etag}"`,
    "content-length": 0,
    ...(checksum !== undefined && { "x-amz-checksum-sha256": checksum }),
  });
  response.end();
}
