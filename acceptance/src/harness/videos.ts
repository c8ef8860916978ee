import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

function box(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(head.length + body.length);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, body]);
}

/** What every MP4 begins with: brand, minor version, compatible brands (ISO/IEC 14496-12 section 4.3). */
const fileType = box("ftyp", Buffer.from("isom\0\0\x02\0isomiso2mp41", "latin1"));

/** An MP4 of exactly that size as far as its type is told by: brands, and media data that is different each time. */
export function makeVideo(sizeBytes: number): Buffer {
  const mediaHead = 8;
  return Buffer.concat([fileType, box("mdat", randomBytes(sizeBytes - fileType.length - mediaHead))]);
}

/** The box of a movie without tracks (ISO/IEC 14496-12 section 8.2): a header of version 0, at 1,000 units a second. */
function movie(): Buffer {
  const header = Buffer.alloc(100);
  header.writeUInt32BE(1000, 12);
  header.writeUInt32BE(0x00010000, 20);
  header.writeUInt16BE(0x0100, 24);
  for (const [index, unity] of [0x00010000, 0x00010000, 0x40000000].entries())
    header.writeUInt32BE(unity, 36 + 16 * index);
  header.writeUInt32BE(1, 96);
  return box("moov", box("mvhd", header));
}

const pieceBytes = 1024 * 1024;

function* pseudoRandomPieces(sizeBytes: number): Generator<Buffer> {
  const cipher = createCipheriv("aes-128-ctr", randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(pieceBytes);
  for (let left = sizeBytes; left > 0; left -= pieceBytes)
    yield cipher.update(zeros.subarray(0, Math.min(left, pieceBytes)));
}

/** Writes an MP4 of exactly that size, below 4 GB, piece by piece. Returns its SHA-256. */
export async function writeVideo(path: string, sizeBytes: number): Promise<string> {
  const before = Buffer.concat([fileType, movie()]);
  const mediaHead = Buffer.alloc(8);
  mediaHead.writeUInt32BE(sizeBytes - before.length);
  mediaHead.write("mdat", 4, "latin1");
  const hash = createHash("sha256");
  function* pieces() {
    for (const piece of [before, mediaHead]) yield piece;
    yield* pseudoRandomPieces(sizeBytes - before.length - mediaHead.length);
  }
  const hashed = Readable.from(pieces()).map((piece: Buffer) => {
    hash.update(piece);
    return piece;
  });
  await pipeline(hashed, createWriteStream(path));
  return hash.digest("hex");
}
