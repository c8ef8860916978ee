import type { KeyObject } from "node:crypto";
import type { ChecksumAlgorithm } from "./checksum.ts";
import { type FileOperations, unlessMissing } from "./file-operations.ts";
import type { KeptHeader, ObjectMetadata, ObjectTag } from "./object-file.ts";
import { openObject, readWhole } from "./read-object.ts";

/** S3's words. */
export type ChecksumType = "COMPOSITE" | "FULL_OBJECT";

/** What a multipart upload was begun with. */
export interface UploadAbout {
  readonly key: string;
  readonly contentType: string;
  /** For the object. */
  readonly headers?: readonly KeptHeader[];
  readonly tags?: readonly ObjectTag[];
  /** Every part has its checksum, and the object gets one. */
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  /** What that is of: the whole content, which only CRCs can be; default the parts' checksums. */
  readonly checksumType?: ChecksumType;
}

/** A multipart upload that is neither complete nor aborted. */
export interface OpenUpload extends UploadAbout {
  readonly uploadId: string;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
}

/** What the object's checksum is going to be of; `undefined` where it gets none. */
export const checksumTypeOf = ({ checksumAlgorithm, checksumType }: UploadAbout): ChecksumType | undefined =>
  checksumAlgorithm && (checksumType ?? "COMPOSITE");

/** The content type of a record's file. */
export const recordType = "application/json";

/** What the record's file belongs to; sealed in its header. */
export const recordName = (uploadId: string): string => `record of ${uploadId}`;

/** Records did not always say whose they are; but ids have always begun with the time that the record has, too. */
const isRecordOf =
  (uploadId: string) =>
  ({ belongsTo, contentType, createdAtMs }: ObjectMetadata): boolean =>
    belongsTo === undefined
      ? contentType === recordType && Number.parseInt(uploadId.slice(0, 12), 16) === createdAtMs
      : belongsTo === recordName(uploadId);

/** As a file's content. */
export const encodeUpload = (about: UploadAbout): Buffer => Buffer.from(JSON.stringify(about), "utf8");

/** Reads the sealed record of an upload; `undefined` where there is none. Throws ObjectCorruptError. */
export async function readUpload(
  operations: FileOperations,
  masterKey: KeyObject,
  path: string,
  uploadId: string,
): Promise<OpenUpload | undefined> {
  const record = await unlessMissing(openObject(operations, masterKey, path, isRecordOf(uploadId)));
  if (!record) return undefined;
  try {
    // Authenticated, hence written by encodeUpload.
    const about = JSON.parse((await readWhole(record)).toString("utf8")) as UploadAbout;
    return { ...about, uploadId, createdAtMs: record.metadata.createdAtMs };
  } finally {
    await record.close();
  }
}
