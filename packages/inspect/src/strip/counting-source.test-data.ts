import { bytesSource } from "./iso-boxes.ts";

/** Bytes in memory, and how often they were read. */
export function countingSource(bytes: Uint8Array) {
  const { sizeBytes, read } = bytesSource(bytes);
  const source = {
    sizeBytes,
    reads: 0,
    read(from: number, to: number) {
      source.reads += 1;
      return read(from, to);
    },
  };
  return source;
}
