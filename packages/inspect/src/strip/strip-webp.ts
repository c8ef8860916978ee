import { orientationExif } from "./orientation-exif.ts";
import { createPieces, type Piece, type Stripped, sizeOfPieces, UnstrippableError } from "./pieces.ts";

const keptChunks: ReadonlySet<string> = new Set(["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP"]);
const keptInFrames: ReadonlySet<string> = new Set(["VP8 ", "VP8L", "ALPH"]);

/** Of the flags in VP8X's first byte: whether there is EXIF, and XMP. */
const exifFlag = 0x08;
const xmpFlag = 0x04;

/** A frame's position, size, duration and flags, before its chunks. */
const frameHeaderBytes = 16;

/**
 * A WebP with what is needed to show it and nothing else: no EXIF (but the orientation), XMP or unknown chunks, in its frames
 * neither, and nothing after its end. Container: RFC 9649 section 2.
 *
 * @param orientation - EXIF's, 1 to 8, as the decoder read it
 * @throws UnstrippableError
 */
export function stripWebp(file: Uint8Array, orientation?: number): Stripped {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, 12) !== "WEBP")
    throw new UnstrippableError("It has no header.");
  const end = Math.min(bytes.length, 8 + bytes.readUInt32LE(4));
  const exif = orientationExif(orientation);
  const { pieces, drops } = keepChunks(bytes, 12, end, keptChunks, exif);
  if (!drops && end === bytes.length) return { pieces: [{ from: 0, to: bytes.length }], isSame: true };
  const header = Buffer.from(bytes.subarray(0, 12));
  header.writeUInt32LE(4 + sizeOfPieces(pieces), 4);
  return { pieces: [{ bytes: header }, ...pieces], isSame: false };
}

function keepChunks(
  bytes: Buffer,
  from: number,
  to: number,
  kept: ReadonlySet<string>,
  exif: Buffer | undefined,
): { readonly pieces: readonly Piece[]; readonly drops: boolean } {
  const pieces = createPieces(to);
  let drops = false;
  for (let at = from; at < to; ) {
    if (at + 8 > to) throw new UnstrippableError(`A chunk at ${at} is cut.`);
    const type = bytes.toString("latin1", at, at + 4);
    const sizeBytes = bytes.readUInt32LE(at + 4);
    const contentEnd = at + 8 + sizeBytes;
    // Padded to an even number of bytes; some encoders forget that of the last one.
    const end = Math.min(to, contentEnd + (sizeBytes % 2));
    if (contentEnd > to) throw new UnstrippableError(`A chunk at ${at} is cut.`);
    if (type === "EXIF" && exif) {
      if (bytes.subarray(at + 8, contentEnd).equals(exif)) pieces.keep(at, end);
      else {
        drops = true;
        pieces.put(chunkOf("EXIF", exif));
      }
    } else if (!kept.has(type)) {
      drops = true;
    } else if (type === "VP8X") {
      const flags = bytes[at + 8] ?? 0;
      const left = (flags & ~(exifFlag | xmpFlag)) | (exif ? flags & exifFlag : 0);
      drops ||= left !== flags;
      if (left === flags) pieces.keep(at, end);
      else {
        pieces.keep(at, at + 8);
        pieces.put(Uint8Array.of(left));
        pieces.keep(at + 9, end);
      }
    } else if (type === "ANMF") {
      const inside = at + 8 + frameHeaderBytes;
      if (inside > contentEnd) throw new UnstrippableError(`A frame at ${at} is cut.`);
      const frame = keepChunks(bytes, inside, contentEnd, keptInFrames, undefined);
      drops ||= frame.drops;
      if (!frame.drops) pieces.keep(at, end);
      else {
        const head = Buffer.from(bytes.subarray(at, inside));
        head.writeUInt32LE(frameHeaderBytes + sizeOfPieces(frame.pieces), 4);
        pieces.put(head);
        for (const piece of frame.pieces) pieces.add(piece);
      }
    } else pieces.keep(at, end);
    at = end;
  }
  return { pieces: pieces.finish().pieces, drops };
}

function chunkOf(type: string, content: Buffer): Buffer {
  const chunk = Buffer.alloc(8 + content.length + (content.length % 2));
  chunk.write(type, 0, "latin1");
  chunk.writeUInt32LE(content.length, 4);
  content.copy(chunk, 8);
  return chunk;
}
