import type { DerivativeSpec } from "./inspection.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface DerivativeSize {
  /** What the derivative measures. */
  readonly output: Size;
  /** What the whole image must be scaled to, before anything is cut off. Never larger than the image. */
  readonly whole: Size;
  /** Where in `whole` the output begins. */
  readonly at: { readonly left: number; readonly top: number };
}

/**
 * No picture is decoded to more than this for a derivative (100 MB with transparency), however large its box or small its
 * crop: what would need more comes out smaller.
 */
export const maxWholePixels = 25_000_000;

/** Pure geometry: how large a derivative of an image becomes, in whole pixels, at least 1 × 1, and which part it shows. */
export function decideDerivativeSize(
  image: Size,
  spec: Pick<DerivativeSpec, "width" | "height" | "fit" | "crop" | "focus">,
): DerivativeSize {
  const largest = Math.min(1, Math.sqrt(maxWholePixels / (image.width * image.height)));
  if (spec.fit === "contain") {
    const output = scale(image, Math.min(spec.width / image.width, spec.height / image.height, largest));
    return { output, whole: output, at: { left: 0, top: 0 } };
  }
  const { crop = { x: 0, y: 0, width: 1, height: 1 } } = spec;
  const factor = Math.max(
    spec.width / (crop.width * image.width),
    spec.height / (crop.height * image.height),
  );
  // Too small a piece gives its largest part in the proportions asked for.
  const output = scale(spec, Math.min(largest / factor, 1));
  const scaled = scale(image, Math.min(factor, largest));
  const whole = {
    width: Math.max(scaled.width, Math.min(output.width, image.width)),
    height: Math.max(scaled.height, Math.min(output.height, image.height)),
  };
  const cut = { width: Math.min(output.width, whole.width), height: Math.min(output.height, whole.height) };
  const { focus = { x: crop.x + crop.width / 2, y: crop.y + crop.height / 2 } } = spec;
  return {
    output: cut,
    whole,
    at: {
      left: place(whole.width, cut.width, focus.x, crop.x, crop.width),
      top: place(whole.height, cut.height, focus.y, crop.y, crop.height),
    },
  };
}

/** Where a piece of a side begins that is to have `focus` in its middle, and to stay within the crop and the side. */
function place(side: number, piece: number, focus: number, cropStart: number, cropLength: number): number {
  const middle = Math.round(focus * side - piece / 2);
  const first = Math.round(cropStart * side);
  const last = Math.round((cropStart + cropLength) * side) - piece;
  return clamp(clamp(middle, first, Math.max(first, last)), 0, side - piece);
}

const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));

function scale({ width, height }: Size, factor: number): Size {
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}
