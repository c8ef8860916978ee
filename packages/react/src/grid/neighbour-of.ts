import { type GridLayout, rowAt, rowOf, type TilesRow, tilesOf } from "./justified-rows.ts";

export interface Direction {
  /** How far a page goes, in pixels. */
  readonly pageHeight: number;
  /** Lines run from right to left. */
  readonly isRightToLeft: boolean;
}

/** The item that a key leads to from another; nothing where there is none, or for another key. */
export function neighbourOf(
  layout: GridLayout,
  index: number,
  key: string,
  { pageHeight, isRightToLeft }: Direction,
): number | undefined {
  const { rows } = layout;
  const last = (rows.at(-1)?.end ?? 0) - 1;
  const within = (target: number) => (target >= 0 && target <= last ? target : undefined);
  const forwards = isRightToLeft ? -1 : 1;
  const at = rowOf(layout, index);
  switch (key) {
    case "ArrowLeft":
      return within(index - forwards);
    case "ArrowRight":
      return within(index + forwards);
    case "Home":
      return within(0);
    case "End":
      return within(last);
    case "ArrowUp":
      return nearestIn(layout, index, tilesFrom(layout, at - 1, -1));
    case "ArrowDown":
      return nearestIn(layout, index, tilesFrom(layout, at + 1, 1));
    case "PageUp":
    case "PageDown": {
      const step = key === "PageUp" ? -1 : 1;
      const aimed = rowAt(layout, (rows[at]?.top ?? 0) + step * pageHeight);
      // One row at least, and at the end none further.
      const far = step < 0 ? Math.min(aimed, at - 1) : Math.max(aimed, at + 1);
      return nearestIn(layout, index, tilesFrom(layout, far, step) ?? tilesFrom(layout, far - step, -step));
    }
    default:
      return undefined;
  }
}

/** The first row of items from one on. */
function tilesFrom({ rows }: GridLayout, from: number, step: number): TilesRow | undefined {
  for (let at = from; ; at += step) {
    const row = rows[at];
    if (row?.kind !== "section") return row;
  }
}

/** That of a row which is nearest to being under or above another item. */
function nearestIn(layout: GridLayout, index: number, row: TilesRow | undefined): number | undefined {
  const own = layout.rows[rowOf(layout, index)];
  if (!row || own?.kind !== "tiles" || row.first === own.first) return undefined;
  const middleOf = ({ start, width }: { start: number; width: number }) => start + width / 2;
  const from = tilesOf(layout, own)[index - own.first];
  if (!from) return undefined;
  const distance = (tile: { start: number; width: number }) => Math.abs(middleOf(tile) - middleOf(from));
  return tilesOf(layout, row).reduce((nearest, tile) => (distance(tile) < distance(nearest) ? tile : nearest))
    .index;
}
