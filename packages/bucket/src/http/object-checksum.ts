import { contentChecksum } from "../storage/checksum.ts";
import type { ObjectMetadata } from "../storage/object-file.ts";
import { checksumHeader } from "./declared-checksum.ts";

/** The checksums that an object is known by: of its content, or of its parts' digests. */
export function objectChecksumHeaders(metadata: ObjectMetadata): Record<string, string> {
  const { composite, checksum } = metadata;
  if (composite) return { ...checksumHeader(composite), "x-amz-checksum-type": "COMPOSITE" };
  const sha256 = contentChecksum(metadata, "SHA256");
  if (sha256 === undefined) return {};
  return {
    ...checksumHeader({ algorithm: "SHA256", value: sha256 }),
    ...(checksum && checksumHeader(checksum)),
    "x-amz-checksum-type": "FULL_OBJECT",
  };
}
