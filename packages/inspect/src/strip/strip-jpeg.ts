import { orientationExif } from "./orientation-exif.ts";
import { createPieces, type Stripped, UnstrippableError } from "./pieces.ts";

const marker = {
  start: 0xd8,
  end: 0xd9,
  scan: 0xda,
  app0: 0xe0,
  app1: 0xe1,
  app2: 0xe2,
  app14: 0xee,
  app15: 0xef,
  comment: 0xfe,
} as const;

const iccHeader = Buffer.from("ICC_PROFILE\0", "latin1");
const jfifHeader = Buffer.from("JFIF\0", "latin1");
const adobeHeader = Buffer.from("Adobe", "latin1");
const exifHeader = Buffer.from("Exif\0\0", "latin1");

/** JFIF's segment without a thumbnail: length, name, version, units, densities, and a thumbnail of 0 × 0. */
const jfifBytes = 16;

/**
 * A JPEG with what is needed to show it and nothing else: of application segments JFIF (without its thumbnail), the colour
 * profile and Adobe's colour transform; of EXIF the orientation. Whatever follows the picture's end (films of "motion
 * photos", further pictures with EXIF of their own, anything hidden) is left out.
 *
 * JPEG: ITU-T T.81 annex B; application segments by JFIF 1.02, ICC.1 annex B.4, EXIF 3.0 section 4.7.
 *
 * @param orientation - EXIF's, 1 to 8, as the decoder read it
 * @throws UnstrippableError
 */
export function stripJpeg(file: Uint8Array, orientation?: number): Stripped {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes[0] !== 0xff || bytes[1] !== marker.start) throw new UnstrippableError("It has no start.");
  const pieces = createPieces(bytes.length);
  const exif = orientationExif(orientation);
  let hasExif = false;
  let at = 2;
  pieces.keep(0, at);
  while (at < bytes.length) {
    const start = at;
    if (bytes[at] !== 0xff) throw new UnstrippableError(`There is no marker at ${at}.`);
    while (bytes[at] === 0xff) at += 1;
    const code = bytes[at];
    at += 1;
    if (code === undefined || code === 0) throw new UnstrippableError(`There is no marker at ${start}.`);
    if (code === marker.end) {
      pieces.keep(start, at);
      return pieces.finish();
    }
    // Markers that stand alone: TEM and, where a scan was cut, restarts.
    if (code === 0x01 || (code >= 0xd0 && code <= 0xd7)) {
      pieces.keep(start, at);
      continue;
    }
    const lengthBytes = at + 2 <= bytes.length ? bytes.readUInt16BE(at) : 0;
    const end = at + lengthBytes;
    if (lengthBytes < 2 || end > bytes.length) throw new UnstrippableError(`A segment at ${start} is cut.`);
    const content = bytes.subarray(at + 2, end);
    if (isKept(code, content)) {
      const isThumbnailed = code === marker.app0 && lengthBytes > jfifBytes;
      if (isThumbnailed) pieces.put(jfifWithoutThumbnail(content));
      else pieces.keep(start, end);
      // EXIF wants to come first, after JFIF at most; readers take it anywhere before the frame.
    } else if (code === marker.app1 && exif && !hasExif && startsWith(content, exifHeader)) {
      hasExif = true;
      const tiffAt = end - content.length + exifHeader.length;
      if (bytes.subarray(tiffAt, end).equals(exif)) pieces.keep(start, end);
      else pieces.put(exifSegment(exif));
    }
    at = end;
    if (code !== marker.scan) continue;
    at = endOfScan(bytes, at);
    pieces.keep(end, at);
  }
  return pieces.finish();
}

function isKept(code: number, content: Buffer): boolean {
  if (code === marker.comment) return false;
  if (code < marker.app0 || code > marker.app15) return true;
  if (code === marker.app0) return startsWith(content, jfifHeader) && content.length >= jfifBytes - 2;
  if (code === marker.app2) return startsWith(content, iccHeader);
  return code === marker.app14 && startsWith(content, adobeHeader);
}

/** Entropy-coded data ends before a marker that is neither a stuffed zero nor a restart (T.81 section B.1.1.2). */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    const isData = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7);
    if (!isData) return at;
  }
  return bytes.length;
}

function jfifWithoutThumbnail(content: Buffer): Buffer {
  const segment = Buffer.alloc(jfifBytes + 2);
  segment.writeUInt16BE(0xff00 | marker.app0, 0);
  segment.writeUInt16BE(jfifBytes, 2);
  content.copy(segment, 4, 0, jfifBytes - 4);
  return segment;
}

function exifSegment(tiff: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0xff00 | marker.app1, 0);
  head.writeUInt16BE(2 + exifHeader.length + tiff.length, 2);
  return Buffer.concat([head, exifHeader, tiff]);
}

const startsWith = (content: Buffer, prefix: Buffer): boolean =>
  content.subarray(0, prefix.length).equals(prefix);
