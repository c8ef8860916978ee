import type { FileHandle } from "node:fs/promises";
import type { ByteSource } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";

/** Tables and boxes that are read at once are smaller by far; what says otherwise is not built as it should be. */
const maxReadBytes = 128 * 1024 * 1024;

/** Bytes of a file on disk. */
export async function fileSource(file: FileHandle): Promise<ByteSource> {
  const { size: sizeBytes } = await file.stat();
  return {
    sizeBytes,
    async read(from, to) {
      if (from < 0 || to < from || to > sizeBytes || to - from > maxReadBytes)
        throw new UnstrippableError("It ends early.");
      const buffer = Buffer.allocUnsafe(to - from);
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, from + filled);
        if (bytesRead === 0) throw new UnstrippableError("It ends early.");
        filled += bytesRead;
      }
      return buffer;
    },
  };
}
