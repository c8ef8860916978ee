/**
 * A stretch of the original, from the first byte to the one before `to`; bytes that are in its place; or one byte so many times,
 * which costs nothing to hold and to send.
 */
export type Piece =
  | { readonly from: number; readonly to: number }
  | { readonly bytes: Uint8Array }
  | { readonly fill: number; readonly count: number };

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

/**
 * Far more than a still picture comes to: in films some cameras write a message beside every single picture, which makes three pieces of
 * it, and this is an hour and a half of them at 30 a second.
 */
export const maxPieces = 500_000;

/** Of all pieces that are bytes, together: what strippers write of their own is a few bytes each. */
export const maxLiteralBytes = 4 * 1024 * 1024;

/** Collects pieces in order; stretches that follow one another become one. */
export function createPieces(sizeBytes: number) {
  const pieces: Piece[] = [];
  let literalBytes = 0;
  const push = (piece: Piece): void => {
    if (pieces.length >= maxPieces) throw new UnstrippableError("It is in too many pieces.");
    pieces.push(piece);
  };
  const builder = {
    keep(from: number, to: number): void {
      if (to <= from) return;
      const last = pieces.at(-1);
      if (last && "to" in last && last.to === from) pieces[pieces.length - 1] = { from: last.from, to };
      else push({ from, to });
    },
    put(bytes: Uint8Array): void {
      literalBytes += bytes.byteLength;
      if (literalBytes > maxLiteralBytes) throw new UnstrippableError("Too much of it is written anew.");
      if (bytes.byteLength > 0) push({ bytes });
    },
    /** One byte, so many times. */
    fill(fill: number, count: number): void {
      if (count <= 0) return;
      const last = pieces.at(-1);
      if (last && "fill" in last && last.fill === fill)
        pieces[pieces.length - 1] = { fill, count: last.count + count };
      else push({ fill, count });
    },
    add(piece: Piece): void {
      if ("bytes" in piece) builder.put(piece.bytes);
      else if ("fill" in piece) builder.fill(piece.fill, piece.count);
      else builder.keep(piece.from, piece.to);
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
  return builder;
}

/** The file that pieces make of an original that is in memory. */
export const joinPieces = (original: Uint8Array, pieces: Iterable<Piece>): Buffer =>
  Buffer.concat(
    Array.from(pieces, (piece) => {
      if ("bytes" in piece) return piece.bytes;
      return "fill" in piece
        ? Buffer.alloc(piece.count, piece.fill)
        : original.subarray(piece.from, piece.to);
    }),
  );

const sizeOfPiece = (piece: Piece): number => {
  if ("bytes" in piece) return piece.bytes.byteLength;
  return "fill" in piece ? piece.count : piece.to - piece.from;
};

/** How many bytes pieces make. */
export function sizeOfPieces(pieces: Iterable<Piece>): number {
  let sum = 0;
  for (const piece of pieces) sum += sizeOfPiece(piece);
  return sum;
}
