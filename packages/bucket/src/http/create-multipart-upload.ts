import type { ChecksumAlgorithm } from "../storage/checksum.ts";
import { isCombinable } from "../storage/combine-crc.ts";
import type { DiskStore } from "../storage/disk-store.ts";
import type { ChecksumType } from "../storage/open-upload.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { parseAlgorithm } from "./declared-checksum.ts";
import { declaredContentType } from "./declared-content.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { keptHeaders } from "./kept-headers.ts";
import { refuseBody } from "./receive-document.ts";
import { S3Error } from "./s3-error.ts";
import { encryptionHeader, refuseOtherStorage, storageMembers } from "./storage-members.ts";
import { tagsInHeader } from "./tag-set.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

const knownAmz: ReadonlySet<string> = new Set([
  ...storageMembers,
  "x-amz-checksum-algorithm",
  "x-amz-checksum-type",
  "x-amz-tagging",
]);

/** S3 gives CRC64NVME of the whole object only, digests of the parts' digests only. */
function wantedChecksum(
  amz: ReadonlyMap<string, string>,
): { readonly checksumAlgorithm: ChecksumAlgorithm; readonly checksumType: ChecksumType } | undefined {
  const named = amz.get("x-amz-checksum-algorithm");
  const wantedType = amz.get("x-amz-checksum-type")?.toUpperCase();
  if (named === undefined) {
    if (wantedType === undefined) return undefined;
    throw new S3Error("InvalidRequest", "x-amz-checksum-type needs an x-amz-checksum-algorithm.");
  }
  const checksumAlgorithm = parseAlgorithm(named);
  const types: readonly ChecksumType[] =
    checksumAlgorithm === "CRC64NVME"
      ? ["FULL_OBJECT"]
      : isCombinable(checksumAlgorithm)
        ? ["COMPOSITE", "FULL_OBJECT"]
        : ["COMPOSITE"];
  const checksumType = types.find((type) => type === (wantedType ?? types[0]));
  if (checksumType) return { checksumAlgorithm, checksumType };
  throw new S3Error(
    "InvalidRequest",
    `The ${wantedType} checksum type cannot be used with the ${checksumAlgorithm.toLowerCase()} checksum algorithm.`,
  );
}

/** CreateMultipartUpload. */
export async function createMultipartUpload(
  exchange: Exchange,
  store: DiskStore,
  bucket: string,
): Promise<void> {
  const { headers, amz, key, response } = exchange;
  refuseUnknownAmz(amz, knownAmz);
  refuseOtherStorage(amz);
  refuseBody(exchange);
  const checksum = wantedChecksum(amz);
  const contentType = declaredContentType(headers);
  const kept = keptHeaders(headers, amz, exchange.verified);
  const tags = tagsInHeader(amz);
  const about = {
    key,
    contentType,
    ...(kept && { headers: kept }),
    ...(tags && { tags }),
    ...checksum,
  };
  const uploadId = await store.uploads.create(about);
  for (const [name, value] of Object.entries(encryptionHeader)) response.setHeader(name, value);
  if (checksum) {
    response.setHeader("x-amz-checksum-algorithm", checksum.checksumAlgorithm);
    response.setHeader("x-amz-checksum-type", checksum.checksumType);
  }
  sendXml(
    exchange,
    xmlDocument(
      "InitiateMultipartUploadResult",
      [
        ["Bucket", bucket],
        ["Key", key],
        ["UploadId", uploadId],
      ],
      s3Namespace,
    ),
  );
}
