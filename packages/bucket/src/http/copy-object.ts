import { decodeObjectPath } from "@stowage/sigv4";
import { contentChecksum } from "../storage/checksum.ts";
import type { DiskStore } from "../storage/disk-store.ts";
import type { ObjectMetadata } from "../storage/object-file.ts";
import { refuseOtherThan, refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, notImplemented, sendXml } from "./exchange.ts";
import { decidePreconditions } from "./preconditions.ts";
import { isOnlyIfAbsent } from "./put-object.ts";
import { parseObjectPath } from "./request-target.ts";
import { keyTaken, S3Error } from "./s3-error.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

const knownAmz: ReadonlySet<string> = new Set([
  "x-amz-acl",
  "x-amz-copy-source",
  "x-amz-copy-source-if-match",
  "x-amz-copy-source-if-modified-since",
  "x-amz-copy-source-if-none-match",
  "x-amz-copy-source-if-unmodified-since",
  "x-amz-metadata-directive",
]);

/** The key in `x-amz-copy-source`: `bucket/key` or `/bucket/key`, percent-encoded. */
function parseSource(source: string, bucket: string): string {
  if (source.includes("?")) throw notImplemented("copying a version");
  const path = parseObjectPath(decodeObjectPath(source.startsWith("/") ? source : `/${source}`));
  if (path.bucket !== bucket) throw new S3Error("NoSuchBucket", "The copy source's bucket does not exist.");
  if (path.key === "") throw new S3Error("InvalidArgument", "The copy source names no object.");
  return path.key;
}

/**
 * CopyObject, within the bucket: the copy is a second name of the same file, so that it costs nothing,
 * whatever the size, and has the same content, type, ETag and date as its source.
 */
export async function copyObject(
  exchange: Exchange,
  store: DiskStore,
  bucket: string,
  source: string,
): Promise<void> {
  const { headers, amz, key } = exchange;
  refuseUnknownAmz(amz, knownAmz);
  refuseOtherThan(amz, "x-amz-acl", "private");
  refuseOtherThan(amz, "x-amz-metadata-directive", "COPY");
  if (headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) > 0)
    throw new S3Error("InvalidRequest", "A copy has no body.");
  const onlyIfAbsent = isOnlyIfAbsent(headers);
  const from = parseSource(source, bucket);
  if (from === key)
    throw new S3Error("InvalidRequest", "This copy request is illegal: it copies an object to itself.");

  const accept = (metadata: ObjectMetadata): void => {
    const conditions = {
      ifMatch: amz.get("x-amz-copy-source-if-match"),
      ifNoneMatch: amz.get("x-amz-copy-source-if-none-match"),
      ifModifiedSince: amz.get("x-amz-copy-source-if-modified-since"),
      ifUnmodifiedSince: amz.get("x-amz-copy-source-if-unmodified-since"),
    };
    const validators = { etag: metadata.etag, modifiedAtMs: metadata.createdAtMs };
    if (decidePreconditions(conditions, validators) !== "proceed") throw keyTaken();
  };
  const copied = await store.copy(from, key, { onlyIfAbsent, accept });
  if (!copied) throw new S3Error("NoSuchKey", "The copy source does not exist.");
  sendXml(
    exchange,
    xmlDocument(
      "CopyObjectResult",
      [
        ["LastModified", new Date(copied.createdAtMs).toISOString()],
        ["ETag", `"${copied.etag}"`],
        ["ChecksumSHA256", contentChecksum(copied, "SHA256")],
      ],
      s3Namespace,
    ),
  );
}
