import type { DiskStore } from "../storage/disk-store.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { commonPrefixElements, objectElements, parseListingQuery } from "./listing-query.ts";
import { owner } from "./owner.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

/** ListObjectVersions: of each object the one version that there is without versioning, `null`. */
export async function listObjectVersions(
  exchange: Exchange,
  store: DiskStore,
  bucket: string,
): Promise<void> {
  const { query, amz } = exchange;
  refuseUnknownAmz(amz, new Set());
  const listing = parseListingQuery(query);
  const { prefix, delimiter, limit, encodingType, encode } = listing;
  const marker = query.get("key-marker") ?? "";
  const { objects, commonPrefixes, isTruncated, last } = await store.list({ ...listing, after: marker });
  const hasNext = isTruncated && last !== undefined;
  sendXml(
    exchange,
    xmlDocument(
      "ListVersionsResult",
      [
        ["Name", bucket],
        ["Prefix", encode(prefix)],
        ["KeyMarker", encode(marker)],
        ["VersionIdMarker", query.get("version-id-marker") ?? ""],
        ["NextKeyMarker", hasNext ? encode(last) : undefined],
        ["NextVersionIdMarker", hasNext ? "null" : undefined],
        ["MaxKeys", limit],
        ["Delimiter", delimiter === "" ? undefined : encode(delimiter)],
        ["EncodingType", encodingType],
        ["IsTruncated", isTruncated],
        ...objects.map(
          (object) =>
            [
              "Version",
              [
                ["Key", encode(object.key)],
                ["VersionId", "null"],
                ["IsLatest", true],
                ...objectElements(object),
                ["Owner", owner],
              ],
            ] as const,
        ),
        ...commonPrefixElements(commonPrefixes, listing),
      ],
      s3Namespace,
    ),
  );
}
