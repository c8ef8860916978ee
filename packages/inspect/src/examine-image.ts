import sharp, { type Metadata } from "sharp";
import { commonName } from "./content-type.ts";
import { decodePicture, type Picture } from "./decode-picture.ts";
import type { DecodeJob, Examination, Rejected } from "./examination.ts";
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
    if (header.format !== decodableFormats.get(contentType)) return damaged(name);
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
  return { verdict: "accepted", contentType, image: { ...factsOf(header), thumbhash }, pictures };
}

function factsOf(header: Metadata): ImageFacts {
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

function refusalOf(error: unknown, name: string, maxPixels: number): Rejected {
  const message = error instanceof Error ? error.message : "";
  if (message.includes("pixel limit")) {
    const detail = `The image has more than ${millions(maxPixels)} million pixels.`;
    return { verdict: "rejected", code: "too-many-pixels", detail };
  }
  // Sound perhaps, but beyond the decoder: more channels than colours and alpha, a compression it lacks.
  if (/channel limit|not supported|unsupported (?!image format|marker)/i.test(message)) {
    const detail = `The image uses a variant of ${name} that can't be processed here.`;
    return { verdict: "rejected", code: "processing-failed", detail };
  }
  return damaged(name);
}

function damaged(name: string): Rejected {
  const detail = `The ${name} image is damaged or incomplete: it can't be decoded to its end.`;
  return { verdict: "rejected", code: "corrupt", detail };
}

function tooManyPixels(width: number, height: number, frames: number, maxPixels: number): Rejected {
  const size = `${count(width)} × ${count(height)}${frames > 1 ? `, ${count(frames)} frames` : ""}`;
  const total = millions(width * height * frames);
  const detail = `The image has ${total} million pixels (${size}); up to ${millions(maxPixels)} million are accepted.`;
  return { verdict: "rejected", code: "too-many-pixels", detail };
}

function millions(pixels: number): string {
  return count(Math.round(pixels / 1e5) / 10);
}

function count(value: number): string {
  return value.toLocaleString("en");
}
