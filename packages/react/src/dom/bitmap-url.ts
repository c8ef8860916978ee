/** Of the file's header (14 bytes, 2 of them "BM") and a BITMAPV4HEADER (108), in words after "BM". */
const headerWords = 30;

/**
 * Pixels as a `data:` URL. A BMP needs no compressor and no checksums, which would be most of this package; every
 * browser shows it. A canvas would do as well, but browsers that guard against fingerprints add noise to what it gives.
 *
 * @param rgba - 4 bytes a pixel, from the top left row by row, in a buffer of their own
 */
export function bitmapUrl(width: number, height: number, rgba: Uint8Array): string {
  const pixels = new Int32Array(rgba.buffer);
  // Little-endian, as the format is and as every machine that has a browser.
  const words = new Int32Array(headerWords + pixels.length);
  words.set([
    words.byteLength + 2,
    0,
    headerWords * 4 + 2,
    108,
    width,
    // Negative: from the top down.
    -height,
    // 32 bits a pixel in one plane, whose masks (BI_BITFIELDS) follow: red, green, blue, alpha.
    0x20_0001,
    3,
    0,
    0,
    0,
    0,
    0,
    0xff,
    0xff00,
    0xff_0000,
    0xff00_0000,
    // "sRGB"
    0x7352_4742,
  ]);
  words.set(pixels, headerWords);
  return `data:image/bmp;base64,${btoa(`BM${String.fromCharCode(...new Uint8Array(words.buffer))}`)}`;
}
