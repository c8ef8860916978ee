import sharp, { type Metadata } from "sharp";
import { type Picture, readPixels } from "./decode-picture.ts";
import type { Size } from "./derivative-size.ts";
import type { DecodeJob, Examination } from "./examination.ts";
import { imageFactsOf } from "./examine-image.ts";
import { damagedImage, refusalOf, tooManyPixels, unsupportedImage } from "./image-refusals.ts";
import { makeDerivatives, planDerivatives } from "./make-derivatives.ts";
import { HeifFailedError, openHeic } from "./open-heic.ts";
import { tagPicture } from "./tag-picture.ts";

const contentType = "image/heic";

/**
 * Examines a HEIC: metadata through libvips, which has no decoder for its pixels, and those, once, through libheif. The
 * primary picture is what is shown. Its turn is the file's (`irot`, `imir`), and never the EXIF's (ISO/IEC 23008-12, A.2).
 */
export async function examineHeic(job: DecodeJob): Promise<Examination> {
  try {
    const header = await sharp(job.path, { failOn: "error", limitInputPixels: false }).metadata();
    if (header.format !== "heif" || header.compression !== "hevc") return damagedImage("HEIC");
    const { pages: frames = 1 } = header;
    const stated = header.autoOrient;
    if (isTooLarge(stated, frames, job.maxPixels))
      return tooManyPixels(stated.width, stated.height, frames, job.maxPixels);
    const image = await openHeic(job.path, job.maxPixels);
    const { width, height } = image;
    if (isTooLarge(image, frames, job.maxPixels)) return tooManyPixels(width, height, frames, job.maxPixels);
    const plan = planDerivatives(image, job.derivatives, "image");
    const picture = await scaleToSrgb(image.decode(), plan.decodeSize, header);
    const webp = { quality: job.webpQuality, effort: job.webpEffort };
    const { pictures, thumbhash } = await makeDerivatives(picture, plan, webp);
    const facts = imageFactsOf({ ...header, autoOrient: { ...stated, width, height } });
    return { verdict: "accepted", contentType, image: { ...facts, thumbhash }, pictures };
  } catch (error) {
    if (error instanceof HeifFailedError && error.isUnsupported) return unsupportedImage("HEIC");
    if (error instanceof HeifFailedError || isOfTheFile(error))
      return refusalOf(error, "HEIC", job.maxPixels);
    throw error;
  }
}

/** What libvips says of a header that it can't read. */
function isOfTheFile(error: unknown): boolean {
  return error instanceof Error && /heif|unsupported image format/i.test(error.message);
}

function isTooLarge({ width, height }: Size, frames: number, maxPixels: number): boolean {
  return width * height * frames > maxPixels;
}

/** Scaled first: a colour profile costs as much a pixel as to decode it. */
async function scaleToSrgb(decoded: Picture, size: Size, { icc }: Pick<Metadata, "icc">): Promise<Picture> {
  const { data, width, height, channels } = decoded;
  const raw = sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
  const scaled = await readPixels(raw.resize(size.width, size.height, { fit: "fill" }));
  return icc ? readPixels(sharp(tagPicture(scaled, icc), { limitInputPixels: false })) : scaled;
}
