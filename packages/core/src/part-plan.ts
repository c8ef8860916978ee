import { maxPartsPerUpload } from "@stowage/protocol";

const MiB = 1024 * 1024;

/** Size of the parts of all but enormous files: 8 MiB. */
export const commonPartBytes = 8 * MiB;

/** S3's smallest part but the last: only what is larger than one is worth sending in parts. */
export const smallestPartBytes = 5 * MiB;

/** How a file is cut into parts, numbered from 1: each of `partSizeBytes` but the last, which is the rest. */
export interface PartPlan {
  readonly sizeBytes: number;
  readonly partSizeBytes: number;
}

/** Whole MiB, at least 8, and so many that 10,000 parts (S3's most) are enough. */
export const choosePartSize = (sizeBytes: number): number =>
  Math.max(commonPartBytes, Math.ceil(sizeBytes / maxPartsPerUpload / MiB) * MiB);

export const countParts = ({ sizeBytes, partSizeBytes }: PartPlan): number =>
  Math.ceil(sizeBytes / partSizeBytes);

/** Bytes of part `partNumber`, 1 to {@link countParts}. */
export const sizeOfPart = ({ sizeBytes, partSizeBytes }: PartPlan, partNumber: number): number =>
  Math.min(partSizeBytes, sizeBytes - (partNumber - 1) * partSizeBytes);
