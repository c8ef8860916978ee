import type { ChecksumAlgorithm } from "../storage/checksum.ts";
import type { DiskStore } from "../storage/disk-store.ts";
import type { ObjectMetadata } from "../storage/object-file.ts";
import type { WriteCondition } from "../storage/object-names.ts";
import { pourContent } from "../storage/pour-content.ts";
import type { StoredObject } from "../storage/read-object.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import {
  checkCopyConditions,
  copySourceMembers,
  namingSource,
  noCopySource,
  parseCopySource,
  withCopySource,
} from "./copy-source.ts";
import { foundChecksum, parseAlgorithm } from "./declared-checksum.ts";
import { declaredContentType } from "./declared-content.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { keptHeaders } from "./kept-headers.ts";
import { objectChecksumElements } from "./object-checksum.ts";
import { keptChecksum } from "./put-object.ts";
import { refuseBody } from "./receive-document.ts";
import { S3Error } from "./s3-error.ts";
import { encryptionHeader, refuseOtherStorage, storageMembers } from "./storage-members.ts";
import { tagsInHeader } from "./tag-set.ts";
import { writeCondition } from "./write-condition.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

const knownAmz: ReadonlySet<string> = new Set([
  ...storageMembers,
  ...copySourceMembers,
  "x-amz-checksum-algorithm",
  "x-amz-metadata-directive",
  "x-amz-tagging",
  "x-amz-tagging-directive",
]);

type Copied = Pick<
  ObjectMetadata,
  "etag" | "sizeBytes" | "sha256" | "checksum" | "composite" | "createdAtMs"
>;

/** Whether the metadata, or the tags, are not the source's. Throws S3Error (InvalidArgument). */
function isReplacing(amz: ReadonlyMap<string, string>, what: "metadata" | "tagging"): boolean {
  const directive = (amz.get(`x-amz-${what}-directive`) ?? "COPY").toUpperCase();
  if (directive === "REPLACE" || directive === "COPY") return directive === "REPLACE";
  throw new S3Error("InvalidArgument", `Unknown ${what} directive.`);
}

/**
 * CopyObject, within the bucket: the copy is a second name of the same file, so that it costs nothing,
 * whatever the size, and has the same content, metadata, tags, ETag and date as its source. With other metadata or tags
 * (`x-amz-metadata-directive: REPLACE`, `x-amz-tagging-directive: REPLACE`), or a checksum to be found out, it is a file of its own.
 */
export async function copyObject(
  exchange: Exchange,
  store: DiskStore,
  { bucket, maxObjectSizeBytes }: { readonly bucket: string; readonly maxObjectSizeBytes: number },
  source: string,
): Promise<void> {
  const { request, response, headers, amz, key } = exchange;
  refuseUnknownAmz(amz, knownAmz);
  refuseOtherStorage(amz);
  refuseBody(exchange);
  const replaces = isReplacing(amz, "metadata");
  const replacesTags = isReplacing(amz, "tagging");
  const tags = tagsInHeader(amz);
  if (tags && !replacesTags)
    throw new S3Error("InvalidArgument", "x-amz-tagging needs x-amz-tagging-directive: REPLACE.");
  const algorithm = amz.get("x-amz-checksum-algorithm");
  const condition = writeCondition(headers);
  const from = parseCopySource(source, bucket);
  if (from === key && !replaces)
    throw new S3Error(
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata.",
    );
  const about = replaces && {
    contentType: declaredContentType(headers),
    headers: keptHeaders(headers, amz, exchange.verified),
  };

  // The client is quiet from here on because it waits for the disk: that is not its idleness.
  request.socket.setTimeout(0);
  const copied =
    replaces || replacesTags || algorithm !== undefined
      ? await withCopySource(store, amz, from, (object) =>
          rewrite(store, object, key, {
            ...condition,
            ...(about || { contentType: object.metadata.contentType, headers: object.metadata.headers }),
            tags: replacesTags ? tags : object.metadata.tags,
            ...(algorithm !== undefined && { algorithm: parseAlgorithm(algorithm) }),
            withMd5: exchange.verified.by === "header",
            maxObjectSizeBytes,
          }),
        )
      : await link(store, from, key, condition, (metadata) => checkCopyConditions(amz, metadata));
  exchange.announce({ name: "ObjectCreated:Copy", key, sizeBytes: copied.sizeBytes, etag: copied.etag });
  for (const [name, value] of Object.entries(encryptionHeader)) response.setHeader(name, value);
  sendXml(
    exchange,
    xmlDocument(
      "CopyObjectResult",
      [
        ["LastModified", new Date(copied.createdAtMs).toISOString()],
        ["ETag", `"${copied.etag}"`],
        ...objectChecksumElements(copied),
      ],
      s3Namespace,
    ),
  );
}

async function link(
  store: DiskStore,
  from: string,
  to: string,
  condition: WriteCondition,
  accept: (metadata: ObjectMetadata) => void,
): Promise<Copied> {
  const copied = await namingSource(from, store.copy(from, to, { ...condition, accept }));
  if (!copied) throw noCopySource();
  return copied;
}

async function rewrite(
  store: DiskStore,
  source: StoredObject,
  to: string,
  {
    algorithm,
    contentType,
    maxObjectSizeBytes,
    ...about
  }: WriteCondition & {
    readonly contentType: string;
    readonly headers: ObjectMetadata["headers"];
    readonly tags: ObjectMetadata["tags"];
    readonly algorithm?: ChecksumAlgorithm;
    readonly withMd5: boolean;
    readonly maxObjectSizeBytes: number;
  },
): Promise<Copied> {
  const { metadata } = source;
  const { sizeBytes } = metadata;
  if (sizeBytes > maxObjectSizeBytes)
    throw new S3Error(
      "InvalidRequest",
      `The specified copy source is larger than the maximum allowable size for a copy source: ${maxObjectSizeBytes}`,
    );
  const found = algorithm && foundChecksum(algorithm);
  const incoming = await store.receive(to, { sizeBytes, ...about });
  const { sha256, md5 } = await pourContent(source, { start: 0, end: sizeBytes }, incoming, (content) =>
    found?.update(content),
  );
  const checksum = found ? found.check(sha256) : metadata.checksum;
  const kept = keptChecksum(checksum);
  const published = await incoming.publish({ contentType, ...kept, etag: md5 ?? metadata.etag });
  return { sizeBytes, sha256, ...kept, ...published };
}
