import type { DiskStore } from "../storage/disk-store.ts";
import type { OpenUpload } from "../storage/open-upload.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, notImplemented, sendXml } from "./exchange.ts";
import { keyEncoding, parseCount } from "./list-objects.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

const maxUploadsPerPage = 1000;

const follows = (upload: OpenUpload, keyMarker: string, uploadIdMarker: string): boolean => {
  const order = Buffer.compare(Buffer.from(upload.key), Buffer.from(keyMarker));
  return order > 0 || (order === 0 && uploadIdMarker !== "" && upload.uploadId > uploadIdMarker);
};

/** ListMultipartUploads, without `delimiter`. Each page reads the record of every upload that is open. */
export async function listMultipartUploads(
  exchange: Exchange,
  store: DiskStore,
  bucket: string,
): Promise<void> {
  const { query, amz } = exchange;
  refuseUnknownAmz(amz, new Set());
  if (query.has("delimiter")) throw notImplemented("delimiter in a listing of uploads");
  const encode = keyEncoding(query.get("encoding-type"));
  const limit = Math.min(parseCount(query, "max-uploads") ?? maxUploadsPerPage, maxUploadsPerPage);
  const prefix = query.get("prefix") ?? "";
  const keyMarker = query.get("key-marker") ?? "";
  const uploadIdMarker = query.get("upload-id-marker") ?? "";

  const all = await store.uploads.list(prefix);
  const rest = keyMarker === "" ? all : all.filter((upload) => follows(upload, keyMarker, uploadIdMarker));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const isTruncated = limit > 0 && rest.length > limit;
  sendXml(
    exchange,
    xmlDocument(
      "ListMultipartUploadsResult",
      [
        ["Bucket", bucket],
        ["KeyMarker", encode(keyMarker)],
        ["UploadIdMarker", uploadIdMarker],
        ["NextKeyMarker", isTruncated && last ? encode(last.key) : undefined],
        ["NextUploadIdMarker", isTruncated ? last?.uploadId : undefined],
        ["Prefix", encode(prefix)],
        ["EncodingType", query.get("encoding-type")],
        ["MaxUploads", limit],
        ["IsTruncated", isTruncated],
        ...page.map(
          ({ key, uploadId, createdAtMs, checksumAlgorithm }) =>
            [
              "Upload",
              [
                ["Key", encode(key)],
                ["UploadId", uploadId],
                ["StorageClass", "STANDARD"],
                ["Initiated", new Date(createdAtMs).toISOString()],
                ["ChecksumAlgorithm", checksumAlgorithm],
                ["ChecksumType", checksumAlgorithm && "COMPOSITE"],
              ],
            ] as const,
        ),
      ],
      s3Namespace,
    ),
  );
}
