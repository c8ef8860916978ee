import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { type Piece, sizeOfPieces, UnstrippableError } from "./pieces.ts";

const chunkBytes = 256 * 1024;

/**
 * The file that pieces make of an original on disk, chunk by chunk; each is good until the next is asked for.
 *
 * @throws UnstrippableError where the original is shorter than they say
 */
export async function* readPieces(file: FileHandle, pieces: readonly Piece[]): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (const piece of pieces) {
    if ("bytes" in piece) {
      yield piece.bytes;
      continue;
    }
    for (let at = piece.from; at < piece.to; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(chunkBytes, piece.to - at), at);
      if (bytesRead === 0) throw new UnstrippableError("It ends early.");
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}

/** Size and SHA-256 (lower-case hex) of the file that pieces make. */
export async function measurePieces(
  path: string,
  pieces: readonly Piece[],
): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  await using file = await open(path);
  const hash = createHash("sha256");
  for await (const chunk of readPieces(file, pieces)) hash.update(chunk);
  return { sizeBytes: sizeOfPieces(pieces), sha256: hash.digest("hex") };
}
