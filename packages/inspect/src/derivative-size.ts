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
}

/** Pure geometry: how large a derivative of an image becomes, in whole pixels, at least 1 × 1. */
export function decideDerivativeSize(
  image: Size,
  spec: Pick<DerivativeSpec, "width" | "height" | "fit">,
): DerivativeSize {
  const horizontal = spec.width / image.width;
  const vertical = spec.height / image.height;
  if (spec.fit === "contain") {
    const output = scale(image, Math.min(horizontal, vertical, 1));
    return { output, whole: output };
  }
  const factor = Math.max(horizontal, vertical);
  // Too small an image gives its largest piece in the proportions asked for.
  const output = scale(spec, Math.min(1 / factor, 1));
  const scaled = scale(image, Math.min(factor, 1));
  const whole = {
    width: Math.max(scaled.width, output.width),
    height: Math.max(scaled.height, output.height),
  };
  return { output, whole };
}

function scale({ width, height }: Size, factor: number): Size {
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}
