import type { KeyObject } from "node:crypto";
import type { ChecksumAlgorithm } from "./checksum.ts";
import { type FileOperations, unlessMissing } from "./file-operations.ts";
import type { KeptHeader } from "./object-file.ts";
import { openObject, readWhole } from "./read-object.ts";

/** What a multipart upload was begun with. */
export interface UploadAbout {
  readonly key: string;
  readonly contentType: string;
  /** For the object. */
  readonly headers?: readonly KeptHeader[];
  /** Every part must come with its digest, and the object gets the digest of those. */
  readonly checksumAlgorithm?: ChecksumAlgorithm;
}

/** A multipart upload that is neither complete nor aborted. */
export interface OpenUpload extends UploadAbout {
  readonly uploadId: string;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
}

/** As a file's content. */
export const encodeUpload = (about: UploadAbout): Buffer => Buffer.from(JSON.stringify(about), "utf8");

/** Reads the sealed record of an upload; `undefined` where there is none. Throws ObjectCorruptError. */
export async function readUpload(
  operations: FileOperations,
  masterKey: KeyObject,
  path: string,
  uploadId: string,
): Promise<OpenUpload | undefined> {
  const record = await unlessMissing(openObject(operations, masterKey, path));
  if (!record) return undefined;
  try {
    // Authenticated, hence written by encodeUpload.
    const about = JSON.parse((await readWhole(record)).toString("utf8")) as UploadAbout;
    return { ...about, uploadId, createdAtMs: record.metadata.createdAtMs };
  } finally {
    await record.close();
  }
}
