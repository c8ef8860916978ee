import type { ObjectMetadata } from "../storage/object-file.ts";

/** The SHA-256 that an object is known by, as S3 writes it: of its content, or of its parts' digests. */
export function sha256Checksum({
  sha256,
  composite,
}: ObjectMetadata): { readonly value: string; readonly type: "FULL_OBJECT" | "COMPOSITE" } | undefined {
  if (composite) return { value: composite.value, type: "COMPOSITE" };
  if (sha256 === undefined) return undefined;
  return { value: Buffer.from(sha256, "hex").toString("base64"), type: "FULL_OBJECT" };
}

export function sha256Headers(metadata: ObjectMetadata): Record<string, string> {
  const checksum = sha256Checksum(metadata);
  if (!checksum) return {};
  return { "x-amz-checksum-sha256": checksum.value, "x-amz-checksum-type": checksum.type };
}
