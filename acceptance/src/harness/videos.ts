import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(head.length + body.length);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, body]);
}

function uints(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

/** What every MP4 begins with: brand, minor version, compatible brands (ISO/IEC 14496-12 section 4.3). */
const fileType = box("ftyp", Buffer.from("isom\0\0\x02\0isomiso2mp41", "latin1"));

/** Of every film made here. */
export const videoFacts = { durationSeconds: 10, width: 640, height: 360 };

/** The box of a movie of one track, ten seconds that show nothing (ISO/IEC 14496-12 section 8). */
function movie(): Buffer {
  const [unity, ms] = [uints(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000), 10_000];
  const movieHeader = box(
    "mvhd",
    uints(0, 0, 0, 1000, ms, 0x10000, 0x1000000, 0, 0),
    unity,
    uints(0, 0, 0, 0, 0, 0, 2),
  );
  const trackHeader = box(
    "tkhd",
    uints(3, 0, 0, 1, 0, ms, 0, 0, 0, 0),
    unity,
    uints(640 * 65_536, 360 * 65_536),
  );
  const mediaHeader = box("mdhd", uints(0, 0, 0, 1000, ms, 0x55c40000));
  const handler = box("hdlr", uints(0, 0), Buffer.from("vide"), uints(0, 0, 0), Buffer.alloc(1));
  const size = uints(640 * 65_536 + 360, 0x480000, 0x480000, 0);
  const entry = box(
    "mp4v",
    uints(0, 1, 0, 0, 0, 0),
    size,
    Buffer.from([0, 1]),
    Buffer.alloc(32),
    Buffer.from([0, 24, 255, 255]),
  );
  const table = box(
    "stbl",
    box("stsd", uints(0, 1), entry),
    box("stts", uints(0, 1, 10, 1000)),
    box("stsc", uints(0, 1, 1, 10, 1)),
    box("stsz", uints(0, 100, 10)),
    box("stco", uints(0, 1, fileType.length)),
  );
  return box(
    "moov",
    movieHeader,
    box("trak", trackHeader, box("mdia", mediaHeader, handler, box("minf", table))),
  );
}

/** An MP4 of exactly that size: a movie, and media data that is different each time. */
export function makeVideo(sizeBytes: number): Buffer {
  const before = Buffer.concat([fileType, movie()]);
  const mediaHead = 8;
  return Buffer.concat([before, box("mdat", randomBytes(sizeBytes - before.length - mediaHead))]);
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
