import type { DiskStore } from "../storage/disk-store.ts";
import type { ObjectPage } from "../storage/list-stored-objects.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import {
  commonPrefixElements,
  type ListingQuery,
  objectElements,
  parseListingQuery,
} from "./listing-query.ts";
import { owner } from "./owner.ts";
import { S3Error } from "./s3-error.ts";
import { s3Namespace, type XmlContent, xmlDocument } from "./xml.ts";

/**
 * A continuation token is the last key or common prefix of the page before; it gives no right that the listing
 * lacks.
 */
const encodeToken = (last: string): string => Buffer.from(last, "utf8").toString("base64url");

function decodeToken(token: string): string {
  const last = Buffer.from(token, "base64url").toString("utf8");
  if (last === "" || encodeToken(last) !== token)
    throw new S3Error("InvalidArgument", "The continuation token provided is incorrect");
  return last;
}

/** ListObjectsV2 and, without `list-type`, ListObjects. */
export async function listObjects(exchange: Exchange, store: DiskStore, bucket: string): Promise<void> {
  const { query, amz } = exchange;
  refuseUnknownAmz(amz, new Set());
  const listing = parseListingQuery(query);
  const version = query.get("list-type");
  if (version !== undefined && version !== "2")
    throw new S3Error("InvalidArgument", "Invalid List Type specified in Request");
  const about = version === "2" ? await listV2(query, listing, store) : await listV1(query, listing, store);
  sendXml(exchange, xmlDocument("ListBucketResult", [["Name", bucket], ...about], s3Namespace));
}

async function listV1(
  query: ReadonlyMap<string, string>,
  listing: ListingQuery,
  store: DiskStore,
): Promise<XmlContent> {
  const { encode, delimiter } = listing;
  const marker = query.get("marker") ?? "";
  const page = await store.list({ ...listing, after: marker });
  const { isTruncated, last, objects } = page;
  // Elsewhere the last key serves. There may be none, of objects that were removed while they were listed.
  const hasNext = isTruncated && last !== undefined && (delimiter !== "" || objects.length === 0);
  return [
    ["Marker", encode(marker)],
    ["NextMarker", hasNext ? encode(last) : undefined],
    ...pageElements(listing, page, true),
  ];
}

async function listV2(
  query: ReadonlyMap<string, string>,
  listing: ListingQuery,
  store: DiskStore,
): Promise<XmlContent> {
  const { encode } = listing;
  const startAfter = query.get("start-after");
  const token = query.get("continuation-token");
  const after = token === undefined ? (startAfter ?? "") : decodeToken(token);
  const page = await store.list({ ...listing, after });
  const { isTruncated, last, objects, commonPrefixes } = page;
  return [
    ["StartAfter", startAfter === undefined ? undefined : encode(startAfter)],
    ["ContinuationToken", token],
    ["NextContinuationToken", isTruncated && last !== undefined ? encodeToken(last) : undefined],
    ["KeyCount", objects.length + commonPrefixes.length],
    ...pageElements(listing, page, query.get("fetch-owner") === "true"),
  ];
}

function pageElements(
  { prefix, delimiter, limit, encodingType, encode }: ListingQuery,
  { objects, commonPrefixes, isTruncated }: ObjectPage,
  hasOwners: boolean,
): XmlContent {
  return [
    ["Prefix", encode(prefix)],
    ["Delimiter", delimiter === "" ? undefined : encode(delimiter)],
    ["MaxKeys", limit],
    ["EncodingType", encodingType],
    ["IsTruncated", isTruncated],
    ...objects.map(
      (object) =>
        [
          "Contents",
          [["Key", encode(object.key)], ...objectElements(object), ["Owner", hasOwners ? owner : undefined]],
        ] as const,
    ),
    ...commonPrefixElements(commonPrefixes, { encode }),
  ];
}
