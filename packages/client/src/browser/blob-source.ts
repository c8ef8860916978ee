import type { FilePart, FileSource } from "../ports.ts";
import { detectContentType } from "./detect-content-type.ts";

/** A file of this page, that a person picked, dropped or pasted or the page made; or one that was kept on this device. */
export interface BlobSource extends FileSource {
  /** Asynchronous where it is kept in a database: it is read only now. */
  body(): Blob | Promise<Blob>;
  part(offsetBytes: number, sizeBytes: number): BlobPart | Promise<BlobPart>;
}

export interface BlobPart extends FilePart {
  /** Whose part it is, for a sentence about it. */
  readonly name: string;
  body(): Blob;
}

const unnamed = "file";

/**
 * A source over a File or Blob. Nothing is read before it is sent, and then part by part. What the browser says of its
 * type is believed only where the first bytes don't say otherwise: it goes by the name's extension alone.
 *
 * @param name - default: the File's own name
 */
export const blobSource = (blob: Blob, name = nameOf(blob)): BlobSource => ({
  name,
  sizeBytes: blob.size,
  contentType: blob.type || "application/octet-stream",
  detectContentType: () => detectContentType(blob, name),
  body: () => blob,
  part: (offsetBytes, sizeBytes) => partOf(name, blob.slice(offsetBytes, offsetBytes + sizeBytes)),
});

export const partOf = (name: string, blob: Blob): BlobPart => ({
  name,
  sizeBytes: blob.size,
  body: () => blob,
});

const nameOf = (blob: Blob): string =>
  ("name" in blob && typeof blob.name === "string" && blob.name) || unnamed;
