import sharp, { type Metadata, type Sharp } from "sharp";
import type { Size } from "./derivative-size.ts";

/** Decoded pixels: 8 bits a channel, sRGB, upright; alpha, where there is one, not premultiplied. */
export interface Picture extends Size {
  readonly data: Buffer;
  readonly channels: 3 | 4;
}

/** The file's pixels are damaged. `message` is the decoder's own, for developers. */
export class DamagedImageError extends Error {
  readonly code = "damaged-image";
}

/**
 * Decodes the pixels of an image file, scaled to `size` on the way, so that a photo is never held in memory
 * at its full size. Of an animation this is the first frame, of an AVIF collection its primary picture.
 *
 * `failOn: "error"` stops at what is cut short or fails a checksum, and lets pass the harmless oddities that
 * `"warning"` would refuse in sound TIFFs. To that are added libjpeg's warnings of broken entropy coding.
 * JPEG's shrink-on-load hides nothing: it skips arithmetic, not data.
 */
export async function decodePicture(
  path: string,
  header: Pick<Metadata, "space" | "hasProfile">,
  size: Size,
  maxPixels: number,
): Promise<Picture> {
  const image = sharp(path, { failOn: "error", limitInputPixels: maxPixels, autoOrient: true });
  const warnings: string[] = [];
  image.on("warning", (warning: string) => warnings.push(warning));
  image.resize(size.width, size.height, { fit: "fill" });
  const hasRgbProfile = header.hasProfile && (header.space === "srgb" || header.space === "rgb16");
  const picture = await readPixels(hasRgbProfile ? await withProfileForLater(image) : image);
  const damage = warnings.find(isDamage);
  if (damage !== undefined) throw new DamagedImageError(damage);
  return picture;
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

/** Bytes that nothing needs, before a marker, are what some phones write; every other complaint is damage. */
function isDamage(warning: string): boolean {
  return /Corrupt JPEG data: (?!\d+ extraneous bytes)/.test(warning);
}
