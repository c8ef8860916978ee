const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A moment as one reads it on an invitation: `Saturday, 5 December 2026 at 18:00`, in the reader's own time. */
export const momentWords = (time: string): string =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short" }).format(new Date(time));

/** How long it is until then: `in 9 days`, `in 20 minutes`, `any moment now`. */
export function untilWords(time: string, nowMs: number): string {
  const leftMs = Date.parse(time) - nowMs;
  if (leftMs < minuteMs) return "any moment now";
  const [count, unit] =
    leftMs < hourMs
      ? [Math.round(leftMs / minuteMs), "minute"]
      : leftMs < 2 * dayMs
        ? [Math.round(leftMs / hourMs), "hour"]
        : [Math.round(leftMs / dayMs), "day"];
  return `in ${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** How many photos there are, in words. */
export const photosWords = (count: number): string =>
  count === 0 ? "no photos yet" : count === 1 ? "1 photo" : `${count.toLocaleString("en")} photos`;

export const shotsWords = (count: number): string =>
  count === 1 ? "1 shot" : `${count.toLocaleString("en")} shots`;
