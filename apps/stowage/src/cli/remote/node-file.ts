import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import type { FileSource } from "@stowage/client";
import type { NodePart } from "./node-part.ts";

/** A file on this machine's disk. */
export interface NodeFile extends FileSource {
  /** As the person wrote it, or below what they wrote. */
  readonly path: string;
  readonly absolutePath: string;
  /** When it was changed last, in nanoseconds. */
  readonly mtimeNs: bigint;
  body(): Readable;
  part(offsetBytes: number, sizeBytes: number): Promise<NodePart>;
}

/** Read in pieces of this size, whatever the file's. */
const pieceBytes = 256 * 1024;

/** No larger than the file: each stream allocates a whole piece at once. */
export const pieceSize = (sizeBytes: number, mostBytes: number): number =>
  Math.max(1, Math.min(mostBytes, sizeBytes));

/** Opens the file anew at each call; what it has grown by since is left out. */
export const streamFile = (absolutePath: string, sizeBytes: number): Readable =>
  createReadStream(absolutePath, {
    highWaterMark: pieceSize(sizeBytes, pieceBytes),
    end: Math.max(0, sizeBytes - 1),
  });
