import sharp, { type Sharp } from "sharp";
import { rgbaToThumbHash } from "thumbhash";
import { type Picture, readPixels } from "./decode-picture.ts";
import { type DerivativeSize, decideDerivativeSize, type Size } from "./derivative-size.ts";
import type { EncodedPicture } from "./examination.ts";
import type { DerivativeFormat, DerivativeSpec } from "./inspection.ts";

/** A thumbhash keeps seven waves a side at most: more pixels than this change nothing in it but its cost. */
const thumbhashBox = { width: 32, height: 32, fit: "contain" } as const;

/**
 * Pictures of at most so many pixels are kept exactly: lossy WebP halves the resolution of colours, which shows where
 * a detail is a pixel or two wide, as in icons. At this size that costs a few kilobytes.
 */
const maxLosslessPixels = 96 * 96;

/** About as much is lost as in WebP at 80. */
const jpegQuality = 82;
const avifQuality = 60;
/** 0 to 9. At the default of 4 a preview takes a second and more. */
const avifEffort = 1;

interface WebpOptions {
  readonly quality: number;
  readonly effort: number;
}

interface PlannedDerivative extends DerivativeSize {
  readonly name: string;
  readonly format: DerivativeFormat;
}

export interface DerivativePlan {
  /** The size to decode at: the largest that any derivative needs. */
  readonly decodeSize: Size;
  readonly derivatives: readonly PlannedDerivative[];
  readonly thumbhash: DerivativeSize;
}

/** @param of - what the picture shows: derivatives of anything else are left out */
export function planDerivatives(
  image: Size,
  specs: readonly DerivativeSpec[],
  of: NonNullable<DerivativeSpec["of"]>,
): DerivativePlan {
  const derivatives = specs
    .filter((spec) => (spec.of ?? of) === of)
    .map((spec) => ({
      name: spec.name,
      format: spec.format ?? ("webp" as const),
      ...decideDerivativeSize(image, spec),
    }));
  const thumbhash = decideDerivativeSize(image, thumbhashBox);
  const decodeSize = [...derivatives, thumbhash].map(({ whole }) => whole).reduce(larger);
  return { decodeSize, derivatives, thumbhash };
}

export interface Derivatives {
  readonly pictures: readonly EncodedPicture[];
  readonly thumbhash: string;
}

/** Makes everything from one decoded picture: each smaller one from the smallest before it that suffices. */
export async function makeDerivatives(
  decoded: Picture,
  plan: DerivativePlan,
  webp: WebpOptions,
): Promise<Derivatives> {
  const wholes = [decoded];
  const shrinkTo = async (size: Size): Promise<Picture> => {
    const source = wholes.findLast((whole) => covers(whole, size)) ?? decoded;
    if (source.width === size.width && source.height === size.height) return source;
    const picture = await readPixels(open(source).resize(size.width, size.height, { fit: "fill" }));
    wholes.push(picture);
    return picture;
  };

  const encoded = new Map<PlannedDerivative, EncodedPicture>();
  const largestFirst = plan.derivatives.toSorted((a, b) => area(b.whole) - area(a.whole));
  for (const derivative of largestFirst) {
    const { name, whole, output, at, format } = derivative;
    const picture = open(await shrinkTo(whole));
    const cut = covers(output, whole) ? picture : picture.extract({ ...at, ...output });
    const bytes = await encode(cut, output, format, webp).toBuffer();
    encoded.set(derivative, { name, ...output, format, bytes });
  }
  const { data, width, height } = await readPixels(open(await shrinkTo(plan.thumbhash.whole)).ensureAlpha());
  return {
    pictures: plan.derivatives.flatMap((derivative) => encoded.get(derivative) ?? []),
    thumbhash: Buffer.from(rgbaToThumbHash(width, height, data)).toString("base64"),
  };
}

function encode(picture: Sharp, size: Size, format: DerivativeFormat, webp: WebpOptions): Sharp {
  switch (format) {
    case "webp":
      return picture.webp(area(size) <= maxLosslessPixels ? { ...webp, lossless: true } : webp);
    case "jpeg":
      return picture.flatten({ background: "white" }).jpeg({ quality: jpegQuality });
    case "avif":
      return picture.avif({ quality: avifQuality, effort: avifEffort });
    case "png":
      return picture.png();
  }
}

function open({ data, width, height, channels }: Picture): Sharp {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

function covers(size: Size, other: Size): boolean {
  return size.width >= other.width && size.height >= other.height;
}

function larger(a: Size, b: Size): Size {
  return area(a) >= area(b) ? a : b;
}

function area({ width, height }: Size): number {
  return width * height;
}
