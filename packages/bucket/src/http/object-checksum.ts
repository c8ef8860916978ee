import { contentChecksum } from "../storage/checksum.ts";
import type { ContentChecksum, ObjectMetadata } from "../storage/object-file.ts";
import { checksumHeader } from "./declared-checksum.ts";
import type { XmlContent } from "./xml.ts";

type Checksummed = Pick<ObjectMetadata, "sha256" | "checksum" | "composite">;

/** The checksums that an object is known by, and S3's word for what they are of: its content, or its parts' digests. */
function knownChecksums(object: Checksummed): { checksums: readonly ContentChecksum[]; type?: string } {
  const { composite, checksum } = object;
  if (composite) return { checksums: [composite], type: "COMPOSITE" };
  const sha256 = contentChecksum(object, "SHA256");
  const checksums: ContentChecksum[] = checksum ? [checksum] : [];
  if (sha256 !== undefined) checksums.unshift({ algorithm: "SHA256", value: sha256 });
  return { checksums, ...(checksums.length > 0 && { type: "FULL_OBJECT" }) };
}

export function objectChecksumHeaders(object: Checksummed): Record<string, string> {
  const { checksums, type } = knownChecksums(object);
  const headers: Record<string, string> = {};
  for (const checksum of checksums) Object.assign(headers, checksumHeader(checksum));
  return type === undefined ? headers : { ...headers, "x-amz-checksum-type": type };
}

export function objectChecksumElements(object: Checksummed): XmlContent {
  const { checksums, type } = knownChecksums(object);
  return [
    ...checksums.map(({ algorithm, value }) => [`Checksum${algorithm}`, value] as const),
    ["ChecksumType", type],
  ];
}
