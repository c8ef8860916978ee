import type { GridMeasures } from "./justified-rows.ts";

/** How tall rows are and how far apart, for a width: three small pictures side by side on a phone, six on a desk. */
export function measuresOf(width: number): Omit<GridMeasures, "width"> {
  if (width < 480) return { rowHeight: 118, gap: 4, sectionHeight: 52 };
  if (width < 900) return { rowHeight: 164, gap: 6, sectionHeight: 60 };
  if (width < 1700) return { rowHeight: 204, gap: 8, sectionHeight: 64 };
  return { rowHeight: 236, gap: 8, sectionHeight: 64 };
}
