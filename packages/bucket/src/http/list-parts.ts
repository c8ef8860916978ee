import type { DiskStore } from "../storage/disk-store.ts";
import { checksumTypeOf } from "../storage/open-upload.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { parseCount } from "./listing-query.ts";
import { owner } from "./owner.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

const maxPartsPerPage = 1000;

/** ListParts. */
export async function listParts(exchange: Exchange, store: DiskStore, bucket: string): Promise<void> {
  const { query, amz, key } = exchange;
  refuseUnknownAmz(amz, new Set());
  const limit = Math.min(parseCount(query, "max-parts") ?? maxPartsPerPage, maxPartsPerPage);
  const after = parseCount(query, "part-number-marker") ?? 0;
  const upload = await store.uploads.find(key, query.get("uploadId") ?? "");
  const { parts, isTruncated, last = after } = await store.uploads.listParts(upload, { after, limit });
  sendXml(
    exchange,
    xmlDocument(
      "ListPartsResult",
      [
        ["Bucket", bucket],
        ["Key", key],
        ["UploadId", upload.uploadId],
        ["Initiator", owner],
        ["Owner", owner],
        ["PartNumberMarker", after],
        ["NextPartNumberMarker", last],
        ["MaxParts", limit],
        ["IsTruncated", isTruncated],
        ["ChecksumAlgorithm", upload.checksumAlgorithm],
        ["ChecksumType", checksumTypeOf(upload)],
        ...parts.map(
          ({ number, modifiedAtMs, etag, sizeBytes, sha256, checksum }) =>
            [
              "Part",
              [
                ["PartNumber", number],
                ["LastModified", new Date(modifiedAtMs).toISOString()],
                ["ETag", `"${etag}"`],
                ["Size", sizeBytes],
                ["ChecksumSHA256", sha256 && Buffer.from(sha256, "hex").toString("base64")],
                [`Checksum${checksum?.algorithm}`, checksum?.value],
              ],
            ] as const,
        ),
        ["StorageClass", "STANDARD"],
      ],
      s3Namespace,
    ),
  );
}
