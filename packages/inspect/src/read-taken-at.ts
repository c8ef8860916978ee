import readExif from "exif-reader";

/** What exif-reader makes of the `0000:00:00 00:00:00` of a camera whose clock was never set. */
const unsetClock = Date.UTC(0, -1, 0);

/**
 * When a photo was taken: EXIF 3.0 DateTimeOriginal, by OffsetTimeOriginal where the camera wrote one, else
 * as if it were UTC.
 *
 * @returns RFC 3339 UTC; `undefined` where the EXIF says nothing or can't be read
 */
export function readTakenAt(exif: Buffer | undefined): string | undefined {
  if (!exif) return undefined;
  try {
    const photo = readExif(exif).Photo;
    const local = photo?.DateTimeOriginal?.getTime();
    if (local === undefined || Number.isNaN(local) || local === unsetClock) return undefined;
    return new Date(local - offsetMinutes(photo?.OffsetTimeOriginal) * 60_000).toISOString();
  } catch {
    // Damaged metadata is no reason to refuse a picture that decodes.
    return undefined;
  }
}

function offsetMinutes(offset: unknown): number {
  const match = typeof offset === "string" ? /^([+-])(\d\d):(\d\d)/.exec(offset) : null;
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
}
