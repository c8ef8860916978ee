import type { DiskStore } from "../storage/disk-store.ts";
import { refuseOtherThan, refuseUnknownAmz } from "./amz-members.ts";
import { declaredContentType } from "./declared-content.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { refuseBody } from "./receive-document.ts";
import { S3Error } from "./s3-error.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

const knownAmz: ReadonlySet<string> = new Set([
  "x-amz-acl",
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
  refuseOtherThan(amz, "x-amz-acl", "private");
  refuseOtherThan(amz, "x-amz-checksum-algorithm", "SHA256");
  refuseBody(exchange);
  const isChecked = amz.has("x-amz-checksum-algorithm");
  if (!isChecked && amz.has("x-amz-checksum-type"))
    throw new S3Error("InvalidRequest", "x-amz-checksum-type needs an x-amz-checksum-algorithm.");
  // S3 knows none of the whole object's for SHA-256, which can't be put together from the parts'.
  if ((amz.get("x-amz-checksum-type") ?? "COMPOSITE").toUpperCase() !== "COMPOSITE")
    throw new S3Error("InvalidRequest", "The checksum type of SHA256 can only be COMPOSITE.");

  const uploadId = await store.uploads.create({
    key,
    contentType: declaredContentType(headers),
    ...(isChecked && { checksumAlgorithm: "SHA256" }),
  });
  if (isChecked) {
    response.setHeader("x-amz-checksum-algorithm", "SHA256");
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
