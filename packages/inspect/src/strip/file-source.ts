import type { FileHandle } from "node:fs/promises";
import type { ByteSource } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";

/** Tables and boxes that are read at once are smaller by far; what says otherwise is not built as it should be. */
const maxReadBytes = 128 * 1024 * 1024;

/** Read with what is asked for: who goes through a film asks for a few bytes of each of its hundred thousand samples. */
const aheadBytes = 256 * 1024;

/** Bytes of a file on disk. What is read is nobody's to write into. */
export async function fileSource(file: FileHandle): Promise<ByteSource> {
  const { size: sizeBytes } = await file.stat();
  let ahead: Buffer = Buffer.alloc(0);
  let aheadFrom = 0;
  const readAll = async (from: number, to: number): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafeSlow(to - from);
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, from + filled);
      if (bytesRead === 0) throw new UnstrippableError("It ends early.");
      filled += bytesRead;
    }
    return buffer;
  };
  return {
    sizeBytes,
    async read(from, to) {
      if (from < 0 || to < from || to > sizeBytes || to - from > maxReadBytes)
        throw new UnstrippableError("It ends early.");
      if (from >= aheadFrom && to <= aheadFrom + ahead.length)
        return ahead.subarray(from - aheadFrom, to - aheadFrom);
      if (to - from > aheadBytes / 2) return readAll(from, to);
      const read = await readAll(from, Math.min(sizeBytes, from + aheadBytes));
      [ahead, aheadFrom] = [read, from];
      return read.subarray(0, to - from);
    },
  };
}
