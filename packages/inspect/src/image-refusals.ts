import type { Rejected } from "./examination.ts";

// Why a picture is refused, in a sentence.

/** What an error of a decoder says about the picture. */
export function refusalOf(error: unknown, name: string, maxPixels: number): Rejected {
  const message = error instanceof Error ? error.message : "";
  // libheif's own limit, for images that state sizes beyond any use, has another name.
  if (message.includes("pixel limit") || message.includes("Security limit exceeded")) {
    const detail = `The image has more than ${millions(maxPixels)} million pixels.`;
    return { verdict: "rejected", code: "too-many-pixels", detail };
  }
  // Sound perhaps, but beyond the decoder: more channels than colours and alpha, a compression it lacks.
  if (/channel limit|not supported|unsupported (?!image format|marker)/i.test(message)) {
    return unsupportedImage(name);
  }
  return damagedImage(name);
}

export function unsupportedImage(name: string): Rejected {
  const detail = `The image uses a variant of ${name} that can't be processed here.`;
  return { verdict: "rejected", code: "processing-failed", detail };
}

export function damagedImage(name: string): Rejected {
  const detail = `The ${name} image is damaged or incomplete: it can't be decoded to its end.`;
  return { verdict: "rejected", code: "corrupt", detail };
}

export function tooManyPixels(width: number, height: number, frames: number, maxPixels: number): Rejected {
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
