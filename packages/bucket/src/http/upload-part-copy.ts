import type { DiskStore } from "../storage/disk-store.ts";
import { pourContent } from "../storage/pour-content.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import type { ByteRange } from "./byte-range.ts";
import { copySourceMembers, parseCopySource, withCopySource } from "./copy-source.ts";
import { foundChecksum } from "./declared-checksum.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { keptChecksum } from "./put-object.ts";
import { refuseBody } from "./receive-document.ts";
import { S3Error } from "./s3-error.ts";
import { parsePartNumber } from "./upload-part.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

const knownAmz: ReadonlySet<string> = new Set([...copySourceMembers, "x-amz-copy-source-range"]);

/** Strict, unlike a GET's: the whole range must be there, or the part would not be what was meant. */
function parseRange(header: string | undefined, sizeBytes: number): ByteRange {
  if (header === undefined) return { start: 0, end: sizeBytes };
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header) ?? [];
  if (first === undefined || last === undefined || Number(first) > Number(last))
    throw new S3Error(
      "InvalidArgument",
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
    );
  if (Number(last) >= sizeBytes)
    throw new S3Error(
      "InvalidArgument",
      `Range specified is not valid for source object of size: ${sizeBytes}`,
    );
  return { start: Number(first), end: Number(last) + 1 };
}

/** UploadPartCopy, from the bucket's own objects. The part's checksum is found out where the upload wants one. */
export async function uploadPartCopy(
  exchange: Exchange,
  store: DiskStore,
  { bucket, maxObjectSizeBytes }: { readonly bucket: string; readonly maxObjectSizeBytes: number },
  source: string,
): Promise<void> {
  const { request, amz, key, query, verified } = exchange;
  refuseUnknownAmz(amz, knownAmz);
  refuseBody(exchange);
  const partNumber = parsePartNumber(query.get("partNumber"));
  const from = parseCopySource(source, bucket);
  const upload = await store.uploads.find(key, query.get("uploadId") ?? "");
  // The client is quiet from here on because it waits for the disk: that is not its idleness.
  request.socket.setTimeout(0);
  const part = await withCopySource(store, amz, from, async (object) => {
    const range = parseRange(amz.get("x-amz-copy-source-range"), object.metadata.sizeBytes);
    const sizeBytes = range.end - range.start;
    if (sizeBytes > maxObjectSizeBytes)
      throw new S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.");
    const found = foundChecksum(upload.checksumAlgorithm ?? "SHA256");
    const withMd5 = verified.by === "header";
    const incoming = await store.uploads.receivePart(upload, partNumber, { sizeBytes, withMd5 });
    const { sha256 } = await pourContent(object, range, incoming, found.update);
    const checksum = found.check(sha256);
    return { checksum, ...(await incoming.publish(keptChecksum(checksum).checksum)) };
  });
  sendXml(
    exchange,
    xmlDocument(
      "CopyPartResult",
      [
        ["LastModified", new Date(part.createdAtMs).toISOString()],
        ["ETag", `"${part.etag}"`],
        [`Checksum${part.checksum.algorithm}`, part.checksum.value],
      ],
      s3Namespace,
    ),
  );
}
