/** A file header of 14 bytes, and a BITMAPV4HEADER of 108: the oldest that knows alpha. */
const headerBytes = 122;

/** BI_BITFIELDS: masks say where red, green, blue and alpha are. */
const compression = 3;

/**
 * Pixels as a `data:` URL. A BMP needs no compressor and no checksums, which would be most of this package; every
 * browser shows it. A canvas would do as well, but browsers that guard against fingerprints add noise to what it gives.
 *
 * @param rgba - 4 bytes a pixel, from the top left row by row
 */
export function bitmapUrl(width: number, height: number, rgba: Uint8Array): string {
  const bytes = new Uint8Array(headerBytes + rgba.length);
  const view = new DataView(bytes.buffer);
  const fields: readonly (readonly [offset: number, value: number])[] = [
    [0, 0x4d42],
    [2, bytes.length],
    [10, headerBytes],
    [14, headerBytes - 14],
    [18, width],
    // Negative: from the top down.
    [22, -height],
    [26, 0x20_0001],
    [30, compression],
    [54, 0xff],
    [58, 0xff00],
    [62, 0xff_0000],
    [66, 0xff00_0000],
    [70, 0x7352_4742],
  ];
  for (const [offset, value] of fields) view.setInt32(offset, value, true);
  bytes.set(rgba, headerBytes);
  return `data:image/bmp;base64,${btoa(String.fromCharCode(...bytes))}`;
}
