/** EXIF's tag of how a picture is to be turned (EXIF 3.0 section 4.6.5, tag 0x0112), the only one that is kept. */
const orientationTag = 0x0112;

/** Turned as it is stored: nothing need be said. */
const upright = 1;

/**
 * A TIFF structure (TIFF 6.0 section 2, big-endian) that says an orientation, 2 to 8, and nothing else.
 *
 * @returns `undefined` where a picture is shown as it is stored
 */
export function orientationExif(orientation: number | undefined): Buffer | undefined {
  if (orientation === undefined || orientation <= upright || orientation > 8) return undefined;
  const tiff = Buffer.alloc(26);
  tiff.write("MM\0*", 0, "latin1");
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(orientationTag, 10);
  tiff.writeUInt16BE(3, 12); // SHORT
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(orientation, 18);
  return tiff;
}
