import { maxLiteralBytes, maxPieces, type Piece } from "./pieces.ts";

/** Pieces as they cross from one process to another: 16 bytes each, whatever they stand for. */
export interface PackedPieces {
  /** Of each piece its length, and where it comes from: a place in the original, the next literal, or a byte that is repeated. */
  readonly places: Float64Array;
  readonly literals: Uint8Array;
}

/** Places in the original are none of these. */
const literal = -1;
const fillOf = (byte: number): number => -2 - byte;

export function packPieces(pieces: readonly Piece[]): PackedPieces {
  const places = new Float64Array(pieces.length * 2);
  const literals: Uint8Array[] = [];
  for (const [index, piece] of pieces.entries()) {
    const at = index * 2;
    if ("bytes" in piece) {
      literals.push(piece.bytes);
      places[at] = piece.bytes.byteLength;
      places[at + 1] = literal;
    } else if ("fill" in piece) {
      places[at] = piece.count;
      places[at + 1] = fillOf(piece.fill);
    } else {
      places[at] = piece.to - piece.from;
      places[at + 1] = piece.from;
    }
  }
  return { places, literals: new Uint8Array(Buffer.concat(literals)) };
}

/** The pieces, one by one, each time that they are gone through. */
export const unpackPieces = ({ places, literals }: PackedPieces): Iterable<Piece> => ({
  *[Symbol.iterator]() {
    let literalAt = 0;
    for (let at = 0; at + 1 < places.length; at += 2) {
      const length = places[at] ?? 0;
      const source = places[at + 1] ?? 0;
      if (source >= 0) yield { from: source, to: source + length };
      else if (source !== literal) yield { fill: -2 - source, count: length };
      else {
        yield { bytes: literals.subarray(literalAt, literalAt + length) };
        literalAt += length;
      }
    }
  },
});

/**
 * Whether what another process sent are pieces: no more than a stripper makes, none empty, and stretches of the original in their
 * order and each byte once, so that putting them together reads the file once at most.
 */
export function isPackedPieces(value: unknown): value is PackedPieces {
  if (typeof value !== "object" || value === null || !("places" in value) || !("literals" in value))
    return false;
  const { places, literals } = value;
  if (!(places instanceof Float64Array && literals instanceof Uint8Array)) return false;
  if (places.length % 2 !== 0 || places.length > maxPieces * 2 || literals.byteLength > maxLiteralBytes)
    return false;
  let literalBytes = 0;
  let at = 0;
  for (let index = 0; index < places.length; index += 2) {
    const length = places[index] ?? 0;
    const source = places[index + 1] ?? 0;
    if (!Number.isSafeInteger(length) || length <= 0 || !Number.isSafeInteger(source)) return false;
    if (source < fillOf(0xff)) return false;
    if (source === literal) literalBytes += length;
    if (source < 0) continue;
    if (source < at || !Number.isSafeInteger(source + length)) return false;
    at = source + length;
  }
  return literalBytes === literals.byteLength;
}
