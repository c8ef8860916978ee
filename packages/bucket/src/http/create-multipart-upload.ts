import type { DiskStore } from "../storage/disk-store.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { parseAlgorithm } from "./declared-checksum.ts";
import { declaredContentType } from "./declared-content.ts";
import { type Exchange, notImplemented, sendXml } from "./exchange.ts";
import { keptHeaders } from "./kept-headers.ts";
import { refuseBody } from "./receive-document.ts";
import { S3Error } from "./s3-error.ts";
import { encryptionHeader, refuseOtherStorage, storageMembers } from "./storage-members.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

const knownAmz: ReadonlySet<string> = new Set([
  ...storageMembers,
  "x-amz-checksum-algorithm",
  "x-amz-checksum-type",
]);

/** CreateMultipartUpload. */
export async function createMultipartUpload(
  exchange: Exchange,
  store: DiskStore,
  bucket: string,
): Promise<void> {
  const { headers, amz, key, response } = exchange;
  refuseUnknownAmz(amz, knownAmz);
  refuseOtherStorage(amz);
  refuseBody(exchange);
  const named = amz.get("x-amz-checksum-algorithm");
  const algorithm = named === undefined ? undefined : parseAlgorithm(named);
  const type = amz.get("x-amz-checksum-type");
  if (!algorithm && type !== undefined)
    throw new S3Error("InvalidRequest", "x-amz-checksum-type needs an x-amz-checksum-algorithm.");
  // S3 has it of the whole object only, where the parts' would have to be put together.
  if (algorithm === "CRC64NVME") throw notImplemented("CRC64NVME of a multipart upload");
  if ((type ?? "COMPOSITE").toUpperCase() !== "COMPOSITE")
    throw new S3Error("InvalidRequest", "The checksum type of a multipart upload can only be COMPOSITE.");

  const contentType = declaredContentType(headers);
  const kept = keptHeaders(headers, amz, exchange.verified);
  const about = {
    key,
    contentType,
    ...(kept && { headers: kept }),
    ...(algorithm && { checksumAlgorithm: algorithm }),
  };
  const uploadId = await store.uploads.create(about);
  for (const [name, value] of Object.entries(encryptionHeader)) response.setHeader(name, value);
  if (algorithm) {
    response.setHeader("x-amz-checksum-algorithm", algorithm);
    response.setHeader("x-amz-checksum-type", "COMPOSITE");
  }
  sendXml(
    exchange,
    xmlDocument(
      "InitiateMultipartUploadResult",
      [
        ["Bucket", bucket],
        ["Key", key],
        ["UploadId", uploadId],
      ],
      s3Namespace,
    ),
  );
}
