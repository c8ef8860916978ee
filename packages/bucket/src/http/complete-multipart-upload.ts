import { checksumAlgorithms } from "../storage/checksum.ts";
import type { ChosenPart, CompletedObject } from "../storage/complete-upload.ts";
import type { DiskStore } from "../storage/disk-store.ts";
import { checksumTypeOf, type OpenUpload } from "../storage/open-upload.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { checksumMembers } from "./declared-checksum.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { objectChecksumElements } from "./object-checksum.ts";
import { malformedXml, membersOf, parseDocument, type XmlElement } from "./parse-xml.ts";
import { receiveDocument } from "./receive-document.ts";
import { S3Error } from "./s3-error.ts";
import { maxPartNumber, parsePartNumber } from "./upload-part.ts";
import { refuseEarly, writeCondition } from "./write-condition.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

const knownAmz: ReadonlySet<string> = new Set([
  ...checksumMembers,
  "x-amz-checksum-type",
  "x-amz-mp-object-size",
]);

const partMembers = ["PartNumber", "ETag", ...checksumAlgorithms.map((algorithm) => `Checksum${algorithm}`)];

function parsePart(element: XmlElement): ChosenPart {
  if (element.name !== "Part") throw malformedXml();
  const members = membersOf(element, partMembers);
  const etag = members.get("ETag")?.trim();
  if (etag === undefined || !members.has("PartNumber")) throw malformedXml();
  const [checksum] = checksumAlgorithms.flatMap((algorithm) => {
    const value = members.get(`Checksum${algorithm}`);
    return value === undefined ? [] : { algorithm, value };
  });
  return {
    number: parsePartNumber(members.get("PartNumber")),
    etag: etag.replaceAll('"', ""),
    ...(checksum && { checksum }),
  };
}

function parseParts(body: Buffer): ChosenPart[] {
  const { children } = parseDocument(body, "CompleteMultipartUpload");
  if (children.length === 0 || children.length > maxPartNumber) throw malformedXml();
  const parts = children.map(parsePart);
  parts.reduce((before, part) => {
    if (part.number > before.number) return part;
    throw new S3Error(
      "InvalidPartOrder",
      "The list of parts was not in ascending order. Parts must be ordered by part number.",
    );
  });
  return parts;
}

/** Holds the object to what the client says it is. */
function checkExpected(amz: ReadonlyMap<string, string>, completed: CompletedObject): void {
  for (const algorithm of checksumAlgorithms) {
    const value = amz.get(`x-amz-checksum-${algorithm.toLowerCase()}`);
    const known = completed.composite ?? completed.checksum;
    if (value !== undefined && (algorithm !== known?.algorithm || value !== known.value))
      throw new S3Error("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
  }
  const sizeBytes = amz.get("x-amz-mp-object-size");
  if (sizeBytes !== undefined && sizeBytes !== String(completed.sizeBytes))
    throw new S3Error("InvalidRequest", "The x-amz-mp-object-size differs from the size of the parts.");
}

function checkType(amz: ReadonlyMap<string, string>, upload: OpenUpload): void {
  const type = amz.get("x-amz-checksum-type");
  if (type !== undefined && type !== checksumTypeOf(upload))
    throw new S3Error("InvalidRequest", "The upload was not begun with this x-amz-checksum-type.");
}

/** CompleteMultipartUpload. Answers once the object is durable; once more, there is no such upload. */
export async function completeMultipartUpload(
  exchange: Exchange,
  store: DiskStore,
  { bucket, maxObjectBytes }: { readonly bucket: string; readonly maxObjectBytes: number },
): Promise<void> {
  const { request, headers, amz, key, query } = exchange;
  refuseUnknownAmz(amz, knownAmz);
  const condition = writeCondition(headers);
  const parts = parseParts(await receiveDocument(exchange, documentAmz(amz)));
  const upload = await store.uploads.find(key, query.get("uploadId") ?? "");
  checkType(amz, upload);
  await refuseEarly(store, key, condition);
  // The client is quiet from here on because it waits for the disk: that is not its idleness.
  request.socket.setTimeout(0);
  const completed = await store.uploads.complete(upload, parts, {
    ...condition,
    maxObjectBytes,
    accept: (completed) => checkExpected(amz, completed),
  });
  const { etag, sizeBytes } = completed;
  exchange.announce({ name: "ObjectCreated:CompleteMultipartUpload", key, sizeBytes, etag });
  sendXml(
    exchange,
    xmlDocument(
      "CompleteMultipartUploadResult",
      [
        ["Location", `/${bucket}/${encodeURIComponent(key).replaceAll("%2F", "/")}`],
        ["Bucket", bucket],
        ["Key", key],
        ["ETag", `"${etag}"`],
        ...objectChecksumElements(completed),
      ],
      s3Namespace,
    ),
  );
}

/** Here the checksum is the object's, not that of the document. */
const documentAmz = (amz: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...amz].filter(([name]) => !checksumMembers.includes(name)));
