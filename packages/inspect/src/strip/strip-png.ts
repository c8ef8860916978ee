import { crc32 } from "node:zlib";
import { orientationExif } from "./orientation-exif.ts";
import { createPieces, type Stripped, UnstrippableError } from "./pieces.ts";

const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/** What pixels, colours and movement are made of (PNG 3rd edition, sections 5 and 11). */
const keptChunks: ReadonlySet<string> = new Set([
  ...["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "acTL", "fcTL", "fdAT"],
  ...["gAMA", "cHRM", "sRGB", "iCCP", "cICP", "mDCV", "cLLI", "sBIT", "bKGD", "hIST", "pHYs", "sPLT"],
]);

/**
 * A PNG with what is needed to show it and nothing else: no text, EXIF (but the orientation), time or private chunks, and
 * nothing after its end.
 *
 * @param orientation - EXIF's, 1 to 8, as the decoder read it
 * @throws UnstrippableError
 */
export function stripPng(file: Uint8Array, orientation?: number): Stripped {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (!bytes.subarray(0, signature.length).equals(signature))
    throw new UnstrippableError("It has no signature.");
  const pieces = createPieces(bytes.length);
  pieces.keep(0, signature.length);
  const exif = orientationExif(orientation);
  for (let at = signature.length; at < bytes.length; ) {
    if (at + 12 > bytes.length) throw new UnstrippableError(`A chunk at ${at} is cut.`);
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) throw new UnstrippableError(`A chunk at ${at} is cut.`);
    const type = bytes.toString("latin1", at + 4, at + 8);
    if (keptChunks.has(type)) pieces.keep(at, end);
    else if (type === "eXIf" && exif) {
      if (bytes.subarray(at + 8, end - 4).equals(exif)) pieces.keep(at, end);
      else pieces.put(chunkOf("eXIf", exif));
    }
    if (type === "IEND") return pieces.finish();
    at = end;
  }
  throw new UnstrippableError("It has no end.");
}

function chunkOf(type: string, content: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + content.length);
  chunk.writeUInt32BE(content.length, 0);
  chunk.write(type, 4, "latin1");
  content.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + content.length)), 8 + content.length);
  return chunk;
}
