import type { DiskStore } from "../storage/disk-store.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, notImplemented, sendXml } from "./exchange.ts";
import { S3Error } from "./s3-error.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

const maxKeysPerPage = 1000;

/** A query member that counts; `undefined` where it is not there. Throws S3Error (InvalidArgument). */
export function parseCount(query: ReadonlyMap<string, string>, member: string): number | undefined {
  const value = query.get(member);
  if (value === undefined) return undefined;
  if (!/^\d{1,10}$/.test(value)) throw new S3Error("InvalidArgument", `${member} is not a number.`);
  return Number(value);
}

/** A continuation token is the last key of the page before; it gives no right that the listing lacks. */
const encodeToken = (lastKey: string): string => Buffer.from(lastKey, "utf8").toString("base64url");

function decodeToken(token: string): string {
  const key = Buffer.from(token, "base64url").toString("utf8");
  if (key === "" || encodeToken(key) !== token)
    throw new S3Error("InvalidArgument", "The continuation token provided is incorrect");
  return key;
}

/** How keys are written into a listing, by its `encoding-type`. */
export function keyEncoding(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text;
  if (type !== "url") throw new S3Error("InvalidArgument", "Invalid Encoding Method specified in Request");
  return (text) => encodeURIComponent(text).replaceAll("%2F", "/");
}

/** ListObjectsV2, without `delimiter`. */
export async function listObjectsV2(exchange: Exchange, store: DiskStore, bucket: string): Promise<void> {
  const { query, amz } = exchange;
  refuseUnknownAmz(amz, new Set());
  if (query.get("list-type") !== "2") throw notImplemented("listing other than ListObjectsV2");
  if (query.has("delimiter")) throw notImplemented("delimiter");
  const encode = keyEncoding(query.get("encoding-type"));
  const limit = Math.min(parseCount(query, "max-keys") ?? maxKeysPerPage, maxKeysPerPage);
  const prefix = query.get("prefix") ?? "";
  const startAfter = query.get("start-after");
  const token = query.get("continuation-token");
  const after = token === undefined ? (startAfter ?? "") : decodeToken(token);

  const { objects, isTruncated, lastKey } = await store.list({ prefix, after, limit });
  const next = isTruncated && lastKey !== undefined ? encodeToken(lastKey) : undefined;
  sendXml(
    exchange,
    xmlDocument(
      "ListBucketResult",
      [
        ["Name", bucket],
        ["Prefix", encode(prefix)],
        ["StartAfter", startAfter === undefined ? undefined : encode(startAfter)],
        ["ContinuationToken", token],
        ["NextContinuationToken", next],
        ["KeyCount", objects.length],
        ["MaxKeys", limit],
        ["EncodingType", query.get("encoding-type")],
        ["IsTruncated", isTruncated],
        ...objects.map(
          ({ key, sizeBytes, modifiedAtMs, etag }) =>
            [
              "Contents",
              [
                ["Key", encode(key)],
                ["LastModified", new Date(modifiedAtMs).toISOString()],
                ["ETag", etag === undefined ? undefined : `"${etag}"`],
                ["Size", sizeBytes],
                ["StorageClass", "STANDARD"],
              ],
            ] as const,
        ),
      ],
      s3Namespace,
    ),
  );
}
