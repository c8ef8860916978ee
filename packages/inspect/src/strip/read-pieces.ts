import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { type Piece, sizeOfPieces, UnstrippableError } from "./pieces.ts";

const chunkBytes = 256 * 1024;

/**
 * The file that pieces make of an original on disk, chunk by chunk; each is good until the next is asked for. Small stretches
 * are taken out of what was read with the ones before them.
 *
 * @throws UnstrippableError where the original is shorter than they say
 */
export async function* readPieces(file: FileHandle, pieces: Iterable<Piece>): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  const ahead = Buffer.allocUnsafe(chunkBytes);
  let filled = 0;
  let aheadFrom = 0;
  let aheadBytes = 0;
  for (const piece of pieces) {
    const length = sizeOfPieces([piece]);
    for (let done = 0; done < length; ) {
      if (filled === chunkBytes) {
        yield chunk;
        filled = 0;
      }
      let taken = Math.min(length - done, chunkBytes - filled);
      if ("bytes" in piece) chunk.set(piece.bytes.subarray(done, done + taken), filled);
      else if ("fill" in piece) chunk.fill(piece.fill, filled, filled + taken);
      else {
        const from = piece.from + done;
        if (from < aheadFrom || from >= aheadFrom + aheadBytes) {
          const { bytesRead } = await file.read(ahead, 0, chunkBytes, from);
          if (bytesRead === 0) throw new UnstrippableError("It ends early.");
          [aheadFrom, aheadBytes] = [from, bytesRead];
        }
        taken = Math.min(taken, aheadFrom + aheadBytes - from);
        ahead.copy(chunk, filled, from - aheadFrom, from - aheadFrom + taken);
      }
      filled += taken;
      done += taken;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

/** Size and SHA-256 (lower-case hex) of the file that pieces make. */
export async function measurePieces(
  path: string,
  pieces: Iterable<Piece>,
): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  await using file = await open(path);
  const hash = createHash("sha256");
  for await (const chunk of readPieces(file, pieces)) hash.update(chunk);
  return { sizeBytes: sizeOfPieces(pieces), sha256: hash.digest("hex") };
}
