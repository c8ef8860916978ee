import sharp, { type Metadata, type Sharp } from "sharp";
import type { Size } from "./derivative-size.ts";

/** Decoded pixels: 8 bits a channel, sRGB, upright; alpha, where there is one, not premultiplied. */
export interface Picture extends Size {
  readonly data: Buffer;
  readonly channels: 3 | 4;
}

/**
 * Decodes the pixels of an image file, scaled to `size` on the way, so that a photo is never held in memory
 * at its full size. Of an animation this is the first frame, of an AVIF collection its primary picture.
 * Throws whatever the decoder says where the pixels can't be read to their end.
 */
export async function decodePicture(
  path: string,
  header: Pick<Metadata, "format" | "space" | "hasProfile">,
  size: Size,
  maxPixels: number,
): Promise<Picture> {
  const decode = async (failOn: "error" | "warning"): Promise<Picture> => {
    const image = sharp(path, { failOn, limitInputPixels: maxPixels, autoOrient: true });
    image.resize(size.width, size.height, { fit: "fill" });
    const hasRgbProfile = header.hasProfile && (header.space === "srgb" || header.space === "rgb16");
    return readPixels(hasRgbProfile ? await withProfileForLater(image) : image);
  };
  // "error" stops at what is cut short or fails a checksum, and lets pass the harmless oddities that
  // "warning" would refuse in sound TIFFs. But JPEG has no checksums, and its decoder only warns of broken
  // data. (Its shrink-on-load hides none of that: it skips arithmetic, not data.)
  if (header.format !== "jpeg") return decode("error");
  try {
    return await decode("warning");
  } catch (error) {
    if (isJpegDamage(error)) throw error;
    // It stopped at an oddity in the header, before any pixel, or at something that "error" stops at too.
    return decode("error");
  }
}

/** Bytes that nothing needs, before a marker, are what some phones write; every other such complaint is damage. */
function isJpegDamage(error: unknown): boolean {
  return error instanceof Error && /Corrupt JPEG data: (?!\d+ extraneous bytes)/.test(error.message);
}

export async function readPixels(image: Sharp): Promise<Picture> {
  const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels === 4 ? 4 : 3 };
}

/**
 * Leaves the conversion from an RGB colour profile to sRGB until after the image was scaled down. sharp does
 * it before, which for a 12-megapixel photo costs more than to decode it, and leaves 16-bit images in
 * Display P3.
 */
async function withProfileForLater(image: Sharp): Promise<Sharp> {
  const tagged = await image.keepIccProfile().tiff({ compression: "none" }).toBuffer();
  return sharp(tagged, { limitInputPixels: false });
}
