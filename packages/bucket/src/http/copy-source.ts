import { decodeObjectPath } from "@stowage/sigv4";
import type { DiskStore } from "../storage/disk-store.ts";
import type { ObjectMetadata } from "../storage/object-file.ts";
import type { StoredObject } from "../storage/read-object.ts";
import { ObjectCorruptError } from "../storage/segment-cipher.ts";
import { decidePreconditions } from "./preconditions.ts";
import { checkVersionId, parseObjectPath } from "./request-target.ts";
import { keyTaken, noSuchKey, S3Error } from "./s3-error.ts";

/** The members that name what is copied, and its conditions. */
export const copySourceMembers: readonly string[] = [
  "x-amz-copy-source",
  "x-amz-copy-source-if-match",
  "x-amz-copy-source-if-modified-since",
  "x-amz-copy-source-if-none-match",
  "x-amz-copy-source-if-unmodified-since",
];

function decodeSource(path: string): string {
  try {
    return decodeObjectPath(path);
  } catch (cause) {
    throw new S3Error("InvalidArgument", "The copy source is not percent-encoded UTF-8.", { cause });
  }
}

/**
 * The key in `x-amz-copy-source`: `bucket/key` or `/bucket/key`, percent-encoded, perhaps with `?versionId=null`.
 * Throws S3Error (InvalidArgument; NoSuchBucket for another bucket).
 */
export function parseCopySource(source: string, bucket: string): string {
  const [path = "", ...versions] = source.split("?");
  for (const version of versions) {
    if (!version.startsWith("versionId=")) throw new S3Error("InvalidArgument", "Invalid copy source");
    checkVersionId(version.slice("versionId=".length));
  }
  const { bucket: named, key } = parseObjectPath(decodeSource(path.startsWith("/") ? path : `/${path}`));
  if (key === "") throw new S3Error("InvalidArgument", "The copy source names no object.");
  if (named !== bucket) throw new S3Error("NoSuchBucket", "The copy source's bucket does not exist.");
  return key;
}

/** Holds a copy's source to its conditions. Throws S3Error (PreconditionFailed). */
export function checkCopyConditions(amz: ReadonlyMap<string, string>, metadata: ObjectMetadata): void {
  const conditions = {
    ifMatch: amz.get("x-amz-copy-source-if-match"),
    ifNoneMatch: amz.get("x-amz-copy-source-if-none-match"),
    ifModifiedSince: amz.get("x-amz-copy-source-if-modified-since"),
    ifUnmodifiedSince: amz.get("x-amz-copy-source-if-unmodified-since"),
  };
  const validators = { etag: metadata.etag, modifiedAtMs: metadata.createdAtMs };
  if (decidePreconditions(conditions, validators) !== "proceed") throw keyTaken();
}

export const noCopySource = (): S3Error => noSuchKey("The copy source does not exist.");

/** So that the log names the object that is damaged, where the request is about another. */
export async function namingSource<T>(from: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof ObjectCorruptError)) throw cause;
    throw new ObjectCorruptError(`${cause.message} (of the copy source, ${JSON.stringify(from)})`, { cause });
  }
}

/** Runs `work` over a copy's source, held to its conditions, as it is now whatever becomes of its key. */
export async function withCopySource<T>(
  store: DiskStore,
  amz: ReadonlyMap<string, string>,
  from: string,
  work: (source: StoredObject) => Promise<T>,
): Promise<T> {
  const source = await namingSource(from, store.open(from));
  if (!source) throw noCopySource();
  try {
    checkCopyConditions(amz, source.metadata);
    return await namingSource(from, work(source));
  } finally {
    await source.close();
  }
}
