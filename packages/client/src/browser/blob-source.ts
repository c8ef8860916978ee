import type { FilePart, FileSource } from "../ports.ts";
import { detectContentType } from "./detect-content-type.ts";

/** A file of this page: what a person picked, dropped or pasted, or what the page made. */
export interface BlobSource extends FileSource {
  readonly blob: Blob;
  body(): Blob;
  part(offsetBytes: number, sizeBytes: number): BlobPart;
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
export function blobSource(blob: Blob, name = nameOf(blob)): BlobSource {
  return {
    name,
    sizeBytes: blob.size,
    contentType: blob.type || "application/octet-stream",
    blob,
    detectContentType: () => detectContentType(blob, name),
    body: () => blob,
    part(offsetBytes, sizeBytes) {
      const slice = blob.slice(offsetBytes, offsetBytes + sizeBytes);
      return { name, sizeBytes: slice.size, body: () => slice };
    },
  };
}

const nameOf = (blob: Blob): string =>
  ("name" in blob && typeof blob.name === "string" && blob.name) || unnamed;
