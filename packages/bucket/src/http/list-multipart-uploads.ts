import { commonPrefixOf } from "../storage/common-prefix.ts";
import type { DiskStore } from "../storage/disk-store.ts";
import { checksumTypeOf, type OpenUpload } from "../storage/open-upload.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { commonPrefixElements, keyEncoding, parseCount } from "./listing-query.ts";
import { owner } from "./owner.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

const maxUploadsPerPage = 1000;

const follows = (upload: OpenUpload, keyMarker: string, uploadIdMarker: string): boolean => {
  const order = Buffer.compare(Buffer.from(upload.key), Buffer.from(keyMarker));
  return order > 0 || (order === 0 && uploadIdMarker !== "" && upload.uploadId > uploadIdMarker);
};

/** What one line of a listing is about: an upload, or all of those whose keys have a common prefix. */
type Line = OpenUpload | string;

function linesOf(uploads: readonly OpenUpload[], { prefix, delimiter, keyMarker }: Grouping): Line[] {
  const passed = commonPrefixOf(keyMarker, prefix, delimiter);
  const lines: Line[] = [];
  for (const upload of uploads) {
    const common = commonPrefixOf(upload.key, prefix, delimiter);
    if (common === undefined) lines.push(upload);
    else if (common !== lines.at(-1) && common !== passed) lines.push(common);
  }
  return lines;
}

interface Grouping {
  readonly prefix: string;
  readonly delimiter: string;
  readonly keyMarker: string;
}

/** ListMultipartUploads. Each page reads the record of every upload that is open. */
export async function listMultipartUploads(
  exchange: Exchange,
  store: DiskStore,
  bucket: string,
): Promise<void> {
  const { query, amz } = exchange;
  refuseUnknownAmz(amz, new Set());
  const encode = keyEncoding(query.get("encoding-type"));
  const limit = Math.min(parseCount(query, "max-uploads") ?? maxUploadsPerPage, maxUploadsPerPage);
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const keyMarker = query.get("key-marker") ?? "";
  const uploadIdMarker = query.get("upload-id-marker") ?? "";

  const all = await store.uploads.list(prefix);
  const rest = keyMarker === "" ? all : all.filter((upload) => follows(upload, keyMarker, uploadIdMarker));
  const lines = linesOf(rest, { prefix, delimiter, keyMarker });
  const page = lines.slice(0, limit);
  const last = page.at(-1);
  const next = limit > 0 && lines.length > limit ? last : undefined;
  const isGroup = (line: Line): line is string => typeof line === "string";
  const isUpload = (line: Line): line is OpenUpload => !isGroup(line);
  sendXml(
    exchange,
    xmlDocument(
      "ListMultipartUploadsResult",
      [
        ["Bucket", bucket],
        ["KeyMarker", encode(keyMarker)],
        ["UploadIdMarker", uploadIdMarker],
        ["NextKeyMarker", next && encode(isGroup(next) ? next : next.key)],
        ["NextUploadIdMarker", next && !isGroup(next) ? next.uploadId : undefined],
        ["Prefix", encode(prefix)],
        ["Delimiter", delimiter === "" ? undefined : encode(delimiter)],
        ["EncodingType", query.get("encoding-type")],
        ["MaxUploads", limit],
        ["IsTruncated", next !== undefined],
        ...page.filter(isUpload).map(
          (upload) =>
            [
              "Upload",
              [
                ["Key", encode(upload.key)],
                ["UploadId", upload.uploadId],
                ["Initiator", owner],
                ["Owner", owner],
                ["StorageClass", "STANDARD"],
                ["Initiated", new Date(upload.createdAtMs).toISOString()],
                ["ChecksumAlgorithm", upload.checksumAlgorithm],
                ["ChecksumType", checksumTypeOf(upload)],
              ],
            ] as const,
        ),
        ...commonPrefixElements(page.filter(isGroup), { encode }),
      ],
      s3Namespace,
    ),
  );
}
