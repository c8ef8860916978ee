import type { VideoFacts } from "./inspection.ts";

/** What a film's container says; or, in words, why it is none. */
export type FilmContainer = VideoFacts | FilmDamage;

export type FilmDamage =
  | "it ends too early"
  | "it has no list of its contents"
  | "it holds neither pictures nor sound"
  | "its list of contents can't be read";

/** No film is longer than a month. */
const maxDurationMs = 31 * 24 * 3600 * 1000;
const maxSidePixels = 65_535;

/** Facts without what can't be so. */
export function plausibleFacts({
  durationMs,
  width,
  height,
}: Record<"durationMs" | "width" | "height", number | undefined>): VideoFacts {
  const isWithin = (value: number | undefined, most: number): value is number =>
    value !== undefined && Number.isFinite(value) && Math.round(value) > 0 && value <= most;
  return {
    ...(isWithin(durationMs, maxDurationMs) ? { durationMs: Math.round(durationMs) } : {}),
    ...(isWithin(width, maxSidePixels) && isWithin(height, maxSidePixels)
      ? { width: Math.round(width), height: Math.round(height) }
      : {}),
  };
}
