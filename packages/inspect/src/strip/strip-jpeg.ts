import { keptProfile } from "./icc-profile.ts";
import { isCoding, marker, readSegments, type Segment } from "./jpeg-segments.ts";
import { keptExif } from "./orientation-exif.ts";
import { createPieces, type Stripped } from "./pieces.ts";

const iccHeader = Buffer.from("ICC_PROFILE\0", "latin1");
const jfifHeader = Buffer.from("JFIF\0", "latin1");
const adobeHeader = Buffer.from("Adobe", "latin1");
const exifHeader = Buffer.from("Exif\0\0", "latin1");

/** Its last byte fills up, and may be any. */
const exifName = exifHeader.subarray(0, 5);

/** Readers pass over a name without anything. */
const leastExifBytes = exifHeader.length + 1;

/** JFIF's without a thumbnail: name, version, units, densities, and a thumbnail of 0 × 0. */
const jfifBytes = 14;

/** Adobe's: name, version, two words of flags, and how colours were transformed. */
const adobeBytes = 12;

/**
 * A JPEG with what is needed to show it and nothing else: what says how its pixels are coded, and those; of application segments
 * JFIF (without its thumbnail), a whole colour profile and Adobe's colour transform; of EXIF the orientation. Whatever follows
 * the picture's end (films of "motion photos", further pictures with EXIF of their own, anything hidden) is left out, as is
 * what stands after the last code of a scan.
 *
 * JPEG: ITU-T T.81 annex B; application segments by JFIF 1.02, ICC.1 annex B.4, EXIF 3.0 section 4.7.
 *
 * @throws UnstrippableError
 */
export function stripJpeg(file: Uint8Array): Stripped {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const segments = readSegments(bytes);
  const contentOf = ({ contentFrom, contentTo }: Segment): Buffer => bytes.subarray(contentFrom, contentTo);
  const profile = profileSegments(segments, contentOf);
  const pieces = createPieces(bytes.length);
  let isNamed = false;
  let hasExif = false;
  let isTransformed = false;
  pieces.keep(0, 2);
  for (const segment of segments) {
    const { code, from, contentTo, data } = segment;
    const content = contentOf(segment);
    const keepAs = (kept: Buffer): void => {
      if (content.equals(kept)) pieces.keep(from, contentTo);
      else pieces.put(segmentOf(code, kept));
    };
    if (code === marker.end || isCoding(code)) {
      pieces.keep(from, contentTo);
      for (const [dataFrom, dataTo] of data) pieces.keep(dataFrom, dataTo);
    } else if (profile.has(segment)) for (const part of profile.get(segment) ?? []) keepAs(part);
    else if (code === marker.app0 && !isNamed && startsWith(content, jfifHeader, jfifBytes)) {
      isNamed = true;
      keepAs(Buffer.concat([content.subarray(0, jfifBytes - 2), Buffer.alloc(2)]));
    } else if (code === marker.app14 && !isTransformed && startsWith(content, adobeHeader, adobeBytes)) {
      isTransformed = true;
      keepAs(content.subarray(0, adobeBytes));
    } else if (code === marker.app1 && !hasExif && startsWith(content, exifName, leastExifBytes)) {
      // EXIF wants to come first, after JFIF at most; readers take the first one, wherever it is.
      hasExif = true;
      const exif = keptExif(content.subarray(exifHeader.length));
      if (exif) keepAs(Buffer.concat([exifHeader, exif]));
    }
  }
  return pieces.finish();
}

/** Most that a segment has of a profile. */
const maxPartBytes = 65_533 - 14;

/**
 * What stands in place of the segments of a colour profile, where they are all there, each once, in whatever order (ICC.1 annex B.4, and as
 * browsers read it): the same, or in place of the first of them all that is kept of it.
 */
function profileSegments(
  segments: readonly Segment[],
  contentOf: (segment: Segment) => Buffer,
): ReadonlyMap<Segment, readonly Buffer[]> {
  const found = segments.filter(
    (segment) =>
      segment.code === marker.app2 && startsWith(contentOf(segment), iccHeader, iccHeader.length + 2),
  );
  const [first] = found;
  const numberOf = (segment: Segment): number => contentOf(segment)[iccHeader.length] ?? 0;
  const inOrder = found.toSorted((one, other) => numberOf(one) - numberOf(other));
  const isWhole = inOrder.every(
    (segment, index) =>
      numberOf(segment) === index + 1 && contentOf(segment)[iccHeader.length + 1] === found.length,
  );
  const told = Buffer.concat(inOrder.map((segment) => contentOf(segment).subarray(iccHeader.length + 2)));
  const profile = first && isWhole ? keptProfile(told) : undefined;
  if (!first || !profile) return new Map();
  if (profile.equals(told) && found.every((segment, index) => segment === inOrder[index]))
    return new Map(found.map((segment) => [segment, [contentOf(segment)]]));
  const count = Math.ceil(profile.length / maxPartBytes);
  const parts = Array.from({ length: count }, (_, index) =>
    Buffer.concat([
      iccHeader,
      Buffer.of(index + 1, count),
      profile.subarray(index * maxPartBytes, (index + 1) * maxPartBytes),
    ]),
  );
  return new Map([[first, parts]]);
}

function segmentOf(code: number, content: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0xff00 | code, 0);
  head.writeUInt16BE(2 + content.length, 2);
  return Buffer.concat([head, content]);
}

const startsWith = (content: Buffer, prefix: Buffer, leastBytes = 0): boolean =>
  content.length >= leastBytes && content.subarray(0, prefix.length).equals(prefix);
