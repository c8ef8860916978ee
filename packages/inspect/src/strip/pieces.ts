/** A stretch of the original, from the first byte to the one before `to`; or bytes that are in its place. */
export type Piece = { readonly from: number; readonly to: number } | { readonly bytes: Uint8Array };

/**
 * A file without its metadata, as an edit of the original: what is kept is kept byte for byte, so that no pixel is encoded again.
 */
export interface Stripped {
  readonly pieces: readonly Piece[];
  /** Nothing had to go: the original itself may be given out. */
  readonly isSame: boolean;
}

/** The file is not built as its format says: what it holds beside pixels can't be told. */
export class UnstrippableError extends Error {
  override readonly name = "UnstrippableError";
}

/** Collects pieces in order; stretches that follow one another become one. */
export function createPieces(sizeBytes: number) {
  const pieces: Piece[] = [];
  return {
    keep(from: number, to: number): void {
      if (to <= from) return;
      const last = pieces.at(-1);
      if (last && "to" in last && last.to === from) pieces[pieces.length - 1] = { from: last.from, to };
      else pieces.push({ from, to });
    },
    put(bytes: Uint8Array): void {
      pieces.push({ bytes });
    },
    finish(): Stripped {
      const [first] = pieces;
      const isSame =
        pieces.length === 1 &&
        first !== undefined &&
        "to" in first &&
        first.from === 0 &&
        first.to === sizeBytes;
      return { pieces, isSame };
    },
  };
}

/** The file that pieces make of an original that is in memory. */
export const joinPieces = (original: Uint8Array, pieces: readonly Piece[]): Buffer =>
  Buffer.concat(
    pieces.map((piece) => ("bytes" in piece ? piece.bytes : original.subarray(piece.from, piece.to))),
  );

/** How many bytes pieces make. */
export const sizeOfPieces = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + ("bytes" in piece ? piece.bytes.byteLength : piece.to - piece.from), 0);
