import sharp, { type Metadata } from "sharp";
import { commonName } from "./content-type.ts";
import { decodePicture, type Picture } from "./decode-picture.ts";
import type { DecodeJob, Examination } from "./examination.ts";
import { damagedImage, refusalOf, tooManyPixels } from "./image-refusals.ts";
import type { ImageFacts } from "./inspection.ts";
import { type DerivativePlan, makeDerivatives, planDerivatives } from "./make-derivatives.ts";
import { readTakenAt } from "./read-taken-at.ts";
import { decodableFormats } from "./restrict-loaders.ts";

/**
 * Reads an image's header, refuses what has too many pixels, then decodes its pixels, once, and makes its
 * derivatives and thumbhash from those.
 *
 * @param decode - replaced by tests that count decodes
 */
export async function examineImage(
  job: DecodeJob,
  contentType: string,
  decode: typeof decodePicture = decodePicture,
): Promise<Examination> {
  const name = commonName(contentType);
  let header: Metadata;
  let plan: DerivativePlan;
  let picture: Picture;
  try {
    header = await sharp(job.path, { failOn: "error", limitInputPixels: false }).metadata();
    if (header.format !== decodableFormats.get(contentType)) return damagedImage(name);
    const { width, height } = header.autoOrient;
    const frames = header.pages ?? 1;
    if (width * height * frames > job.maxPixels) return tooManyPixels(width, height, frames, job.maxPixels);
    plan = planDerivatives({ width, height }, job.derivatives, "image");
    picture = await decode(job.path, header, plan.decodeSize, job.maxPixels);
  } catch (error) {
    return refusalOf(error, name, job.maxPixels);
  }
  const webp = { quality: job.webpQuality, effort: job.webpEffort };
  const { pictures, thumbhash } = await makeDerivatives(picture, plan, webp);
  return { verdict: "accepted", contentType, image: { ...imageFactsOf(header), thumbhash }, pictures };
}

/** @param header - whose `autoOrient` is the size as shown */
export function imageFactsOf(header: Metadata): ImageFacts {
  const { width, height } = header.autoOrient;
  const takenAt = readTakenAt(header.exif);
  return {
    width,
    height,
    ...(header.orientation ? { orientation: header.orientation } : {}),
    ...(takenAt ? { takenAt } : {}),
    ...(header.pages && header.pages > 1 ? { frames: header.pages } : {}),
  };
}
