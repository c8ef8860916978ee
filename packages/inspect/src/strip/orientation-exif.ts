/** EXIF's tag of how a picture is to be turned (EXIF 3.0 section 4.6.5, tag 0x0112), the only one that is kept. */
const orientationTag = 0x0112;

/** Turned as it is stored: nothing need be said. */
const upright = 1;

const short = 3;

/** Of a directory: its tag, type, count and value. */
const entryBytes = 12;

/**
 * The orientation that EXIF says, 1 to 8, as Chromium reads it: the first in the first directory that is one number of two bytes and one
 * of the eight. Other readers take numbers of other types; a picture that was shown lying is none that stands for others.
 *
 * @param tiff - EXIF, from its byte order (TIFF 6.0 section 2)
 */
export function readOrientation(tiff: Buffer): number | undefined {
  const order = tiff.toString("latin1", 0, 4);
  const isLittle = order === "II*\0";
  if ((!isLittle && order !== "MM\0*") || tiff.length < 8) return undefined;
  const uint16 = (at: number): number => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const uint32 = (at: number): number => (isLittle ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const from = uint32(4);
  if (from + 2 > tiff.length) return undefined;
  const to = Math.min(from + 2 + uint16(from) * entryBytes, tiff.length);
  for (let at = from + 2; at + entryBytes <= to; at += entryBytes) {
    const value = uint16(at + 8);
    const isOne = uint16(at) === orientationTag && uint16(at + 2) === short && uint32(at + 4) === 1;
    if (isOne && value >= upright && value <= 8) return value;
  }
  return undefined;
}

/**
 * What is left of EXIF: big-endian, an orientation, 2 to 8, and nothing else.
 *
 * @returns `undefined` where a picture is shown as it is stored
 */
export function keptExif(exif: Buffer): Buffer | undefined {
  const orientation = readOrientation(exif);
  if (orientation === undefined || orientation === upright) return undefined;
  const tiff = Buffer.alloc(26);
  tiff.write("MM\0*", 0, "latin1");
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(orientationTag, 10);
  tiff.writeUInt16BE(short, 12);
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(orientation, 18);
  return tiff;
}
