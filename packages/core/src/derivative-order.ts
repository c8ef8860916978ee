import type { DerivativeOrder, DerivativePart, DerivativePoint, DerivativeSpec } from "./ports/inspector.ts";
import type { Metadata } from "./upload.ts";

/** Up to six digits after the point: finer than a pixel of any picture. */
const fraction = /^(?:0|1|0?\.\d{1,6}|0\.|1\.0{1,6})$/;

/** The most by which decimal fractions that add up to 1 seem to exceed it. */
const rounding = 1e-9;

/** The member of an upload's metadata that names the point to keep in a picture that is cropped: `0.31,0.4`. */
export const focusMember = "focus";

/** The member that names the part of it to show: `0.1,0.1,0.5,0.5`, its left, top, width and height. */
export const cropMember = "crop";

function readFractions(text: string | undefined, count: number): readonly number[] | undefined {
  const parts = text?.split(",").map((part) => part.trim());
  return parts?.length === count && parts.every((part) => fraction.test(part))
    ? parts.map(Number)
    : undefined;
}

function readFocus(metadata: Metadata): DerivativePoint | undefined {
  const [x, y] = readFractions(ownMember(metadata, focusMember), 2) ?? [];
  return x === undefined || y === undefined ? undefined : { x, y };
}

function readCrop(metadata: Metadata): DerivativePart | undefined {
  const [x, y, width, height] = readFractions(ownMember(metadata, cropMember), 4) ?? [];
  if (x === undefined || y === undefined || width === undefined || height === undefined) return undefined;
  const isWithin = width > 0 && height > 0 && x + width <= 1 + rounding && y + height <= 1 + rounding;
  return isWithin ? { x, y, width, height } : undefined;
}

const ownMember = (metadata: Metadata, name: string): string | undefined =>
  Object.hasOwn(metadata, name) ? metadata[name] : undefined;

/**
 * What to make of a picture, given what its owner says of it: `cover` derivatives show the part named by
 * {@link cropMember}, around the point named by {@link focusMember}, both as fractions (0 to 1) of the upright picture's
 * sides. What is malformed counts as not said: an app may keep something else under these names.
 */
export function orderDerivatives(specs: readonly DerivativeSpec[], metadata: Metadata): DerivativeOrder[] {
  const crop = readCrop(metadata);
  const focus = readFocus(metadata);
  return specs.map((spec) =>
    spec.fit === "cover" ? { ...spec, ...(crop ? { crop } : {}), ...(focus ? { focus } : {}) } : spec,
  );
}

/** As what a derivative is made, in a word: `320x320-contain-webp`. Two that are made alike have the same. */
export function madeAsOf({ width, height, fit, format = "webp", crop, focus }: DerivativeOrder): string {
  return [
    `${width}x${height}`,
    fit,
    format,
    ...(crop ? [`crop-${crop.x},${crop.y},${crop.width},${crop.height}`] : []),
    ...(focus ? [`focus-${focus.x},${focus.y}`] : []),
  ].join("-");
}

/** Members of metadata that speak of the crop and can't be read. */
export function unreadableAim(metadata: Metadata): string[] {
  const given = (name: string) => ownMember(metadata, name) !== undefined;
  return [
    ...(given(focusMember) && !readFocus(metadata) ? [focusMember] : []),
    ...(given(cropMember) && !readCrop(metadata) ? [cropMember] : []),
  ];
}
