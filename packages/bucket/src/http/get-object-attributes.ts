import type { DiskStore } from "../storage/disk-store.ts";
import type { ManifestPart } from "../storage/part-manifest.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { parseCount } from "./listing-query.ts";
import { objectChecksumElements } from "./object-checksum.ts";
import { noSuchKey, S3Error } from "./s3-error.ts";
import { s3Namespace, type XmlContent, xmlDocument } from "./xml.ts";

const knownAmz: ReadonlySet<string> = new Set([
  "x-amz-max-parts",
  "x-amz-object-attributes",
  "x-amz-part-number-marker",
]);

const attributes = ["Checksum", "ETag", "ObjectParts", "ObjectSize", "StorageClass"] as const;
type Attribute = (typeof attributes)[number];

const maxPartsPerPage = 1000;

function wantedAttributes(amz: ReadonlyMap<string, string>): ReadonlySet<Attribute> {
  const wanted = new Set<Attribute>();
  for (const name of (amz.get("x-amz-object-attributes") ?? "").split(",")) {
    const found = attributes.find((attribute) => attribute === name.trim());
    if (!found) throw new S3Error("InvalidArgument", "Invalid attribute name specified.");
    wanted.add(found);
  }
  return wanted;
}

function partsElements(amz: ReadonlyMap<string, string>, parts: readonly ManifestPart[]): XmlContent {
  const limit = Math.min(parseCount(amz, "x-amz-max-parts") ?? maxPartsPerPage, maxPartsPerPage);
  const after = parseCount(amz, "x-amz-part-number-marker") ?? 0;
  const rest = parts.filter(({ number }) => number > after);
  const page = rest.slice(0, limit);
  return [
    ["PartsCount", parts.length],
    ["PartNumberMarker", after],
    ["NextPartNumberMarker", page.at(-1)?.number ?? after],
    ["MaxParts", limit],
    ["IsTruncated", rest.length > page.length],
    ...page.map(
      ({ number, sizeBytes, sha256 }) =>
        [
          "Part",
          [
            ["PartNumber", number],
            ["Size", sizeBytes],
            ["ChecksumSHA256", Buffer.from(sha256, "hex").toString("base64")],
          ],
        ] as const,
    ),
  ];
}

/** GetObjectAttributes. Parts have their SHA-256, which is known of each, whatever the upload's algorithm. */
export async function getObjectAttributes(exchange: Exchange, store: DiskStore): Promise<void> {
  const { amz, key, response } = exchange;
  refuseUnknownAmz(amz, knownAmz);
  const wanted = wantedAttributes(amz);
  const object = await store.open(key);
  if (!object) throw noSuchKey("The specified key does not exist.");
  try {
    const { metadata } = object;
    const parts = wanted.has("ObjectParts") ? await object.listParts?.() : undefined;
    const checksum = objectChecksumElements(metadata);
    const about: Readonly<Record<Attribute, XmlContent[number][1]>> = {
      Checksum: checksum,
      ETag: metadata.etag,
      ObjectParts: parts && partsElements(amz, parts),
      ObjectSize: metadata.sizeBytes,
      StorageClass: "STANDARD",
    };
    response.setHeader("last-modified", new Date(metadata.createdAtMs).toUTCString());
    const content = attributes.filter((name) => wanted.has(name)).map((name) => [name, about[name]] as const);
    sendXml(exchange, xmlDocument("GetObjectAttributesResponse", content, s3Namespace));
  } finally {
    await object.close();
  }
}
